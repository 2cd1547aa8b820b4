"""The options of a plan: the least of each that reaches the target, alone or in pairs, and the cheapest first."""

from collections.abc import Callable

from adlrisk.domain.planning.draft import (
    Draft,
    draft_close,
    draft_margin,
    draft_roll,
    draft_roll_and_margin,
    draft_roll_and_smaller,
    draft_same,
    draft_smaller,
)
from adlrisk.domain.planning.held import Held, add_margin, is_within_bounds, reduce_size, release, roll
from adlrisk.domain.planning.search.least import Turns, find_least
from adlrisk.domain.planning.search.steps import LotSteps, count_margin_steps, margin_of_steps, step_size, steps_of
from adlrisk.domain.planning.situation import Situation

# What is held after a number of steps: of margin, or of lots closed.
Stepped = Callable[[int], Held | None]


def list_options(situation: Situation) -> Turns[list[Draft]]:
    """The options that apply, in order; none where the target is reached already.

    Raises:
        RefusedError: the position is no whole number of the lots that the request gives.
    """
    lots = step_size(situation.held.position.size, situation.terms)
    if situation.reaches(situation.now):
        return []
    rolled = _roll(situation, situation.held)
    singles = [
        (yield from _find_margin(situation)),
        (yield from _find_smaller(situation, lots)),
        draft_roll(situation, rolled) if rolled is not None and situation.meets(rolled, _anything) else None,
    ]
    found = [option for option in singles if option is not None]
    if not any(option.reaches_target for option in found):
        pairs = [
            (yield from _find_roll_and_margin(situation)),
            (yield from _find_roll_and_smaller(situation, rolled, lots)),
        ]
        found += [option for option in pairs if option is not None]
    found += [draft_close(situation), draft_same(situation, "hedge")]
    return sorted(found, key=lambda option: _rank(option, situation))


def _rank(option: Draft, situation: Situation) -> tuple[bool, bool, float, float]:
    """Reaching first, then fees and slippage, then margin; what the depth cannot fill comes after what it can."""
    cost = option.cost
    unfilled = situation.terms.depth is not None and cost.slippage is None
    return not option.reaches_target, unfilled, cost.fees + (cost.slippage or 0.0), cost.margin or 0.0


def _find_margin(situation: Situation) -> Turns[Draft | None]:
    """The least margin; ``None`` where margin turns nothing off, or nobody knows what there is."""
    if situation.now.score.state.equity is None:
        return None
    found = yield from _find_margin_steps(situation, lambda held: held)
    if found is None:
        return None
    steps, held = found
    return draft_margin(situation, held, margin_of_steps(steps, situation.terms))


def _find_smaller(situation: Situation, lots: LotSteps) -> Turns[Draft | None]:
    """The fewest lots; of an isolated position, whose ratios they leave alone, those that move it back in the queue."""
    if situation.is_cross:
        found = yield from _find_lots(situation, situation.held, lots)
    elif situation.target.leave_fifth is not None:
        found = yield from _find_released_lots(situation, lots)
    else:
        found = None
    if found is None:
        return None if situation.is_cross else draft_same(situation, "reduce_size")
    closed, held = found
    return draft_smaller(situation, held, lots.closed(closed))


def _find_released_lots(situation: Situation, lots: LotSteps) -> Turns[tuple[int, Held] | None]:
    """The fewest lots of an isolated position that leave a fifth: the share before it rises as the queue shrinks."""

    def after(closed: int) -> Held:
        return release(situation.held, lots.left(closed))

    return (yield from _find_steps(situation, after, guess=1, largest=lots.count - 1, only_reaching=True))


def _find_roll_and_margin(situation: Situation) -> Turns[Draft | None]:
    """The least margin that reaches the target together with a roll."""
    if situation.now.score.state.equity is None or not situation.gains_by_roll():
        return None
    found = yield from _find_margin_steps(situation, lambda held: _roll(situation, held), only_reaching=True)
    if found is None:
        return None
    steps, held = found
    return draft_roll_and_margin(situation, held, margin_of_steps(steps, situation.terms))


