"""The observations that calls to a venue return, their failures, and the protocol of an exchange."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final, Literal, Protocol, get_args

from msgspec import Struct

from adlrisk.domain.position.market import MarketRecord

CallName = Literal[
    "contract",
    "tiers",
    "funding",
    "mark",
    "depth",
    "liquidations",
    "insurance",
    "adl",
    "rating",
    "open_interest",
    "clock",
]
Outcome = Literal["ok", "rate-limited", "unavailable", "timeout", "refused", "unreadable"]
Why = Literal["missing", "mistyped", "absurd", "stale"]

CALLS: Final[tuple[CallName, ...]] = get_args(CallName)


class LeftOutField(Struct, frozen=True, kw_only=True):
    """A field that the venue's answer should contain and that cannot be used."""

    field: str  # its name in a record; or depth, liquidations, pool, open_interest, clock
    why: Why


class Liquidation(Struct, frozen=True, kw_only=True, order=True):
    """A liquidation at a venue. Equal ones are one that was reported twice."""

    at: datetime
    side: Literal["long", "short"]  # of the position that was closed
    price: float
    notional: float  # quote currency: base times price, or the contracts' face value (inverse)


class InsurancePool(Struct, frozen=True, kw_only=True):
    """The insurance pool behind a contract, and the ratios at which the venue deleverages."""

    balance: float
    pnl_ratio: float | None = None  # PnL of the contract below its 8-hour peak, over the largest balance in 8 hours
    trigger_balance: float | None = None  # at or below it only an empty pool triggers
    starts_at: float | None = None
    stops_above: float | None = None


class FundReading(Struct, frozen=True, kw_only=True):
    """When the balance in ``market`` held, by the venue, and how many contracts the fund covers.

    The number tells a fund from another: a venue may move a contract to a fund of its own, whose balance is no fall of
    the former.
    """

    at: datetime
    contracts: int


class Observation(Struct, frozen=True, kw_only=True):
    """The parsed answer to one call about one contract.

    ``market`` holds the fields that go into the record unchanged, all others ``None``; the rest is processed first.
    """

    market: MarketRecord = MarketRecord()
    depths: Mapping[int, float] = {}  # of the thinner side, by basis points around mid that the book reaches; quote
    depth_sizes: Mapping[int, float] = {}  # the same in contracts
    liquidations: tuple[Liquidation, ...] = ()
    covered_since: datetime | None = None  # ``liquidations`` are all that happened from then until now
    pool: InsurancePool | None = None
    fund: FundReading | None = None
    # In a unit of the venue's, always the same for one contract; the contracts of a side, if known, are in ``market``.
    open_interest: float | None = None
    venue_time: datetime | None = None  # by the venue's clock
    left_out: tuple[LeftOutField, ...] = ()


class FetchError(Exception):
    """A venue gave no usable answer."""

    def __init__(self, outcome: Outcome, detail: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome: Outcome = outcome
        self.retry_after_seconds = retry_after_seconds


class UnknownMarketError(ValueError):
    """The venue lists no perpetual of that name; the message quotes it."""


class Exchange(Protocol):
    """A venue that answers calls about contracts, named as ccxt names them: ``BTC/USDT:USDT``."""

    venue: str  # of the catalogue

    @property
    def calls(self) -> frozenset[CallName]:
        """The calls that the venue answers."""

    @property
    def streams_liquidations(self) -> bool:
        """Whether ``stream_liquidations`` is available."""

    async def load_markets(self) -> None:
        """Read the list of contracts; may be called again.

        Raises:
            FetchError: the venue gave no usable answer.
        """

    def symbol_of(self, market: str) -> str:
        """The venue's own id of the contract.

        Raises:
            UnknownMarketError: it is not a perpetual of this venue.
        """

    async def fetch(self, call: CallName, market: str, *, now: datetime) -> Observation:
        """The answer to one call, without retries.

        Raises:
            FetchError: the venue gave no usable answer.
        """

    def stream_liquidations(self, market: str) -> AsyncIterator[Observation]:
        """Liquidations as they happen.

        An observation at least every few seconds while the stream is known to be alive, each covering the time since
        the one before; the first covers nothing.

        Raises:
            FetchError: the stream has ended.
        """

    async def close(self) -> None:
        """Close all connections."""
