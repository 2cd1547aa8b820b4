"""Sentences of a plan: what an option does not change, and which signals are not the holder's."""

from typing import Final, NamedTuple

from adlrisk.domain.account.figures import AccountFigures, CommonMove
from adlrisk.domain.planning.option import OptionName, Unchangeable
from adlrisk.domain.planning.situation import Situation
from adlrisk.domain.planning.target import Judged
from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number, format_percent
from adlrisk.domain.scoring.score import Score
from adlrisk.domain.scoring.signals import SignalName

_NOT_YOURS: Final[dict[SignalName, str]] = {
    "funding": "The funding rate is the market's, whatever is done with the position.",
    "market_stress": "Liquidations and thin liquidity are the market's, whatever is done with the position.",
    "adl_meter": "The meter is the venue's own and follows its queue: what an option does to the ranking key is in "
    "`after.priority`, and the meter is scored as it reads now.",
}
_CLOSING: Final = ("close", "reduce_size", "roll_and_reduce_size")
_ADDS_MARGIN: Final = ("add_margin", "roll_and_add_margin")
_ISOLATED: Final = (
    "Leverage, profit and its share of the equity: an isolated position gives its margin back in proportion to what is "
    "closed."
)
_HEDGED: Final = (
    "Size, margin and profit: the hedge is a position of its own, so score and ranking key stay as they are.",
    "An ADL can still take the position: what hedges it would then be open.",
)
_MORE: Final = 1.0 + 1e-9  # beyond rounding
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
    left = (_HEDGE_LEFT,) if situation.held.position.hedged and action in _CLOSING else ()
    if after is None:
        return left
    if action == "reduce_size" and not situation.is_cross:
        return (_ISOLATED, *left)
    found = []
    if situation.is_levered(after.score):
        found.append(_explain_leverage(situation, action, after.score))
    if situation.is_profitable(after.score):
        found.append(_explain_profit(situation, action, after.score))
    if after.score.nearer_danger.danger == "liquidation":
        found.append(f"Liquidation: {after.score.nearer_danger.reason}")
    if situation.target.leave_fifth is not None and after.fifth is not None and not situation.reaches(after):
        found.append(f"Place: it begins in fifth {after.fifth} of the queue, 1 being reduced first.")
    return (*found, *left)


class AccountStanding(NamedTuple):
    """How the account of a leg stands: the cross legs' figures, and the net notional of all; ``None`` without one."""

    account: AccountFigures | None
    net_exposure: float | None


def list_worse(before: AccountStanding, after: AccountStanding) -> tuple[str, ...]:
    """What of the account an option makes worse: another leg may have been hedged by what it closes."""
    found = []
    exposed, then = before.net_exposure, after.net_exposure
    if exposed is not None and then is not None and then > exposed * _MORE:
        old, new = (format_number(figure, SENTENCE_DIGITS) for figure in (exposed, then))
        found.append(f"Net exposure of all legs: from {old} to {new}, settlement currency: it hedges another leg.")
    if before.account is not None and after.account is not None:
        found += _list_nearer(before.account.nearest_liquidation, after.account.nearest_liquidation)
    return tuple(found)


def _list_nearer(before: CommonMove | None, after: CommonMove | None) -> list[str]:
    """Where the account's liquidation comes nearer, by a fall or by a rise; what is unknown is not compared."""
    if before is None or after is None:
        return []
    if after.falls == after.rises == 0.0:
        is_new = before != after
        return ["Liquidation of the account: due at once."] if is_new else []
    sides = (("fall", before.falls, after.falls), ("rise", before.rises, after.rises))
    return [
        f"Liquidation of the account: by a {side} of {format_percent(abs(new), SENTENCE_DIGITS)} of the price, "
        f"now by {'none' if old is None else f'one of {format_percent(abs(old), SENTENCE_DIGITS)}'}."
        for side, old, new in sides
        if new is not None and (old is None or abs(new) * _MORE < abs(old))
    ]


def _explain_leverage(situation: Situation, action: OptionName, after: Score) -> str:
    value = after.signals[0].value
    leverage = "Leverage" if value is None else f"Leverage of {format_number(value, SENTENCE_DIGITS)}"
    if action == "roll":
        return f"{leverage}: a roll at mark leaves notional and equity as they are."
    if situation.has_other_legs and action in ("reduce_size", "roll_and_reduce_size"):
        return f"{leverage}: the account's other legs keep it up."
    return f"{leverage}: it stays at or above the threshold."


def _explain_profit(situation: Situation, action: OptionName, after: Score) -> str:
    state = after.state
    if state.pnl_to_notional > situation.thresholds.profit.exceeded_beyond:
        what = "margin" if action in _ADDS_MARGIN else "a smaller size"
        profit = format_percent(state.pnl_to_notional, SENTENCE_DIGITS)
        return f"Profit of {profit} of the notional: {what} leaves it as it is, only a roll or a close takes it."
    return "Profit: it stays a large part of the equity."
