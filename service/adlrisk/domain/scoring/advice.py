"""Advice: what the holder of a position can do about each signal, and what would not help.

It follows from the formulas and the venue's card: adding margin lowers a winner's key under every queue formula,
closing part of an isolated position releases margin in proportion and so changes no ratio, and a hedge elsewhere
changes no queue. At a venue without forced closes no sentence mentions one.
"""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.number_format import format_number, format_percent, format_rounded_up
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import Mechanism, VenueRules
from adlrisk.domain.rules.formulas import FORMULAS, QueueKey
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signals import SignalName

ActionName = Literal[
    "add_margin",
    "reduce_size",
    "take_profit",
    "avoid_crowded_entry",
    "keep_margin_buffer",
    "hedge",
    "close_before_settlement",
]

_CLEARLY_BELOW: Final = 1.0 - 1e-8  # of a threshold, so that rounding cannot make it fire
_WALLET_FLOOR: Final = 1.0  # of the formula profit_times_margin_ratio, settlement currency


class Action(Struct, frozen=True, kw_only=True, gc=False):
    """One thing to do, for which signals, and why."""

    action: ActionName
    applies_to: Annotated[tuple[SignalName, ...], Meta(description="The signals it answers.")]
    reason: Annotated[str, Meta(description="Why it helps here, and what it does not do.")]


class Case(Struct, frozen=True, kw_only=True):
    """The input of all advice."""

    state: PositionState
    market: Market
    rules: VenueRules
    queue: QueueKey | None
    wallet_balance: float | None
    knows_maintenance: bool
    is_due: bool  # liquidation: equity is not above the maintenance margin that was given
    concerns: tuple[SignalName, ...]  # signals that fired or are near their threshold, in their order
    account: SharedAccount | None = None

    @property
    def deleverages(self) -> bool:
        """Whether the venue closes positions by force to cover another's bankruptcy."""
        return self.rules.mechanism not in ("socialised", "none")


def advise(case: Case) -> tuple[Action, ...]:
    """The actions that apply now; none if there are no concerns and no liquidation is due."""
    actions = []
    for action, applies_to, reason_for in _cached_advice(case.concerns, is_due=case.is_due):
        reason = reason_for(case)
        if reason is not None:
            actions.append(Action(action=action, applies_to=applies_to, reason=reason))
    return tuple(actions)


def _add_margin(case: Case) -> str:
    effect = _effect_of_margin(case)
    if case.queue is None or not case.queue.eligible or case.state.unrealized_pnl <= 0.0:
        return f"{effect}."
    return f"{effect}, and with it the key that ranks the position ({case.queue.formula}, {case.queue.confidence})."


def _effect_of_margin(case: Case) -> str:
    equity, limit = case.state.equity, case.rules.score.precomputed.leverage
    what, leverage, notional = _leverage_to_lower(case)
    if equity is None or notional is None:
        return f"Extra margin lowers {what}, which is unknown here"
    if leverage is None or leverage >= limit.reached_from:
        amount = format_rounded_up(notional / (limit.value * _CLEARLY_BELOW) - equity)
        return f"Adding {amount} to the margin brings {what} under {limit.text}× at this mark price"
    return f"Extra margin lowers {what}, now {format_number(leverage)}×"


def _leverage_to_lower(case: Case) -> tuple[str, float | None, float | None]:
    """The name of the leverage that the leverage signal judges, its value, and the notional that it is of."""
    if case.account is not None and case.account.legs > 1:
        return "the account's gross leverage", case.account.gross_leverage, case.account.gross_notional
    return "effective leverage", case.state.effective_leverage, case.state.notional


def _reduce_size(case: Case) -> str:
    equity, (what, leverage, notional) = case.state.equity, _leverage_to_lower(case)
    if equity is None or notional is None:
        return f"Closing part leaves less to be taken; what it does to {what} is unknown here."
    if leverage is None:
        return "Closing part limits what can still be lost; it frees no margin while equity is not above 0."
    if case.account is not None and case.account.legs > 1:
        after = format_number((notional - case.state.notional / 2.0) / equity)
        return (
            "Closing part leaves less to be taken. The account's margin stays behind the rest, so closing half at mark "
            f"brings {what} from {format_number(leverage)}× to {after}×."
        )
    return (
        "Closing part leaves less to be taken. It releases isolated margin in proportion, so leverage and profit "
        f"ratios stay as they are{_rank_after_closing_part(case)}; cross margin stays behind the rest, so closing "
        f"half at mark brings its effective leverage to {format_number(leverage / 2.0)}×."
    )


def _rank_after_closing_part(case: Case) -> str:
    if case.queue is None or not case.queue.eligible:
        return ""
    if not FORMULAS[case.queue.formula].needs_maintenance_margin:
        return ", and so does the place in the queue"
    wallet = case.wallet_balance
    if case.queue.formula == "profit_times_margin_ratio" and wallet is not None and wallet < 2.0 * _WALLET_FLOOR:
        return " (the ranking key falls, as the venue counts a wallet balance below 1 as 1)"
    return ", and but for maintenance tiers so does the place in the queue"


