"""The contracts that a venue lists: loaded once, and again where a position's is not among them."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from adlrisk.positions.readers.reader import Raw
from adlrisk.positions.requests.venue_calls import VenueCalls

_AGAIN_AFTER_SECONDS: Final = 3600.0  # a contract that is delisted stays unlisted, and some lists are megabytes


class ListedContracts:
    """ccxt's markets of an exchange, over many readings."""

    def __init__(self, exchange: Any, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._exchange = exchange
        self._clock = clock
        self._loaded_at: float | None = None

    def load(self, calls: VenueCalls) -> None:
        """Load the contracts, unless they have been.

        Raises:
            AccountError: the venue gave no usable answer.
        """
        calls.call(self._exchange.load_markets)
        if self._loaded_at is None:
            self._loaded_at = self._clock()

    def lacks_any(self, rows: Sequence[Raw]) -> bool:
        """Whether a position is of a contract that is not listed."""
        return any(row.get("symbol") not in self._exchange.markets for row in rows)

    def load_again(self, calls: VenueCalls) -> bool:
        """Load them again, unless that was done within the hour; whether they were loaded."""
        now = self._clock()
        if self._loaded_at is None or now - self._loaded_at < _AGAIN_AFTER_SECONDS:
            return False
        self._loaded_at = now
        return calls.try_call("the contracts that are new", lambda: self._exchange.load_markets(True)) is not None
