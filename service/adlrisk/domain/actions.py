"""What the holder of a position can do about each signal, and what would not help.

Advice follows from the formulas, never from taste: adding margin lowers a winner's key under every queue
formula, closing a part of an isolated position releases its margin in proportion and so changes no ratio,
a hedge elsewhere changes no queue.
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.bounds import at_least
from adlrisk.domain.market import Market
from adlrisk.domain.position import PositionState
from adlrisk.domain.ranking import FORMULAS
from adlrisk.domain.rules import VenueRules
from adlrisk.domain.signals import Judgement, SignalName
from adlrisk.domain.wording import number, percent

ActionName = Literal["add_margin", "reduce_size", "take_profit", "avoid_crowded_entry", "keep_margin_buffer", "hedge"]


class Action(Struct, frozen=True, kw_only=True):
    """One thing to do, for which signals, and why."""

    action: ActionName
    applies_to: Annotated[tuple[SignalName, ...], Meta(description="The signals it answers.")]
    reason: Annotated[str, Meta(description="Why it helps here, and what it does not do.")]


class Case(Struct, frozen=True, kw_only=True):
    """What advice is given on."""

    state: PositionState
    market: Market
    rules: VenueRules
    concerns: frozenset[SignalName]


def advise(
    state: PositionState, *, market: Market, rules: VenueRules, judgements: tuple[Judgement, ...]
) -> tuple[Action, ...]:
    """The actions that apply now; none while no signal has fired or is within 20 % of its threshold."""
    concerns = frozenset(judgement.signal.signal for judgement in judgements if judgement.near)
    if not concerns:
        return ()
    case = Case(state=state, market=market, rules=rules, concerns=concerns)
    actions = []
    for action, answers, reason_for in _ADVICE:
        applies_to = tuple(signal for signal in answers if signal in concerns)
        reason = reason_for(case) if applies_to else None
        if reason is not None:
            actions.append(Action(action=action, applies_to=applies_to, reason=reason))
    return tuple(actions)


def _add_margin(case: Case) -> str:
    state, limit = case.state, case.rules.score.leverage
    leverage = state.effective_leverage
    if leverage is None or at_least(leverage, limit):
        short_of = max(0.0, state.notional / limit - state.equity)
        amount = f"About {number(short_of)} of extra margin" if short_of else "Any extra margin"
        effect = f"{amount} brings effective leverage under {number(limit)}× at this mark price"
    else:
        effect = f"Extra margin lowers effective leverage, now {number(leverage)}×"
    formula = case.rules.ranking.formula
    if formula is None or leverage is None or state.unrealized_pnl <= 0.0:
        return f"{effect}."
    return f"{effect}, and with it the key that ranks the position ({formula}, {case.rules.confidence})."


def _reduce_size(case: Case) -> str:
    formula = case.rules.ranking.formula
    place = ""
    if formula is not None:
        steps = " (tier steps and minimums aside)" if FORMULAS[formula].needs_maintenance_margin else ""
        place = f" and the place in the queue{steps}"
    leverage = case.state.effective_leverage
    cross = "falls" if leverage is None else f"falls, after closing half to {number(leverage / 2.0)}×"
    return (
        "Closing part leaves less to be taken. It releases isolated margin in proportion, so leverage, profit "
        f"ratios{place} stay as they are; cross margin stays behind the rest, so its effective leverage {cross}."
    )


def _take_profit(case: Case) -> str | None:
    if case.state.unrealized_pnl <= 0.0:
        return None
    forced = {
        "bankruptcy": "an ADL fills at the bankruptcy price of the position it replaces",
        "mark": "an ADL fills at the mark price of the moment",
        "unknown": "the price at which the venue's ADL fills is not known",
    }[case.rules.execution.price]
    orders = " and cancels open orders" if case.rules.execution.cancels_orders else ""
    return (
        f"Closing all at mark takes the unrealized {number(case.state.unrealized_pnl)} at a moment of your "
        f"choice; {forced}{orders}."
    )


def _avoid_crowded_entry(case: Case) -> str:
    rate = case.market.funding_rate
    if "funding" not in case.concerns or not rate:
        return "Liquidations are more likely than usual: wait with new entries until the stress has passed."
    crowd, opposite = ("longs", "shorts") if rate > 0.0 else ("shorts", "longs")
    return (
        f"Funding shows crowded {crowd}: they are liquidated first when the price turns, and an ADL then "
        f"reduces profitable {opposite}; wait with new entries on either side."
    )


def _keep_margin_buffer(case: Case) -> str:
    price, distance = case.state.liquidation_price, case.state.liquidation_distance
    if price is None or distance is None:
        known = "The liquidation price is unknown or out of reach"
    elif distance <= 0.0:
        known = f"The mark price has passed the liquidation price of {number(price)}"
    else:
        known = f"The liquidation price of {number(price)} is {percent(distance)} away"
    return f"{known}: keep free margin for a move larger than usual, so that no forced sale comes first."


def _hedge(case: Case) -> str:
    unchanged = ", but does not move the place in this queue" if case.rules.mechanism == "queue" else ""
    return (
        f"An opposite position elsewhere limits the loss from a price move{unchanged}; if an ADL closes this "
        "side, the hedge is left standing alone and must be closed as well."
    )


_ADVICE: Final[tuple[tuple[ActionName, tuple[SignalName, ...], Callable[[Case], str | None]], ...]] = (
    ("add_margin", ("leverage", "adl_meter"), _add_margin),
    ("reduce_size", ("leverage", "profit", "adl_meter"), _reduce_size),
    ("take_profit", ("profit", "adl_meter"), _take_profit),
    ("avoid_crowded_entry", ("funding", "market_stress"), _avoid_crowded_entry),
    ("keep_margin_buffer", ("leverage", "market_stress"), _keep_margin_buffer),
    ("hedge", ("funding", "market_stress", "adl_meter"), _hedge),
)
