"""What is held: a position with what backs it, and the same after margin is added, or size is closed or rolled at mark.

Every change gives what a request would say afterwards, so that it can be scored as any other. Fees are left out.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from adlrisk.domain.account.figures import GivenFigures
from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE
from adlrisk.domain.position.position import Position

_POSITIVE: Final = ("size", "margin", "maintenance_margin")
_SIGNED: Final = ("equity", "wallet_balance")
_BACKING: Final = ("margin", "equity", "wallet_balance", "maintenance_margin")


class Held(Struct, frozen=True, kw_only=True, gc=False):
    """A position as a request gives it; ``account`` is given for a cross leg, whose account backs it."""

    position: Position
    account: GivenFigures | None = None


# The maintenance margin of all that is held, by its own rates, settlement currency; None: unknown.
OwnMaintenance = Callable[[Held], float | None]


def add_margin(held: Held, amount: float) -> Held:
    """``held`` with ``amount`` more behind it; its equity must be known."""
    position, account = held.position, held.account
    if account is not None:
        return Held(
            position=position,
            account=msgspec.structs.replace(
                account, wallet_balance=_plus(account.wallet_balance, amount), equity=_plus(account.equity, amount)
            ),
        )
    margin, equity = margin_given(position), _plus(position.equity, amount)
    backed = msgspec.structs.replace(
        position,
        equity=equity,
        margin=_plus(margin, amount) if equity is None else None,
        leverage=None,
        wallet_balance=_plus(position.wallet_balance, amount),
    )
    return Held(position=backed)


def reduce_size(
    held: Held, left: float, *, equity: float, own: OwnMaintenance, fill_price: float | None = None
) -> Held:
    """``held`` with only ``left`` contracts of its position: the rest is closed, at mark, and all equity stays.

    At another ``fill_price`` equity rises by what that is better than the mark.
    """
    position, account = held.position, held.account
    closed = position.size - left
    realized, gained = pnl_of(position, closed), 0.0
    if fill_price is not None:
        realized = pnl_of(msgspec.structs.replace(position, mark_price=fill_price), closed)
        gained = realized - pnl_of(position, closed)
    tier = shrink_amount(position, left)
    if account is not None:
        changed = Held(
            position=_change(position, size=left, maintenance_amount=tier),
            account=msgspec.structs.replace(
                account, wallet_balance=_plus(account.wallet_balance, realized), equity=_plus(account.equity, gained)
            ),
        )
    else:
        wallet = _plus(position.wallet_balance, realized)
        backed = {"equity": equity + gained, "margin": None, "leverage": None, "wallet_balance": wallet}
        changed = Held(position=_change(position, size=left, maintenance_amount=tier, **backed))
    return _carry_maintenance(held, changed, own)


def roll(held: Held, *, equity: float | None, own: OwnMaintenance) -> Held | None:
    """``held`` closed and opened again at mark; ``None`` where too little is left to open anything."""
    position, account = held.position, held.account
    if equity is not None and equity < SMALLEST_POSITIVE:
        return None
    realized = pnl_of(position, position.size)
    if account is not None:
        changed = Held(
            position=_change(position, entry_price=position.mark_price),
            account=msgspec.structs.replace(account, wallet_balance=_plus(account.wallet_balance, realized)),
        )
    else:
        margin = None if position.equity is not None else equity
        changed = Held(
            position=_change(
                position,
                entry_price=position.mark_price,
                margin=margin,
                leverage=None,
                wallet_balance=_plus(position.wallet_balance, realized),
            )
        )
    return _carry_maintenance(held, changed, own)


def release(held: Held, left: float) -> Held:
    """``held``, which is isolated, with only ``left`` contracts: what is closed takes its share of what backs it."""
    position = held.position
    share = left / position.size
    changed = _change(
        position,
        size=left,
        maintenance_amount=position.maintenance_amount * share,
        **{name: _times(getattr(position, name), share) for name in _BACKING},
    )
    return Held(position=changed)


def resize(held: Held, size: float, *, own: OwnMaintenance) -> Held:
    """A candidate with another size, all else as it is: what backs it, too, where only a leverage was given."""
    position, tier = held.position, shrink_amount(held.position, size)
    changed = _change(position, size=size, maintenance_amount=tier)
    if held.account is None and position.equity is None:
        changed = msgspec.structs.replace(changed, margin=margin_given(position), leverage=None)
    return _carry_maintenance(held, Held(position=changed, account=held.account), own)


def forget_meter(held: Held) -> Held:
    """``held`` without readings of the venue's meter, which no amount depends on."""
    return Held(
        position=msgspec.structs.replace(held.position, adl_meter=None, adl_meter_before=None), account=held.account
    )


def is_within_bounds(held: Held) -> bool:
    """Whether every number that a change may have moved is one that a request may have."""
    position, account = held.position, held.account
    positive = [getattr(position, name) for name in _POSITIVE]
    signed = [getattr(position, name) for name in _SIGNED]
    if account is not None:
        positive.append(account.maintenance_margin)
        signed += [account.wallet_balance, account.equity]
    return all(value is None or SMALLEST_POSITIVE <= value <= LARGEST for value in positive) and all(
        value is None or abs(value) <= LARGEST for value in signed
    )


def margin_given(position: Position) -> float | None:
    """The margin as it is given, or as it follows from the leverage that is; ``None`` without either."""
    if position.margin is not None or position.leverage is None:
        return position.margin
    entry_value: float = notional_value(
        position.size * position.contract_size, position.entry_price, inverse=position.contract == "inverse"
    )
    return entry_value / position.leverage


def shrink_amount(position: Position, size: float) -> float:
    """The maintenance amount of the position's tier for another size of it.

    A smaller one may be of another tier, whose figures nobody has sent. In proportion it is as much of the maintenance
    margin as the smaller size can need: tiers only ever ask less of less.
    """
    return position.maintenance_amount * min(1.0, size / position.size)


def pnl_of(position: Position, size: float) -> float:
    """The unrealized PnL of ``size`` contracts of the position, settlement currency."""
    entry, mark = position.entry_price, position.mark_price
    gain = price_gain(sign_of(position.side), entry, mark)
    inverse = position.contract == "inverse"
    pnl: float = unrealized_pnl(size * position.contract_size, gain, entry=entry, mark=mark, inverse=inverse)
    return pnl


def _change(position: Position, **changes: object) -> Position:
    """The position with ``changes``, and without the venue's own figures, which are those from before."""
    return msgspec.structs.replace(position, notional=None, unrealized_pnl=None, **changes)


def _plus(amount: float | None, more: float) -> float | None:
    return None if amount is None else amount + more


def _times(amount: float | None, share: float) -> float | None:
    return None if amount is None else amount * share


def _carry_maintenance(before: Held, after: Held, own: OwnMaintenance) -> Held:
    """``after`` with the maintenance margin that was sent less or more by what its own part has changed.

    What belongs to other positions stands still. One that was below the own part keeps its proportion to it.
    """
    sent = before.position.maintenance_margin if before.account is None else before.account.maintenance_margin
    if sent is None:
        return after
    old, new = own(_with_maintenance(before, None)), own(_with_maintenance(after, None))
    if old is None or new is None:
        return after
    due = new + (sent - old) if sent >= old else new * (sent / old)
    return _with_maintenance(after, due if due >= SMALLEST_POSITIVE else None)


def _with_maintenance(held: Held, amount: float | None) -> Held:
    if held.account is None:
        return Held(position=msgspec.structs.replace(held.position, maintenance_margin=amount))
    account = msgspec.structs.replace(held.account, maintenance_margin=amount)
    return Held(position=held.position, account=account)