def _find_roll_and_smaller(situation: Situation, rolled: Held | None, lots: LotSteps) -> Turns[Draft | None]:
    """The fewest lots that reach the target if they are left out as the position is opened again."""
    if rolled is None or not situation.is_cross:
        return None
    found = yield from _find_lots(situation, rolled, lots, only_reaching=True)
    if found is None:
        return None
    closed, held = found
    return draft_roll_and_smaller(situation, held, lots.closed(closed))


def _find_margin_steps(
    situation: Situation, then: Callable[[Held], Held | None], *, only_reaching: bool = False
) -> Turns[tuple[int, Held] | None]:
    """The least steps of margin that meet the first goal that margin can meet, and what is held ``then``."""
    held, terms = situation.held, situation.terms

    def after(steps: int) -> Held | None:
        return then(add_margin(held, margin_of_steps(steps, terms)))

    guess = steps_of(_guess_margin(situation), terms.margin_step)
    largest = count_margin_steps(held, terms)
    return (yield from _find_steps(situation, after, guess=guess, largest=largest, only_reaching=only_reaching))


def _find_lots(
    situation: Situation, held: Held, lots: LotSteps, *, only_reaching: bool = False
) -> Turns[tuple[int, Held] | None]:
    """The fewest lots of ``held`` that meet the first goal that closing can meet, and what is held then."""
    equity = situation.now.score.state.equity
    if equity is None:
        return None

    def after(closed: int) -> Held:
        return reduce_size(held, lots.left(closed), equity=equity, own=situation.own_maintenance)

    largest = lots.count - 1
    guess = steps_of(_guess_share(situation) * lots.count, 1.0)
    return (yield from _find_steps(situation, after, guess=guess, largest=largest, only_reaching=only_reaching))


def _find_steps(
    situation: Situation, after: Stepped, *, guess: int, largest: int, only_reaching: bool
) -> Turns[tuple[int, Held] | None]:
    most = after(largest) if largest >= 1 else None
    if most is None or not is_within_bounds(most):
        return None
    for goal in [situation.reaches] if only_reaching else situation.goals(situation.judge(most)):
        yield
        if not situation.meets(most, goal):
            continue  # what the most does not do, no less does
        steps = yield from find_least(
            lambda steps, goal=goal: situation.meets(after(steps), goal),  # type: ignore[misc]
            guess=guess,
            largest=largest,
        )
        held = None if steps is None else after(steps)
        if steps is not None and held is not None:
            return steps, held
    return None


def _guess_margin(situation: Situation) -> float:
    """About the margin that turns off leverage and the top-heavy half of profit."""
    score, limits = situation.now.score, situation.thresholds
    equity = score.state.equity or 0.0
    needed = [0.0]
    if situation.is_levered(score):
        needed.append(_exposure(situation) / limits.leverage.reached_from - equity)
    if situation.is_top_heavy(score):
        needed.append(score.state.unrealized_pnl / limits.top_heavy_share.reached_from - equity)
    return max(needed)


def _guess_share(situation: Situation) -> float:
    """About the share of the position whose closing does."""
    score, limits = situation.now.score, situation.thresholds
    equity = score.state.equity or 0.0
    needed = [0.0]
    if situation.is_levered(score):
        excess = _exposure(situation) - limits.leverage.reached_from * equity
        needed.append(excess / score.state.notional)
    if situation.is_top_heavy(score):
        excess = score.state.unrealized_pnl - limits.top_heavy_share.reached_from * equity
        needed.append(excess / score.state.unrealized_pnl)
    return min(1.0, max(needed))


def _exposure(situation: Situation) -> float:
    """The notional that leverage is judged by; where nobody is solvent, the position's own."""
    state, judged = situation.now.score.state, situation.now.score.signals[0].value
    return state.notional if judged is None or state.equity is None else judged * state.equity


def _roll(situation: Situation, held: Held) -> Held | None:
    """``held`` closed and opened again at mark, where that turns its profit into margin."""
    if not situation.gains_by_roll():
        return None
    equity = situation.now.score.state.equity
    if held is not situation.held and equity is not None:
        equity = situation.judge(held).score.state.equity
    return roll(held, equity=equity, own=situation.own_maintenance)


def _anything(_: object) -> bool:
    return True
