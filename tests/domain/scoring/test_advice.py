"""Advice: its full texts, and which position gets which."""

from typing import Any

import msgspec
import pytest

from adlrisk.domain.position.market import Market
from adlrisk.domain.rules.card import Execution, Ranking
from support.builders import a_position, rules, scored

ALARM = Market(funding_rate=0.01, liquidation_spike=True)
SHARED: dict[str, Any] = {"mechanism": "socialised", "mechanism_note": "Shared out.", "ranking": Ranking()}
# A twentieth of a unit from 100, marked at 110 with margin 0.5: profit 0.5, equity 1, leverage 5.5.
WINNER: dict[str, Any] = {"size": 0.05, "mark_price": 110.0, "margin": 0.5, "adl_meter": 4.0}


def advice(fields: dict[str, Any], market: Market = ALARM, **card: Any) -> dict[str, str]:
    """The reason of each action."""
    return {action.action: action.reason for action in scored(a_position(**fields), market, **card).actions}


def test_a_winner_gets_all_six_actions() -> None:
    """All six actions with their signals, for a queue of BitMEX's formula and an unknown fill price."""
    answer = scored(a_position(**WINNER, maintenance_margin_rate=0.01), ALARM)
    assert [(action.action, action.applies_to) for action in answer.actions] == [
        ("add_margin", ("profit", "adl_meter")),
        ("reduce_size", ("profit", "adl_meter")),
        ("take_profit", ("profit", "adl_meter")),
        ("avoid_crowded_entry", ("funding", "market_stress")),
        ("keep_margin_buffer", ("market_stress",)),
        ("hedge", ("funding", "market_stress", "adl_meter")),
    ]
    assert [action.reason for action in answer.actions] == [
        (
            "Extra margin lowers effective leverage, now 5.5×, and with it the key that ranks the position "
            "(pnl_leverage, documented)."
        ),
        (
            "Closing part leaves less to be taken. It releases isolated margin in proportion, so leverage and profit "
            "ratios stay as they are, and so does the place in the queue; cross margin stays behind the rest, so "
            "closing half at mark brings its effective leverage to 2.75×."
        ),
        (
            "Closing all at mark takes the unrealized 0.5 at a moment of your choice; the price at which the venue's "
            "ADL fills is not known."
        ),
        (
            "Funding shows crowded longs: they are liquidated first when the price turns, and an ADL then reduces "
            "profitable shorts; wait with new entries on either side."
        ),
        # Liquidation at (100 − 0.5/0.05) / 0.99, and 110 less that over 110.
        (
            "The liquidation price of 90.9091 is 17.3554 % away: keep free margin for a move larger than usual, so "
            "that no liquidation comes first."
        ),
        (
            "An opposite position elsewhere limits the loss from a price move, but does not move the place in this "
            "queue; if an ADL closes this side, the hedge is left standing alone and must be closed as well."
        ),
    ]


def test_an_insolvent_position_gets_its_advice() -> None:
    """A long from 100 at 80 with margin 10: 80/15 + 10 must be added, and nothing is promised for closing half."""
    assert advice({"mark_price": 80.0, "margin": 10.0}) == {
        "add_margin": "Adding 15.3334 to the margin brings effective leverage under 15× at this mark price.",
        "reduce_size": "Closing part limits what can still be lost; it frees no margin while equity is not above 0.",
        "avoid_crowded_entry": "Funding shows crowded longs: they are liquidated first when the price turns, and an "
        "ADL then reduces profitable shorts; wait with new entries on either side.",
        "keep_margin_buffer": "Equity is used up: liquidation is due, and only more margin can still prevent it.",
        "hedge": "An opposite position elsewhere limits the loss from a price move, but does not move the place in "
        "this queue; if an ADL closes this side, the hedge is left standing alone and must be closed as well.",
    }


def test_advised_margin_gets_below_the_threshold() -> None:
    """A notional of 150 needs more than 10 of equity to be under 15×: with 5, the advice is 5.00001, not 5."""
    position = a_position(size=1.5, margin=5.0)
    (reason,) = [action.reason for action in scored(position).actions if action.action == "add_margin"]
    assert reason == "Adding 5.00001 to the margin brings effective leverage under 15× at this mark price."
    assert scored(msgspec.structs.replace(position, margin=10.0)).signals[0].fired is True
    assert scored(msgspec.structs.replace(position, margin=10.00001)).signals[0].fired is False