def _take_profit(case: Case) -> str | None:
    if case.state.unrealized_pnl <= 0.0:
        return None
    profit = format_number(case.state.unrealized_pnl)
    own = f"Closing all at mark takes the unrealized {profit} at a moment of your choice"
    if not case.deleverages:
        return f"{own}, before losses of others can be shared out."
    execution = case.rules.execution
    orders = " and cancels open orders" if execution.cancels_orders else ""
    return f"{own}; {_FORCED_FILL[execution.price]}{orders}."


def _avoid_crowded_entry(case: Case) -> str:
    rate = case.market.funding_rate
    if "funding" not in case.concerns or not rate:
        return "Liquidations are more likely than usual: wait with new entries until the stress has passed."
    return _cached_crowding(case.rules.mechanism, "longs" if rate > 0.0 else "shorts")


def _crowding(mechanism: Mechanism, crowd: Literal["longs", "shorts"]) -> str:
    opposite = "shorts" if crowd == "longs" else "longs"
    consequence = {
        "queue": f"an ADL then reduces profitable {opposite}",
        "random": f"the venue then closes {opposite} by chance, whatever their profit",
        "keeper": f"if it does not turn, the profits of {crowd} are what the venue's keepers reduce",
        "socialised": "what their margin does not cover is shared out among others",
        "unknown": f"{opposite} are then closed, in an order that is not known",
        "none": "what their margin does not cover is left to the venue",
    }[mechanism]
    return (
        f"Funding shows crowded {crowd}: they are liquidated first when the price turns, and {consequence}; "
        "wait with new entries on either side."
    )


def _keep_margin_buffer(case: Case) -> str:
    state = case.state
    price, distance = state.liquidation_price, state.liquidation_distance
    passed = _what_is_passed(case)
    if passed is not None:
        return f"{passed}: liquidation is due, and only more margin can still prevent it."
    if price is not None and distance is not None:
        known = f"The liquidation price of {format_number(price)} is {format_percent(distance)} away"
    elif state.equity is None:
        known = "While the equity is unknown, so is the liquidation price"
    elif case.account is not None and not case.account.knows_liquidation:
        known = "While something of the account is unknown, so is the liquidation price"
    elif not case.knows_maintenance:
        known = "Without a maintenance margin rate the liquidation price is unknown"
    else:
        known = "No price liquidates the position as it stands, but losses and fees use up margin"
    return f"{known}: keep free margin for a move larger than usual, so that no liquidation comes first."


def _what_is_passed(case: Case) -> str | None:
    """What has been passed, if liquidation is due."""
    state = case.state
    price, distance = state.liquidation_price, state.liquidation_distance
    is_insolvent = state.equity is not None and state.equity <= 0.0
    if case.is_due and not is_insolvent:
        return "Equity no longer exceeds the maintenance margin"
    if price is not None and distance is not None and distance <= 0.0 and not case.is_due:
        return f"The mark price is past the liquidation price of {format_number(price)}"
    return "Equity is used up" if is_insolvent else None


def _hedge(case: Case) -> str:
    limits = "An opposite position elsewhere limits the loss from a price move"
    if not case.deleverages:
        return f"{limits}, but spares this one no part of a loss that the venue shares out."
    unmoved = ", but does not move the place in this queue" if case.rules.mechanism == "queue" else ""
    return (
        f"{limits}{unmoved}; if an ADL closes this side, the hedge is left standing alone and must be closed as well."
    )


_FORCED_FILL: Final = {
    "bankruptcy": "an ADL fills at the bankruptcy price of the liquidated position",
    "mark": "an ADL fills at the venue's mark or oracle price, at a moment that is not",
    "unknown": "the price at which the venue's ADL fills is not known",
}

Advice = tuple[tuple[ActionName, tuple[SignalName, ...], Callable[[Case], str | None]], ...]

_ADVICE: Final[Advice] = (
    ("add_margin", ("leverage", "profit", "adl_meter"), _add_margin),
    ("reduce_size", ("leverage", "profit", "adl_meter"), _reduce_size),
    ("take_profit", ("profit", "adl_meter"), _take_profit),
    ("avoid_crowded_entry", ("funding", "market_stress"), _avoid_crowded_entry),
    ("keep_margin_buffer", ("leverage", "market_stress"), _keep_margin_buffer),
    ("hedge", ("funding", "market_stress", "adl_meter"), _hedge),
)


def _advice(concerns: tuple[SignalName, ...], *, is_due: bool) -> Advice:
    """The advice for ``concerns``, each with the concerns that it addresses; that of a due liquidation without any."""
    answering = (
        (action, tuple(signal for signal in answers if signal in concerns), reason_for)
        for action, answers, reason_for in _ADVICE
    )
    return tuple(advice for advice in answering if advice[1] or (is_due and advice[0] == "keep_margin_buffer"))


# Cached without a decorator: `make mutation` skips decorated functions.
_cached_advice: Final = cache(_advice)  # 32 sets of five signals, due or not
_cached_crowding: Final = cache(_crowding)  # six mechanisms, two sides
