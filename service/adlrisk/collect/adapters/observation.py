"""What asking a venue brings: what was found, what was left out and why, or why nothing came."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final, Literal, Protocol, get_args

from msgspec import Struct

from adlrisk.domain.position.market import MarketRecord

CallName = Literal["contract", "tiers", "funding", "mark", "depth", "liquidations", "insurance", "adl", "clock"]
Outcome = Literal["ok", "rate-limited", "unavailable", "timeout", "refused", "unreadable"]
Why = Literal["missing", "mistyped", "absurd", "stale"]

CALLS: Final[tuple[CallName, ...]] = get_args(CallName)


class LeftOut(Struct, frozen=True, kw_only=True):
    """A field that the venue's answer should have held and that goes into no record."""

    field: str  # the name in a record; or depth, liquidations, pool, clock
    why: Why


class Liquidation(Struct, frozen=True, kw_only=True, order=True):
    """One forced close at a venue; two that are equal are one that was told twice."""

    at: datetime
    side: Literal["long", "short"]  # of the position that was closed
    price: float
    notional: float  # quote currency: base times price, or the contracts' face value (inverse)


class Pool(Struct, frozen=True, kw_only=True):
    """What a venue says of the insurance pool behind a contract, and of when it would deleverage."""

    balance: float
    pnl_ratio: float | None = None  # PnL of the contract below its 8-hour peak, over the largest balance in 8 hours
    trigger_balance: float | None = None  # at or below it only an empty pool triggers
    starts_at: float | None = None
    stops_above: float | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """What one call found about one contract.

    ``market`` holds what goes into the record as it is, everything else ``None``; the rest is worked on first. A depth
    is that of the thinner side.
    """

    market: MarketRecord = MarketRecord()
    depths: Mapping[int, float] = {}  # by basis points around mid, as far as the book reaches; quote currency
    liquidations: tuple[Liquidation, ...] = ()
    covered_since: datetime | None = None  # ``liquidations`` are all there were from then until now
    pool: Pool | None = None
    venue_time: datetime | None = None  # the venue's own clock
    left_out: tuple[LeftOut, ...] = ()


class FetchError(Exception):
    """A venue did not give what it was asked for."""

    def __init__(self, outcome: Outcome, detail: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome: Outcome = outcome
        self.retry_after_seconds = retry_after_seconds


class UnknownMarketError(ValueError):
    """The venue lists no perpetual under that name; the message says what it was."""


class Exchange(Protocol):
    """A venue, asked about contracts by their names in ccxt, such as ``BTC/USDT:USDT``."""

    venue: str  # of the catalogue

    @property
    def calls(self) -> frozenset[CallName]:
        """What can be asked; ``liquidations`` is among them where they are asked for."""

    @property
    def tells_liquidations(self) -> bool:
        """Whether they are told by a stream, see ``listen``."""

    async def open(self) -> None:
        """Read which contracts there are. May be called again.

        Raises:
            FetchError: the venue did not answer.
        """

    def symbol_of(self, market: str) -> str:
        """The venue's own id of the contract.

        Raises:
            UnknownMarketError: it is no perpetual of this venue.
        """

    async def fetch(self, call: CallName, market: str, *, now: datetime) -> Finding:
        """Ask once, without trying again.

        Raises:
            FetchError: nothing usable came.
        """

    def listen(self, market: str) -> AsyncIterator[Finding]:
        """Liquidations as they happen.

        A finding at least every few seconds while the stream is known to be alive, each covering the time since
        the one before; the first covers nothing.

        Raises:
            FetchError: the stream has ended.
        """

    async def close(self) -> None:
        """Let go of all connections."""