def test_leverage_alone_gets_three_actions() -> None:
    """At 12×, four fifths of the threshold: margin, size and a buffer, and no other action."""
    actions = scored(a_position(leverage=12.0), Market(funding_rate=0.0, liquidation_spike=False)).actions
    assert [(action.action, action.applies_to) for action in actions] == [
        ("add_margin", ("leverage",)),
        ("reduce_size", ("leverage",)),
        ("keep_margin_buffer", ("leverage",)),
    ]


@pytest.mark.parametrize("mark", [100.0, 99.0])
def test_only_a_winners_advice_mentions_its_key(mark: float) -> None:
    """More margin lowers a winner's key; the advice mentions no key of 0 and no loser's key."""
    reason = advice({"mark_price": mark, "margin": 25.0, "adl_meter": 4.0})["add_margin"]
    assert reason == f"Extra margin lowers effective leverage, now {'4' if mark == 100.0 else '4.125'}×."


def test_an_ineligible_position_gets_no_queue_advice() -> None:
    """A position that the venue's queue would not hold has neither key nor rank."""
    found = advice({"margin": 25.0, "adl_meter": 4.0}, ranking=Ranking(formula="price_ratio_leverage"))
    assert found["add_margin"] == "Extra margin lowers effective leverage, now 4×."
    assert "profit ratios stay as they are; cross margin stays" in found["reduce_size"]
    assert "take_profit" not in found  # without profit there is none to take


@pytest.mark.parametrize(
    ("margin", "words"),
    [
        (1.9, " (the ranking key falls, as the venue counts a wallet balance below 1 as 1);"),
        (2.0, ", and but for maintenance tiers so does the place in the queue;"),
        (2.9, ", and but for maintenance tiers so does the place in the queue;"),
    ],
)
def test_closing_half_lowers_the_binance_key_below_a_margin_of_1(margin: float, words: str) -> None:
    """From a margin of 2 on, half of it is at least the 1 that the venue counts."""
    formula = Ranking(formula="profit_times_margin_ratio")
    found = advice({"mark_price": 110.0, "size": 0.1, "margin": margin, "maintenance_margin": 0.05}, ranking=formula)
    assert f"so leverage and profit ratios stay as they are{words} cross margin" in found["reduce_size"]


@pytest.mark.parametrize(
    ("execution", "rest"),
    [
        (Execution(price="bankruptcy"), "an ADL fills at the bankruptcy price of the liquidated position."),
        (
            Execution(price="bankruptcy", cancels_orders=True),
            "an ADL fills at the bankruptcy price of the liquidated position and cancels open orders.",
        ),
        (
            Execution(price="mark", cancels_orders=False),
            "an ADL fills at the venue's mark or oracle price, at a moment that is not.",
        ),
        (Execution(price="unknown"), "the price at which the venue's ADL fills is not known."),
    ],
)
def test_take_profit_compares_with_the_forced_fill(execution: Execution, rest: str) -> None:
    """It names the venue's fill price, and that the venue cancels orders if it does."""
    own = "Closing all at mark takes the unrealized 0.5 at a moment of your choice"
    assert advice(WINNER, execution=execution)["take_profit"] == f"{own}; {rest}"


def test_socialised_loss_changes_profit_and_hedge_advice() -> None:
    """Without forced closes, profit is taken before losses are shared, and a hedge avoids none of them."""
    found = advice(WINNER, **SHARED)
    assert found["take_profit"] == (
        "Closing all at mark takes the unrealized 0.5 at a moment of your choice, "
        "before losses of others can be shared out."
    )
    assert found["hedge"] == (
        "An opposite position elsewhere limits the loss from a price move, "
        "but spares this one no part of a loss that the venue shares out."
    )


