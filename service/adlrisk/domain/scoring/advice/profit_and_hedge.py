"""What closing all does to a profit, and what a hedge elsewhere does."""

from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number
from adlrisk.domain.scoring.advice.action import CLOSES, GUARDS, Advice
from adlrisk.domain.scoring.advice.case import Case, with_currency
from adlrisk.domain.scoring.advice.sentences import CANCELS_ORDERS, HEDGE, TAKE_PROFIT, WATCH_HEDGE


def advise_profit(case: Case) -> Advice:
    """Closing all at mark, compared with the venue's forced fill if it has one."""
    profit = with_currency(format_number(case.state.unrealized_pnl, SENTENCE_DIGITS), case)
    own, mechanism = TAKE_PROFIT["own"].format(profit=profit), case.rules.mechanism
    if mechanism == "none":
        return CLOSES, own, case.position.size, "contracts"
    if mechanism == "socialised":
        return CLOSES, f"{own} {TAKE_PROFIT['socialised']}", case.position.size, "contracts"
    execution = case.rules.execution
    forced = TAKE_PROFIT[execution.price].format(orders=CANCELS_ORDERS if execution.cancels_orders else "")
    return CLOSES, f"{own} {forced}", case.position.size, "contracts"


def advise_hedge(case: Case) -> Advice:
    """An opposite position elsewhere, and what an ADL leaves of it."""
    mechanism = case.rules.mechanism
    limits = HEDGE["queue" if mechanism == "queue" else "socialised" if mechanism == "socialised" else "other"]
    return GUARDS, limits if mechanism in {"socialised", "none"} else f"{limits} {HEDGE['left alone']}", None, None


def advise_hedger(_: Case) -> Advice:
    """For a position that is hedged already: what an ADL leaves open."""
    return GUARDS, WATCH_HEDGE, None, None
