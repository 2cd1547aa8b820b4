"""Calls to a venue through ccxt: errors without secrets, and problems where an answer is not essential."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.network_errors import explain_network_error

T = TypeVar("T")


class AccountError(Exception):
    """The account cannot be read; the message says why and contains no secret.

    ``meaning`` says it in a few words, without what the venue wrote.
    """

    def __init__(self, message: str, *, meaning: str | None = None) -> None:
        super().__init__(message)
        self.meaning = meaning or message


class Retries:
    """How often calls of one reading are sent again, together, and how long is waited before."""

    def __init__(self, left: int = 2, *, seconds: float = 1.0, sleep: Callable[[float], object] = time.sleep) -> None:
        self.retry_after: float | None = None  # seconds, once the venue wants fewer calls: its own, or a minute
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

    def __init__(self, credentials: Credentials, *, retries: Retries | None = None, exchange: Any = None) -> None:
        """``retries`` are for network errors that may pass; without them each call is sent once.

        ``exchange`` has the headers of the last answer, which may say when to come back.
        """
        self.problems: list[str] = []
        self._credentials = credentials
        self._retries = retries
        self._exchange = exchange

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
                explained, may_pass = self._explain(error), _may_pass(error)
                self._note_limit(error)
            if not may_pass or self._retries is None or not self._retries.wait():
                raise explained

    def _explain(self, error: Exception) -> AccountError:
        kinds = _list_kinds(error)
        if kinds & _UNREACHABLE and not kinds & _ANSWERED:
            return AccountError(self._credentials.scrub(explain_network_error(error)))
        meaning = next((text for kind, text in _EXPLANATIONS.items() if kind in kinds), _UNUSABLE)
        details = f"{type(error).__name__}: {self._credentials.scrub(str(error))}"
        return AccountError(f"{meaning} ({details})", meaning=meaning)

    def _note_limit(self, error: Exception) -> None:
        if self._retries is None or not _list_kinds(error) & _LIMITED:
            return
        headers: Mapping[str, str] = getattr(self._exchange, "last_response_headers", None) or {}
        seconds = max(_parse_seconds(headers), self._retries.retry_after or 0.0)
        self._retries.retry_after = seconds

    def try_call(self, what: str, call: Callable[[], T]) -> T | None:
        """The result, or ``None`` and a problem: positions are then scored with it unknown."""
        try:
            return self.call(call)
        except AccountError as error:
            self.problems.append(f"{what} could not be read: {error}")
            return None


def _parse_seconds(headers: Mapping[str, str]) -> float:
    """How long the venue wants to be left alone; a minute where it does not say it in seconds."""
    written = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(written) if written.isdecimal() else _LIMITED_SECONDS


def _list_kinds(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _may_pass(error: Exception) -> bool:
    """Whether the same call may succeed in a moment: not where the venue wants fewer calls, or another clock."""
    kinds = _list_kinds(error)
    return bool(kinds & _UNREACHABLE) and not kinds & _NOT_AT_ONCE


_LIMITED_SECONDS: Final = 60.0  # most limits are by the minute
_LIMITED: Final = frozenset({"DDoSProtection", "RateLimitExceeded"})  # ccxt's error classes
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
