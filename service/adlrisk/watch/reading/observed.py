"""What one reading of an account found: its positions with their scores, forced fills, and what could not be read."""

from typing import Literal

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.domain.scoring.band import Band

ForcedKind = Literal["adl", "liquidation"]


class ObservedPosition(Struct, frozen=True, kw_only=True):
    """An open position and its score; ``None`` is what is not known."""

    symbol: str  # the venue's own id of the contract
    side: Side | None
    size: float | None = None  # in contracts, as orders at the venue count
    mark_price: float | None = None
    liquidation_price: float | None = None
    liquidation_distance: float | None = None  # a fraction of the mark price, not negative; 0.0: it is due
    score: int | None = None  # None: it cannot be scored
    score_upper: int | None = None
    band: Band | None = None
    band_upper: Band | None = None
    missing: tuple[str, ...] = ()  # inputs without which the score is a range
    alerts: tuple[str, ...] = ()  # codes of the alerts that are raised
    guidance: str = ""  # what to do, as the answer says it
    first_action: str | None = None  # the answer's most useful action, as a sentence
    not_scored_reason: str | None = None


class ObservedAccount(Struct, frozen=True, kw_only=True):
    """A margin account of cross positions, and how far all marks may move together until it is liquidated."""

    name: str  # its currency
    distance: float | None  # the smaller move, a fraction; 0.0: liquidation is due; None: not known, or there is none
    direction: Literal["fall", "rise"] | None  # of the marks


class OversizedOrder(Struct, frozen=True, kw_only=True):
    """A reduce-only order that is open and larger than what is left of its position."""

    id: str
    side: Literal["buy", "sell"]
    amount: float  # what of it is open, in contracts
    price: float | None  # None: at the market, when it is triggered


class ForcedFill(Struct, frozen=True, kw_only=True):
    """A fill that was no order of the account's owner; one event may be several."""

    id: str  # the venue's: the same in each reading, also of an order that goes on filling
    at: float  # by the venue's clock, seconds since 1970
    symbol: str
    side: Side | None  # of the position that was reduced
    kind: ForcedKind
    size: float | None  # that was closed until now, in contracts
    price: float | None
    left: float | None  # of the position, in contracts, at the reading; 0.0: nothing; None: not known, or not yet
    note: str | None = None  # what the venue's mark cannot tell
    oversized_orders: tuple[OversizedOrder, ...] | None = None  # None: the open orders could not be read


class Reading(Struct, frozen=True, kw_only=True):
    """An account as it was read."""

    account: str
    venue: str
    at: float  # by this machine's clock, seconds since 1970
    positions: tuple[ObservedPosition, ...]
    forced_fills: tuple[ForcedFill, ...] = ()
    fills_until: float | None = None  # by the venue's clock: forced fills until then are known; None: not all were read
    accounts: tuple[ObservedAccount, ...] = ()  # of its cross positions
    is_complete: bool = True  # else a position that is missing may still be open
    unread_fills: tuple[str, ...] = ()  # lists of fills in which an ADL would not be seen now, each with a reason
    problems: tuple[str, ...] = ()  # what else could not be read in addition to the positions
    retry_after: float | None = None  # seconds: the venue wants fewer requests; None: it does not say so


class FailedReading(Struct, frozen=True, kw_only=True):
    """An account that could not be read, or not be scored; in the latter case its forced fills are there."""

    account: str
    venue: str
    at: float  # by this machine's clock, seconds since 1970
    reason: str
    forced_fills: tuple[ForcedFill, ...] = ()
    fills_until: float | None = None
    retry_after: float | None = None  # seconds: the venue wants fewer requests; None: it does not say so
