"""Calls to a venue through ccxt: errors without secrets, and problems where an answer is not essential."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.network_errors import explain_network_error

T = TypeVar("T")


class AccountError(Exception):
    """The account cannot be read; the message says why and contains no secret."""


class VenueCalls:
    """Calls to a venue, and the problems with those that may fail."""

    def __init__(self, credentials: Credentials) -> None:
        self.problems: list[str] = []
        self._credentials = credentials

    def call(self, call: Callable[..., T], *arguments: Any) -> T:
        """The result of a call to ccxt.

        Its errors contain signed URLs, and unexpected answers raise errors of any kind; neither may reach a traceback.

        Raises:
            AccountError: the call failed.
        """
        try:
            return call(*arguments)
        except Exception as error:  # noqa: BLE001 (see above)
            message = self._explain(error)
        raise AccountError(message)

    def _explain(self, error: Exception) -> str:
        kinds = {kind.__name__ for kind in type(error).__mro__}
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


_UNREACHABLE: Final = frozenset({"NetworkError"})  # ccxt's error class
_ANSWERED: Final = frozenset({"DDoSProtection", "RateLimitExceeded", "InvalidNonce", "ExchangeNotAvailable"})
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
