"""What to do about a liquidation that is near or due, or within reach of a larger move."""

from typing import Final

from adlrisk.domain.position.arithmetic import sign_of
from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number, format_percent, format_rounded_up
from adlrisk.domain.position.state import liquidation_distance
from adlrisk.domain.scoring.advice.action import GUARDS, MOVES_LIQUIDATION, Advice
from adlrisk.domain.scoring.advice.amounts import margin_for_distance
from adlrisk.domain.scoring.advice.case import Case, Traits, with_currency
from adlrisk.domain.scoring.advice.sentences import KEEP_MARGIN_BUFFER, PASSED

_NEAR: Final = 0.05  # of the mark price
_WITHIN_REACH: Final = 0.2  # of a move larger than usual; a buffer against a longer way does nothing


def advise_buffer(case: Case, _: Traits) -> Advice | None:
    """Margin against a liquidation; ``None`` where there is none to fear, or it is far away."""
    price, distance = case.state.liquidation_price, case.state.liquidation_distance
    passed = _what_is_passed(case)
    if passed is not None:
        return _say_near(case, "due", passed=passed)
    is_concerned = "leverage" in case.concerns or "market_stress" in case.concerns
    if price is None or distance is None:
        return _say_unknown(case) if is_concerned else None
    shown, away = format_number(price, SENTENCE_DIGITS), format_percent(distance, SENTENCE_DIGITS)
    if distance <= _NEAR:
        return _say_near(case, "near", price=shown, away=away)
    if distance > _WITHIN_REACH or not is_concerned:
        return None
    return GUARDS, KEEP_MARGIN_BUFFER["within reach"].format(price=shown, away=away), None, None


def _say_near(case: Case, which: str, **shown: str) -> Advice:
    amount = margin_for_distance(case, _NEAR)
    if amount is None:
        return MOVES_LIQUIDATION, KEEP_MARGIN_BUFFER[which].format(**shown), None, None
    sentence = KEEP_MARGIN_BUFFER[f"{which}, amount"].format(
        amount=with_currency(format_rounded_up(amount), case), distance=format_percent(_NEAR), **shown
    )
    return MOVES_LIQUIDATION, sentence, amount, "settlement"


def _say_unknown(case: Case) -> Advice | None:
    """A liquidation price that is not known; ``None`` if there is none within reach."""
    state, what = case.state, None
    if state.equity is None:
        what = "the equity"
    elif case.account is not None and not case.account.knows_liquidation:
        what = "something of the account"
    if what is not None:
        return GUARDS, KEEP_MARGIN_BUFFER["unknown"].format(what=what), None, None
    if case.maintenance.total is not None:
        return None  # no price liquidates the position as it stands
    price = state.bankruptcy_price
    away = liquidation_distance(sign_of(case.position.side), case.position.mark_price, price)
    if price is None or away is None or away > _WITHIN_REACH:
        return None
    sentence = KEEP_MARGIN_BUFFER["bankruptcy"].format(
        price=format_number(price, SENTENCE_DIGITS), away=format_percent(away, SENTENCE_DIGITS)
    )
    return GUARDS, sentence, None, None


def _what_is_passed(case: Case) -> str | None:
    """What has been passed, if liquidation is due."""
    state = case.state
    price, distance = state.liquidation_price, state.liquidation_distance
    is_insolvent = state.equity is not None and state.equity <= 0.0
    if case.is_due and not is_insolvent:
        return PASSED["maintenance"]
    if price is not None and distance is not None and distance <= 0.0 and not case.is_due:
        return PASSED["price"].format(price=format_number(price, SENTENCE_DIGITS))
    return PASSED["equity"] if is_insolvent else None
