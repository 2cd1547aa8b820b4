"""Calls to a venue through ccxt: errors without secrets, and problems where an answer is not essential."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.network_errors import explain_network_error

T = TypeVar("T")


class AccountError(Exception):
    """The account cannot be read; the message says why and contains no secret."""


class Retries:
    """How often calls of one reading are sent again, together, and how long is waited before."""

    def __init__(self, left: int = 2, *, seconds: float = 1.0, sleep: Callable[[float], object] = time.sleep) -> None:
        self._left = left
        self._seconds = seconds
        self._sleep = sleep

    def wait(self) -> bool:
        """Wait for the next try; whether there is one left."""
        if self._left <= 0:
            return False
        self._left -= 1
        self._sleep(self._seconds)
        return True


class VenueCalls:
    """Calls to a venue, and the problems with those that may fail."""

    def __init__(self, credentials: Credentials, *, retries: Retries | None = None) -> None:
        """``retries`` are for network errors that may pass; without them each call is sent once."""
        self.problems: list[str] = []
        self._credentials = credentials
        self._retries = retries

    def call(self, call: Callable[..., T], *arguments: Any) -> T:
        """The result of a call to ccxt.

        Its errors contain signed URLs, and unexpected answers raise errors of any kind; neither may reach a traceback.

        Raises:
            AccountError: the call failed.
        """
        while True:
            try:
                return call(*arguments)
            except Exception as error:  # noqa: BLE001 (see above)
                message, may_pass = self._explain(error), _may_pass(error)
            if not may_pass or self._retries is None or not self._retries.wait():
                raise AccountError(message)

    def _explain(self, error: Exception) -> str:
        kinds = _list_kinds(error)
        if kinds & _UNREACHABLE and not kinds & _ANSWERED:
            return self._credentials.scrub(explain_network_error(error))
        meaning = next((text for kind, text in _EXPLANATIONS.items() if kind in kinds), _UNUSABLE)
        return f"{meaning} ({type(error).__name__}: {self._credentials.scrub(str(error))})"

    def try_call(self, what: str, call: Callable[[], T]) -> T | None:
        """The result, or ``None`` and a problem: positions are then scored with it unknown."""
        try:
            return self.call(call)
        except AccountError as error:
            self.problems.append(f"{what} could not be read: {error}")
            return None


def _list_kinds(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _may_pass(error: Exception) -> bool:
    """Whether the same call may succeed in a moment: not where the venue wants fewer calls, or another clock."""
    kinds = _list_kinds(error)
    return bool(kinds & _UNREACHABLE) and not kinds & _NOT_AT_ONCE


_UNREACHABLE: Final = frozenset({"NetworkError"})  # ccxt's error class
_ANSWERED: Final = frozenset({"DDoSProtection", "RateLimitExceeded", "InvalidNonce", "ExchangeNotAvailable"})
_NOT_AT_ONCE: Final = frozenset({"DDoSProtection", "RateLimitExceeded", "InvalidNonce", "OnMaintenance"})
_UNUSABLE: Final = "the venue's answer cannot be used"
# By ccxt's error class, subclasses first.
_EXPLANATIONS: Final = {
    "PermissionDenied": "the keys lack the permission",
    "AuthenticationError": "the venue does not accept the keys",
    "BadSymbol": "the venue lists no such contract",
    "RateLimitExceeded": "the venue's rate limit was exceeded",
    "DDoSProtection": "the venue's rate limit was exceeded",
    "InvalidNonce": "the venue rejects this machine's clock",
    "ExchangeNotAvailable": "the venue is not available",
}
