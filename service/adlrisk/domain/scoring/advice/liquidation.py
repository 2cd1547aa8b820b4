"""What to do about a liquidation that is near or due, or within reach of a larger move."""

from typing import Final

from adlrisk.domain.position.arithmetic import sign_of
from adlrisk.domain.position.number_format import (
    SENTENCE_DIGITS,
    format_apart,
    format_number,
    format_percent,
    format_rounded_up,
)
from adlrisk.domain.position.state import is_due, liquidation_distance
from adlrisk.domain.scoring.advice.action import GUARDS, MOVES_LIQUIDATION, Advice, Effect
from adlrisk.domain.scoring.advice.amounts import margin_for_distance
from adlrisk.domain.scoring.advice.case import Case, Traits, with_currency
from adlrisk.domain.scoring.advice.sentences import KEEP_MARGIN_BUFFER, PASSED

_WITHIN_REACH: Final = 0.2  # of a move larger than usual; a buffer against a longer way does nothing


def advise_buffer(case: Case, _: Traits) -> Advice | None:
    """Margin against a liquidation; ``None`` where there is none to fear, or it is far away."""
    price, distance = case.state.liquidation_price, case.state.liquidation_distance
    if case.is_due:
        return _say_near(case, "due", passed=_what_is_passed(case))
    is_near = case.danger == "liquidation"
    is_concerned = is_near or "leverage" in case.concerns or "market_stress" in case.concerns
    if price is None or distance is None:
        return _say_unknown(case) if is_concerned else None
    shown, away = format_apart(price, case.position.mark_price), format_percent(distance, SENTENCE_DIGITS)
    if is_near and distance > case.rules.score.precomputed.near_liquidation.exceeded_beyond:
        return _say_account(case)
    if is_near:
        return _say_near(case, "near", price=shown, away=away)
    if distance > _WITHIN_REACH or not is_concerned:
        return None
    return GUARDS, KEEP_MARGIN_BUFFER["within reach"].format(price=shown, away=away), None, None


def _say_near(case: Case, which: str, **shown: str) -> Advice:
    near = case.rules.score.precomputed.near_liquidation
    amount = margin_for_distance(case, near.exceeded_beyond)
    if amount is None:
        return MOVES_LIQUIDATION, KEEP_MARGIN_BUFFER[which].format(**shown), None, None
    sentence = KEEP_MARGIN_BUFFER[f"{which}, amount"].format(
        amount=with_currency(format_rounded_up(amount), case), distance=near.text, **shown
    )
    return MOVES_LIQUIDATION, sentence, amount, "settlement"


def _say_unknown(case: Case) -> Advice | None:
    """A liquidation price that is not known; ``None`` if there is none within reach."""
    if case.danger == "liquidation":
        return _say_bankruptcy(case, "near, bankruptcy", MOVES_LIQUIDATION) or _say_account(case)
    if case.state.equity is None:
        return GUARDS, KEEP_MARGIN_BUFFER["unknown"].format(what="the equity"), None, None
    if case.account is not None and not case.account.knows_liquidation:
        return GUARDS, KEEP_MARGIN_BUFFER["unknown"].format(what="something of the account"), None, None
    if case.maintenance.total is not None:
        return None  # no price liquidates the position as it stands
    return _say_bankruptcy(case, "bankruptcy", GUARDS)


def _say_account(case: Case) -> Advice | None:
    """A liquidation that comes once all marks have moved, not the leg's alone; ``None`` if none is known."""
    move = None if case.account is None else case.account.nearest_move
    if move is None:
        return None
    sentence = KEEP_MARGIN_BUFFER["near, account"].format(move=format_percent(move, SENTENCE_DIGITS))
    return MOVES_LIQUIDATION, sentence, None, None


def _say_bankruptcy(case: Case, which: str, effect: Effect) -> Advice | None:
    """The bankruptcy price, before which liquidation comes; ``None`` if there is none within reach."""
    price = case.state.bankruptcy_price
    away = liquidation_distance(sign_of(case.position.side), case.position.mark_price, price)
    reach = _WITHIN_REACH if effect == GUARDS else case.rules.score.precomputed.near_liquidation.exceeded_beyond
    if price is None or away is None or away > reach:
        return None
    sentence = KEEP_MARGIN_BUFFER[which].format(
        price=format_number(price, SENTENCE_DIGITS), away=format_percent(away, SENTENCE_DIGITS)
    )
    return effect, sentence, None, None


def _what_is_passed(case: Case) -> str:
    """What has been passed where liquidation is due."""
    equity, price, distance = case.state.equity, case.state.liquidation_price, case.state.liquidation_distance
    if equity is not None and equity <= 0.0:
        return PASSED["equity"]
    if price is None or distance is None or distance > 0.0 or is_due(case.maintenance, equity):
        return PASSED["maintenance"]
    return PASSED["price"].format(price=format_number(price, SENTENCE_DIGITS))
