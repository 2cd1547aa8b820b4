"""Open positions of an account, as far as their venue's answers say what they are."""

from msgspec import Struct

from adlrisk.domain.position.position import MarginMode, Position


class Currencies(Struct, frozen=True, kw_only=True):
    """The currencies of a contract; ``None`` where the venue does not name them."""

    base: str | None
    quote: str | None
    settle: str | None


class OpenPosition(Struct, frozen=True, kw_only=True):
    """One open position of an account."""

    symbol: str  # the venue's own id of the contract
    market: str  # ccxt's name of it
    side: str | None
    margin_mode: MarginMode | None
    currencies: Currencies | None = None  # None: the venue lists no such contract
    separate_account: str | None = None  # the name of a margin account that is not the venue's main one
    position: Position | None = None  # without what backs it, unless that is its own; None: it cannot be scored
    contradiction: str | None = None  # figures that contradict each other: its size does not count in any sum
    size: float | None = None  # as the venue has it, in contracts, also where the position cannot be scored
    liquidation_price: float | None = None  # the venue's, where the mark has not passed it
    passed_liquidation_price: float | None = None  # the venue's, where it has: liquidation is due
    adl_meter: float | None = None  # the reading, also where the position cannot be scored
    assumptions: tuple[str, ...] = ()
    not_scored_reason: str | None = None
    is_requested: bool = True  # else it is known only as a part of the account

    @property
    def name(self) -> str:
        """The contract and the side."""
        return f"{self.symbol} {self.side or ''}".rstrip()
