"""Legs of a margin account: what each contributes to the account's figures."""

from msgspec import Struct

from adlrisk.domain.account.room import MovingMaintenance
from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.position.maintenance import resolve_maintenance
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import VenueRules


class AccountLeg(Struct, frozen=True, kw_only=True, gc=False):
    """A leg as a part of its account; amounts in settlement currency."""

    symbol: str  # legs of one symbol move together
    underlying: str  # legs of one underlying hedge each other
    s: float  # +1 for a long, −1 for a short
    is_inverse: bool
    entry_price: float
    mark_price: float
    notional: float
    signed_notional: float  # s·n
    unrealized_pnl: float
    maintenance: float | None  # its own maintenance margin at the mark; None: unknown
    moving: MovingMaintenance | None  # the part of it that moves with the price; None: nothing moves


def measure_leg(position: Position, rules: VenueRules, *, symbol: str, underlying: str) -> AccountLeg:
    """What ``position`` contributes to its account."""
    s, inverse = sign_of(position.side), position.contract == "inverse"
    q, entry, mark = position.size * position.contract_size, position.entry_price, position.mark_price
    notional = notional_value(q, mark, inverse=inverse)
    rate = position.maintenance_margin_rate
    own = resolve_maintenance(
        position,
        notional=notional,
        entry_notional=notional_value(q, entry, inverse=inverse),
        rate=rules.maintenance_margin_rate if rate is None else rate,
        basis=rules.maintenance_basis,
    )
    moves = own.rate is not None and not own.on_entry
    return AccountLeg(
        symbol=symbol,
        underlying=underlying,
        s=s,
        is_inverse=inverse,
        entry_price=entry,
        mark_price=mark,
        notional=notional,
        signed_notional=s * notional,
        unrealized_pnl=unrealized_pnl(q, price_gain(s, entry, mark), entry=entry, mark=mark, inverse=inverse),
        maintenance=own.total,
        moving=MovingMaintenance((own.rate or 0.0) * notional, own.amount) if moves else None,
    )