@pytest.mark.parametrize(("rate", "crowd", "opposite"), [(0.01, "longs", "shorts"), (-0.01, "shorts", "longs")])
@pytest.mark.parametrize(
    ("mechanism", "consequence"),
    [
        ("queue", "an ADL then reduces profitable {opposite}"),
        ("random", "the venue then closes {opposite} by chance, whatever their profit"),
        ("keeper", "if it does not turn, the profits of {crowd} are what the venue's keepers reduce"),
        ("socialised", "what their margin does not cover is shared out among others"),
        ("unknown", "{opposite} are then closed, in an order that is not known"),
        ("none", "what their margin does not cover is left to the venue"),
    ],
)
def test_the_crowded_side_is_the_one_that_pays(
    rate: float, crowd: str, opposite: str, mechanism: str, consequence: str
) -> None:
    """Longs pay a positive rate, shorts a negative one; the consequence depends on the venue's mechanism."""
    ranking = Ranking(formula="pnl_leverage") if mechanism == "queue" else Ranking()
    card: dict[str, Any] = {"mechanism": mechanism, "mechanism_note": "It is so.", "ranking": ranking}
    assert advice({}, Market(funding_rate=rate), **card)["avoid_crowded_entry"] == (
        f"Funding shows crowded {crowd}: they are liquidated first when the price turns, and "
        f"{consequence.format(crowd=crowd, opposite=opposite)}; wait with new entries on either side."
    )


@pytest.mark.parametrize("rate", [None, 0.0, 0.0001])
def test_stress_without_a_crowded_side_names_none(rate: float | None) -> None:
    """If funding is unknown or calm, advice on a spike names no side."""
    found = advice({}, Market(funding_rate=rate, liquidation_spike=True))
    assert found["avoid_crowded_entry"] == (
        "Liquidations are more likely than usual: wait with new entries until the stress has passed."
    )


def test_hedge_advice_mentions_a_queue_only_if_there_is_one() -> None:
    """At a venue that picks at random, the advice does not mention a place in the queue."""
    card: dict[str, Any] = {"mechanism": "random", "mechanism_note": "By chance.", "ranking": Ranking()}
    assert advice({}, **card)["hedge"] == (
        "An opposite position elsewhere limits the loss from a price move; "
        "if an ADL closes this side, the hedge is left standing alone and must be closed as well."
    )


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({"margin": 20.0}, "Without a maintenance margin rate the liquidation price is unknown"),
        (
            {"margin": 200.0, "maintenance_margin_rate": 0.01},
            "No price liquidates the position as it stands, but losses and fees use up margin",
        ),
    ],
)
def test_a_buffer_is_advised_without_a_liquidation_price(fields: dict[str, Any], known: str) -> None:
    """An unknown and an unreachable price have different texts, and both need free margin."""
    assert advice(fields)["keep_margin_buffer"] == (
        f"{known}: keep free margin for a move larger than usual, so that no liquidation comes first."
    )


def test_liquidation_is_due_at_the_liquidation_price() -> None:
    """A long from 100 with margin 11, of which 1 is maintenance, is liquidated at 90, also at a mark of exactly 90."""
    position = a_position(mark_price=90.0, margin=11.0, maintenance_margin_rate=0.01)
    answer = scored(position, ALARM, maintenance_basis="entry")
    assert (answer.state.liquidation_price, answer.state.liquidation_distance) == (90.0, 0.0)
    (reason,) = [action.reason for action in answer.actions if action.action == "keep_margin_buffer"]
    assert reason == (
        "The mark price is past the liquidation price of 90: liquidation is due, "
        "and only more margin can still prevent it."
    )


def test_all_mechanisms_but_two_force_closes() -> None:
    """Socialised loss and no mechanism are the two without forced closes."""
    for mechanism in ("queue", "random", "keeper", "unknown"):
        ranking = Ranking(formula="pnl_leverage") if mechanism == "queue" else Ranking()
        card: dict[str, Any] = {"mechanism": mechanism, "mechanism_note": "It is so.", "ranking": ranking}
        assert rules(**card).mechanism == mechanism
        assert "if an ADL closes this side" in advice({}, **card)["hedge"], mechanism
    none: dict[str, Any] = {"mechanism": "none", "mechanism_note": "Nothing.", "ranking": Ranking()}
    assert "ADL" not in advice({}, **none)["hedge"]
