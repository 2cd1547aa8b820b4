"""Legs of a margin account: what each contributes to the account's figures."""

from msgspec import Struct

from adlrisk.domain.account.room import MovingMaintenance
from adlrisk.domain.position.arithmetic import sign_of
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import derive_with_maintenance
from adlrisk.domain.rules.card import VenueRules


class AccountLeg(Struct, frozen=True, kw_only=True, gc=False):
    """A cross leg; amounts in settlement currency."""

    symbol: str  # legs of one symbol move together
    underlying: str  # legs of one underlying hedge each other
    position: Position
    s: float  # +1 for a long, −1 for a short
    notional: float
    unrealized_pnl: float
    maintenance: float | None  # its own maintenance margin at the mark; None: unknown
    moving: MovingMaintenance | None  # the part of it that moves with the price; None: nothing moves

    @property
    def is_inverse(self) -> bool:
        """Whether it settles in its base currency."""
        return self.position.contract == "inverse"

    @property
    def signed_notional(self) -> float:
        """s·n."""
        return self.s * self.notional


def measure_leg(position: Position, rules: VenueRules, *, symbol: str, underlying: str) -> AccountLeg:
    """What the cross leg ``position`` contributes to its account."""
    rate = position.maintenance_margin_rate
    state, own = derive_with_maintenance(
        position,
        maintenance_margin_rate=rules.maintenance_margin_rate if rate is None else rate,
        maintenance_basis=rules.maintenance_basis,
    )
    moves = own.rate is not None and not own.on_entry
    return AccountLeg(
        symbol=symbol,
        underlying=underlying,
        position=position,
        s=sign_of(position.side),
        notional=state.notional,
        unrealized_pnl=state.unrealized_pnl,
        maintenance=own.total,
        moving=MovingMaintenance((own.rate or 0.0) * state.notional, own.amount) if moves else None,
    )
