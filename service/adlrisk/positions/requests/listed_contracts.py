"""The contracts that a venue lists: loaded once, and again where a position's is not among them."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from adlrisk.positions.readers.reader import Raw
from adlrisk.positions.requests.venue_calls import VenueCalls

_AGAIN_AFTER_SECONDS: Final = 3600.0  # a contract that is delisted stays unlisted, and some lists are megabytes
_ANEW: Final = (True,)  # ccxt's parameter, which would return those that are loaded


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

    def find(self, symbol: str) -> Raw | None:
        """The contract with the venue's own id, which ccxt may write otherwise; ``None`` if it is not known."""
        markets: dict[str, Raw] = self._exchange.markets or {}
        return next((market for market in markets.values() if _names(market, symbol)), None)

    def lacks_any(self, rows: Sequence[Raw]) -> bool:
        """Whether a position is of a contract that is not listed."""
        return any(row.get("symbol") not in self._exchange.markets for row in rows)

    def load_again(self, calls: VenueCalls) -> bool:
        """Load them again, unless that was done within the hour; whether they were loaded."""
        now = self._clock()
        if self._loaded_at is None or now - self._loaded_at < _AGAIN_AFTER_SECONDS:
            return False
        self._loaded_at = now
        return calls.try_call("the contracts that are new", partial(self._exchange.load_markets, *_ANEW)) is not None


def _names(market: Raw, symbol: str) -> bool:
    """Whether the contract has this id, in any case; at Hyperliquid its coin is the id of positions and fills."""
    if not (market.get("swap") or market.get("future")):
        return False
    return symbol.upper() in {str(market.get(field)).upper() for field in ("id", "baseName")}
