"""Drafts of options: what is done, how much of it, at what cost, and how the position is judged after it."""

from msgspec import Struct

from adlrisk.domain.planning.costs.cost import close_fill, cost_of, open_fill
from adlrisk.domain.planning.costs.slippage import Fill
from adlrisk.domain.planning.held import Held
from adlrisk.domain.planning.option import CLOSING_SIDES, Cost, OptionName, ResizedOrder, resize_orders
from adlrisk.domain.planning.sentences import list_unchanged
from adlrisk.domain.planning.situation import Situation
from adlrisk.domain.planning.target import Judged
from adlrisk.domain.scoring.advice.action import Unit
from adlrisk.domain.scoring.signals import SignalName


class Draft(Struct, frozen=True, kw_only=True):
    """An option, with what is held after it; ``after`` is ``None`` where nothing is."""

    action: OptionName
    amount: float | None
    unit: Unit | None
    cost: Cost
    held: Held
    after: Judged | None
    reaches_target: bool
    turns_off: tuple[SignalName, ...]
    does_not_change: tuple[str, ...]
    orders: tuple[ResizedOrder, ...]


def draft_margin(situation: Situation, held: Held, amount: float) -> Draft:
    """The option to add ``amount``, after which ``held`` is held."""
    return _draft(situation, "add_margin", held, amount=amount, unit="settlement", margin=amount)


def draft_smaller(situation: Situation, held: Held, closed: float) -> Draft:
    """The option to close ``closed`` contracts."""
    fills = (close_fill(held.position, closed),)
    return _draft(situation, "reduce_size", held, amount=closed, unit="contracts", fills=fills)


def draft_same(situation: Situation, action: OptionName) -> Draft:
    """An option that changes nothing of the score: less of an isolated position, or a hedge elsewhere."""
    held, position = situation.held, situation.held.position
    if action == "hedge":
        fills = (open_fill(position, position.size),)
        cost = Cost(margin=None, fees=cost_of(position, fills, situation.terms).fees, slippage=None)
        return _draft(situation, action, held, amount=position.size, unit="contracts", cost=cost)
    return _draft(situation, action, held)


def draft_roll(situation: Situation, held: Held) -> Draft:
    """The option to close all and open the same again at mark."""
    position = held.position
    fills = (close_fill(position, position.size), open_fill(position, position.size))
    return _draft(situation, "roll", held, amount=position.size, unit="contracts", fills=fills)


def draft_roll_and_margin(situation: Situation, held: Held, amount: float) -> Draft:
    """The options to roll all and to add ``amount``, together."""
    position = held.position
    fills = (close_fill(position, position.size), open_fill(position, position.size))
    return _draft(situation, "roll_and_add_margin", held, amount=amount, unit="settlement", fills=fills, margin=amount)


def draft_roll_and_smaller(situation: Situation, held: Held, closed: float) -> Draft:
    """The options to close all and to open it again with ``closed`` contracts less."""
    whole, left = situation.held.position, held.position
    fills = (close_fill(whole, whole.size), open_fill(left, left.size))
    return _draft(situation, "roll_and_reduce_size", held, amount=closed, unit="contracts", fills=fills)


def draft_close(situation: Situation) -> Draft:
    """The option to close all: nothing is left to score."""
    position = situation.held.position
    return Draft(
        action="close",
        amount=position.size,
        unit="contracts",
        cost=cost_of(position, (close_fill(position, position.size),), situation.terms),
        held=situation.held,
        after=None,
        reaches_target=True,
        turns_off=tuple(signal.signal for signal in situation.now.score.signals if signal.fired),
        does_not_change=list_unchanged(situation, "close", None),
        orders=_resize(situation, 0.0),
    )


def _draft(
    situation: Situation,
    action: OptionName,
    held: Held,
    *,
    amount: float | None = None,
    unit: Unit | None = None,
    fills: tuple[Fill, ...] = (),
    margin: float = 0.0,
    cost: Cost | None = None,
) -> Draft:
    after = situation.now if held is situation.held else situation.judge(held)
    signals = zip(situation.now.score.signals, after.score.signals, strict=True)
    return Draft(
        action=action,
        amount=amount,
        unit=unit,
        cost=cost or cost_of(held.position, fills, situation.terms, margin=margin),
        held=held,
        after=after,
        reaches_target=situation.reaches(after),
        turns_off=tuple(before.signal for before, now in signals if before.fired and not now.fired),
        does_not_change=list_unchanged(situation, action, after),
        orders=_resize(situation, held.position.size),
    )


def _resize(situation: Situation, left: float) -> tuple[ResizedOrder, ...]:
    side = CLOSING_SIDES[situation.held.position.side]
    return resize_orders(situation.orders, side=side, left=left)
