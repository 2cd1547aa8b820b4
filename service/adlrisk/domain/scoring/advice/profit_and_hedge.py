"""What closing all does to a profit, and what a hedge elsewhere does."""

from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number
from adlrisk.domain.scoring.advice.action import CLOSES, EASES, GUARDS, Advice
from adlrisk.domain.scoring.advice.case import Case, Traits, with_currency
from adlrisk.domain.scoring.advice.sentences import FORCED_FILLS, HEDGE, SHARED_OUT, TAKE_PROFIT, WATCH_HEDGE


def advise_profit(case: Case, traits: Traits) -> Advice:
    """Closing all at mark, compared with the venue's forced fill if it has one; of a hedge the last thing to do."""
    profit = format_number(case.state.unrealized_pnl, SENTENCE_DIGITS)
    if case.position.settlement is not None:
        profit = with_currency(profit, case)
    sentence, mechanism = TAKE_PROFIT.format(profit=profit), case.rules.mechanism
    if mechanism == "socialised":
        sentence = f"{sentence} {SHARED_OUT}"
    elif mechanism != "none":
        execution = case.rules.execution
        sentence = f"{sentence} {FORCED_FILLS[execution.price, execution.cancels_orders is True]}"
    return GUARDS if traits.hedged else CLOSES, sentence, case.position.size, "contracts"


def advise_hedge(case: Case, traits: Traits) -> Advice:
    """An opposite position elsewhere, and what an ADL leaves of it; who is not taken is told nothing of one."""
    if traits.deleverages and not traits.can_be_taken:
        return GUARDS, HEDGE["other"], None, None
    mechanism = case.rules.mechanism
    limits = HEDGE["queue" if mechanism == "queue" else "socialised" if mechanism == "socialised" else "other"]
    return GUARDS, limits if mechanism in {"socialised", "none"} else f"{limits} {HEDGE['left alone']}", None, None


def advise_hedger(_: Case, __: Traits) -> Advice:
    """For a position that is hedged already: what an ADL leaves open."""
    return EASES, WATCH_HEDGE, None, None
