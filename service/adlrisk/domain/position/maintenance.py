"""Maintenance margin of the account behind one position, and how it moves with that position's price."""

from typing import Final

from msgspec import Struct

from adlrisk.domain.position.arithmetic import maintenance_requirement
from adlrisk.domain.position.position import MaintenanceBasis, Position


class Maintenance(Struct, frozen=True, kw_only=True, gc=False):
    """The account's maintenance margin as a function of one position's value: max(0, value·m − a) + ``others``."""

    total: float | None  # at the mark, settlement currency; None: neither given nor computable
    is_given: bool = False  # by the request, so that liquidation is due once it is not below equity
    rate: float | None = None  # m; None: unknown, so that all of it stands still
    amount: float = 0.0  # a
    on_entry: bool = False  # whether the value is the one at entry, so that nothing of it moves
    others: float = 0.0  # what stands still while the price moves: the maintenance margin of other positions


UNKNOWN: Final = Maintenance(total=None)


def resolve_maintenance(
    position: Position,
    *,
    notional: float,
    entry_notional: float,
    rate: float | None,
    basis: MaintenanceBasis,
    others: float | None = None,
) -> Maintenance:
    """The maintenance margin in force, settlement currency.

    A ``maintenance_margin`` that was sent is the whole account's: what exceeds the position's own part belongs to
    others and stands still. If it is below the position's own, rate and amount are scaled down to it; without a rate
    all of it stands still. ``rate`` and ``basis`` are those of the venue's card, if the position has none of its own.
    ``others``, if known, is used in its place.
    """
    sent = position.maintenance_margin if others is None else None
    if rate is None:
        standing = sent if others is None else others
        return UNKNOWN if standing is None else Maintenance(total=standing, is_given=True, others=standing)
    on_entry = (position.maintenance_basis or basis) == "entry"
    amount = position.maintenance_amount
    own = maintenance_requirement(entry_notional if on_entry else notional, rate=rate, amount=amount)
    if others is not None:
        return Maintenance(
            total=own + others, is_given=True, rate=rate, amount=amount, on_entry=on_entry, others=others
        )
    if sent is None:
        return Maintenance(total=own, rate=rate, amount=amount, on_entry=on_entry)
    if sent >= own:
        return Maintenance(total=sent, is_given=True, rate=rate, amount=amount, on_entry=on_entry, others=sent - own)
    scale = sent / own
    return Maintenance(total=sent, is_given=True, rate=rate * scale, amount=amount * scale, on_entry=on_entry)
