"""Sentences of a plan: what an option does not change, and which signals are not the holder's."""

from typing import Final

from adlrisk.domain.planning.judged import Judged
from adlrisk.domain.planning.option import OptionName, Unchangeable
from adlrisk.domain.planning.situation import Situation
from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number, format_percent
from adlrisk.domain.scoring.score import Score
from adlrisk.domain.scoring.signals import SignalName

_NOT_YOURS: Final[dict[SignalName, str]] = {
    "funding": "The funding rate is the market's, whatever is done with the position.",
    "market_stress": "Liquidations and thin liquidity are the market's, whatever is done with the position.",
    "adl_meter": "The meter is the venue's own and follows its queue: what an option does to the ranking key is in "
    "`after.priority`, and the meter is scored as it reads now.",
}
_ADDS_MARGIN: Final = ("add_margin", "roll_and_add_margin")
_ISOLATED: Final = (
    "Leverage, profit and its share of the equity: an isolated position gives its margin back in proportion to what is "
    "closed."
)
_HEDGED: Final = (
    "Size, margin and profit: the hedge is a position of its own, so score and ranking key stay as they are.",
    "An ADL can still take the position: what hedges it would then be open.",
)
_HEDGE_LEFT: Final = "The hedge elsewhere: it would be open once the position is closed."


def list_not_yours(score: Score) -> tuple[Unchangeable, ...]:
    """The signals that fired, and that nothing done with the position turns off."""
    return tuple(
        Unchangeable(signal=signal.signal, reason=_NOT_YOURS[signal.signal])
        for signal in score.signals
        if signal.fired and signal.signal in _NOT_YOURS
    )


def list_unchanged(situation: Situation, action: OptionName, after: Judged | None) -> tuple[str, ...]:
    """What the option leaves as it is, of what fired."""
    if action == "hedge":
        return _HEDGED
    left = (_HEDGE_LEFT,) if situation.held.position.hedged and action in ("close", "reduce_size") else ()
    if after is None:
        return left
    if action == "reduce_size" and not situation.is_cross:
        return (_ISOLATED, *left)
    found = []
    if situation.is_levered(after.score):
        found.append(_explain_leverage(situation, action, after.score))
    if situation.is_profitable(after.score):
        found.append(_explain_profit(situation, action, after.score))
    if situation.target.leave_fifth is not None and not situation.reaches(after):
        found.append(_explain_place(after))
    return (*found, *left)


def _explain_leverage(situation: Situation, action: OptionName, after: Score) -> str:
    value = after.signals[0].value
    leverage = "Leverage" if value is None else f"Leverage of {format_number(value, SENTENCE_DIGITS)}"
    if action == "roll":
        return f"{leverage}: a roll at mark leaves notional and equity as they are."
    if situation.held.account is not None and action in ("reduce_size", "roll_and_reduce_size"):
        return f"{leverage}: the account's other legs keep it up."
    return f"{leverage}: it stays at or above the threshold."


def _explain_place(after: Judged) -> str:
    if after.fifth is None:
        return "Solvency: an insolvent position is liquidated, whatever its place."
    return f"Place: it stays in fifth {after.fifth} of the queue, 1 being reduced first."


def _explain_profit(situation: Situation, action: OptionName, after: Score) -> str:
    state = after.state
    if state.pnl_to_notional > situation.thresholds.profit.exceeded_beyond:
        what = "margin" if action in _ADDS_MARGIN else "a smaller size"
        profit = format_percent(state.pnl_to_notional, SENTENCE_DIGITS)
        return f"Profit of {profit} of the notional: {what} leaves it as it is, only a roll or a close takes it."
    return "Profit: it stays a large part of the equity."
