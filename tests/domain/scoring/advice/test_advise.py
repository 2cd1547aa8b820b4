"""Advice: which position gets which action, in which order, and their texts."""

from typing import Any

import pytest

from adlrisk.domain.position.market import Market
from adlrisk.domain.rules.card import Execution, Ranking
from support.builders import a_position, rules, scored

ALARM = Market(funding_rate=0.01, liquidation_spike=True)
CALM = Market(funding_rate=0.0, liquidation_spike=False)
SHARED: dict[str, Any] = {"mechanism": "socialised", "mechanism_note": "Shared out.", "ranking": Ranking()}
NOTHING: dict[str, Any] = {"mechanism": "none", "mechanism_note": "Nothing.", "ranking": Ranking()}
# A twentieth of a unit from 100, marked at 110 with margin 0.5: profit 0.5, equity 1, leverage 5.5.
WINNER: dict[str, Any] = {"size": 0.05, "mark_price": 110.0, "margin": 0.5, "adl_meter": 4.0}


def advice(fields: dict[str, Any], market: Market = ALARM, **card: Any) -> dict[str, str]:
    """The reason of each action, in their order."""
    return {action.action: action.reason for action in scored(a_position(**fields), market, **card).actions}


def test_a_winner_gets_six_actions_most_useful_first() -> None:
    """Closing all, then what eases, then what guards; for a queue of BitMEX's formula and an unknown fill price."""
    answer = scored(a_position(**WINNER, maintenance_margin_rate=0.01, settlement="USDT"), ALARM)
    found = [(action.action, action.applies_to, action.for_, action.amount, action.unit) for action in answer.actions]
    assert found == [
        ("take_profit", ("profit", "adl_meter"), "fired", 0.05, "contracts"),
        ("add_margin", ("profit", "adl_meter"), "fired", None, None),
        ("reduce_size", ("profit", "adl_meter"), "fired", None, None),
        ("keep_margin_buffer", ("market_stress",), "fired", None, None),
        ("avoid_crowded_entry", ("funding", "market_stress"), "fired", None, None),
        ("hedge", ("funding", "market_stress", "adl_meter"), "fired", None, None),
    ]  # fmt: skip
    assert [action.reason for action in answer.actions] == [
        (
            "Closing all at mark takes the unrealized 0.5 USDT at a moment of your choice. The price at which the "
            "venue's ADL fills is not known."
        ),
        "Extra margin lowers the key that ranks the position (pnl_leverage, documented).",
        "Closing part leaves less to be taken; leverage falls only if the margin is cross.",
        # Liquidation at (100 − 0.5/0.05) / 0.99, and 110 less that over 110.
        "The liquidation price of 90.91 is 17.36 % away: keep free margin for a move larger than usual.",
        (
            "Funding shows crowded longs: they are liquidated first when the price falls, and an ADL then reduces "
            "profitable shorts. This long is one of them: add nothing to it, and keep its margin ample."
        ),
        (
            "An opposite position elsewhere limits the loss from a price move, but not the place in this queue. If an "
            "ADL closes this side, the hedge is left alone and must be closed as well."
        ),
    ]


def test_an_insolvent_position_is_told_about_liquidation_first() -> None:
    """A long from 100 at 80 with margin 10: 80/15 + 10 must be added, and nothing is promised for closing part."""
    found = advice({"mark_price": 80.0, "margin": 10.0})
    assert next(iter(found)) == "keep_margin_buffer"
    assert found["keep_margin_buffer"] == (
        "Equity is used up: liquidation is due, and only more margin can still prevent it."
    )
    assert found["add_margin"] == "Adding 15.34 of margin brings effective leverage under 15×: the score falls to 4–6."
    assert found["reduce_size"] == (
        "Closing part limits what can still be lost; it frees no margin while equity is not above 0."
    )


def test_what_lowers_the_band_comes_before_closing_all() -> None:
    """Leverage and meter fire, 4 of 10: margin, then size, then the profit of 1 % that closing all takes."""
    position = a_position(mark_price=101.0, leverage=20.0, adl_meter=4.0, margin_mode="cross")
    found = scored(position, CALM).actions
    assert [action.action for action in found] == [
        "add_margin",
        "reduce_size",
        "take_profit",
        "keep_margin_buffer",
        "hedge",
    ]
    assert [("the band falls to low" in action.reason) for action in found] == [True, True, False, False, False]


def test_what_fired_comes_before_what_is_near() -> None:
    """Funding has fired, leverage is only near: waiting comes before margin."""
    answer = scored(a_position(leverage=12.0), Market(funding_rate=0.01, liquidation_spike=False))
    assert [(action.action, action.for_) for action in answer.actions] == [
        ("avoid_crowded_entry", "fired"),
        ("hedge", "fired"),
        ("add_margin", "near"),
        ("reduce_size", "near"),
        ("keep_margin_buffer", "near"),
    ]


@pytest.mark.parametrize(
    ("fields", "mode", "expected"),
    [
        ({"leverage": 20.0}, "isolated", {"add_margin", "keep_margin_buffer"}),
        ({"leverage": 20.0}, "cross", {"add_margin", "reduce_size", "keep_margin_buffer"}),
        ({"leverage": 20.0}, None, {"add_margin", "reduce_size", "keep_margin_buffer"}),
        # At 0.5× margin does nothing, and a price that is 195 % away is no reason for a buffer.
        ({"leverage": 0.5, "adl_meter": 4.0, "side": "short", "maintenance_margin_rate": 0.01}, "cross",
         {"reduce_size", "hedge"}),
        ({"leverage": 0.5, "adl_meter": 4.0, "mark_price": 120.0}, "isolated", {"reduce_size", "take_profit", "hedge"}),
        ({"leverage": 5.0, "adl_meter": 4.0, "hedged": False}, "isolated", {"reduce_size", "hedge"}),
        ({"leverage": 5.0, "adl_meter": 4.0, "hedged": True}, "isolated", {"reduce_size", "watch_hedge"}),
        ({"leverage": 5.0, "adl_meter": 4.0, "mark_price": 101.0}, "isolated",
         {"add_margin", "reduce_size", "take_profit", "hedge"}),
        ({"leverage": 5.0}, None, set()),
    ],
)  # fmt: skip
def test_only_what_changes_something_is_advised(fields: dict[str, Any], mode: Any, expected: set[str]) -> None:
    """Closing part of an isolated position turns no leverage off, margin no key at 0.5×, a hedger has a hedge."""
    assert set(advice({**fields, "margin_mode": mode}, CALM)) == expected


def test_a_loser_that_is_in_no_queue_is_not_told_that_it_can_be_taken() -> None:
    """Where only winners rank, no sentence says that closing part leaves less to be taken."""
    ranking = Ranking(formula="price_ratio_leverage")
    fields = {"mark_price": 99.0, "margin": 50.0, "adl_meter": 4.0, "side": "long"}
    found = advice(fields, Market(funding_rate=-0.01), ranking=ranking)
    assert "reduce_size" not in found
    assert found["avoid_crowded_entry"].endswith(
        "This long is on the side that is deleveraged, but in no queue as it stands."
    )


@pytest.mark.parametrize(
    ("formula", "margin", "rank"),
    [
        ("pnl_leverage", 2.0, ", and so does the place in the queue"),
        ("profit_times_margin_ratio", 1.9, ", while the ranking key falls"),
        ("profit_times_margin_ratio", 2.0, ", and but for maintenance tiers the place in the queue"),
    ],
)
def test_closing_part_of_an_isolated_position_states_its_rank(formula: Any, margin: float, rank: str) -> None:
    """From a margin of 2 on, half of it is at least the 1 that Binance counts."""
    fields = {"mark_price": 110.0, "size": 0.1, "margin": margin, "maintenance_margin": 0.05, "margin_mode": "isolated"}
    assert advice(fields, ranking=Ranking(formula=formula))["reduce_size"] == (
        f"Closing part leaves less to be taken. With isolated margin leverage and profit ratios stay as they are{rank}."
    )


@pytest.mark.parametrize(
    ("execution", "rest"),
    [
        (Execution(price="bankruptcy"), "An ADL fills at the bankruptcy price of the liquidated position."),
        (
            Execution(price="bankruptcy", cancels_orders=True),
            "An ADL fills at the bankruptcy price of the liquidated position, and cancels open orders.",
        ),
        (
            Execution(price="mark", cancels_orders=False),
            "An ADL fills at the venue's mark or oracle price, at a moment that is not.",
        ),
        (Execution(price="unknown"), "The price at which the venue's ADL fills is not known."),
    ],
)
def test_take_profit_compares_with_the_forced_fill(execution: Execution, rest: str) -> None:
    """It names the venue's fill price, and that the venue cancels orders if it does."""
    own = "Closing all at mark takes the unrealized 0.5 at a moment of your choice."
    assert advice(WINNER, execution=execution)["take_profit"] == f"{own} {rest}"


def test_advice_at_a_venue_without_forced_closes_contradicts_it_nowhere() -> None:
    """Socialised: profit is taken before losses are shared, and a hedge avoids none of them; none: neither is said."""
    own, hedge = (
        "Closing all at mark takes the unrealized 0.5 at a moment of your choice.",
        "An opposite position elsewhere",
    )
    shared, nothing = advice(WINNER, **SHARED), advice({**WINNER, "hedged": True}, **NOTHING)
    assert shared["take_profit"] == f"{own} Losses of others can be shared out later."
    assert shared["hedge"] == f"{hedge} limits the loss from a price move, but not a loss that the venue shares out."
    assert nothing["take_profit"] == own
    assert not {"hedge", "watch_hedge", "reduce_size"} & set(nothing)
    assert advice(WINNER, **NOTHING)["hedge"] == f"{hedge} limits the loss from a price move."


@pytest.mark.parametrize("sides", [(0.01, "long", "short", "falls"), (-0.01, "short", "long", "rises")])
@pytest.mark.parametrize(
    ("mechanism", "consequence", "on_other_side"),
    [
        ("queue", ", and an ADL then reduces profitable {other}s.",
         "is on the side that is deleveraged, winners first: add nothing to it."),
        ("random", ", and the venue then closes {other}s by chance.",
         "is on the side that is closed by chance, so add nothing to it."),
        ("keeper", "; if it does not, keepers reduce their profits.",
         "is on the other side, which neither threatens first."),
        ("socialised", ", and what their margin does not cover is shared out.", "may have to bear a part of it."),
        ("unknown", "; {other}s are then closed in an unknown order.",
         "is on the side that is closed by force, so add nothing to it."),
        ("none", "; the venue bears what their margin does not cover.",
         "is on the other side, which no forced close threatens."),
    ],
)  # fmt: skip
def test_crowding_says_what_threatens_which_side(
    sides: tuple[float, str, str, str], mechanism: str, consequence: str, on_other_side: str
) -> None:
    """Longs pay a positive rate, shorts a negative one: they are liquidated first, and the others deleveraged."""
    rate, crowd, other, turns = sides
    ranking = Ranking(formula="pnl_leverage") if mechanism == "queue" else Ranking()
    card: dict[str, Any] = {"mechanism": mechanism, "mechanism_note": "It is so.", "ranking": ranking}
    market = f"Funding shows crowded {crowd}s: they are liquidated first when the price {turns}"
    market += consequence.format(other=other)
    winner = 110.0 if other == "long" else 90.0
    found = advice({"side": other, "mark_price": winner}, Market(funding_rate=rate), **card)["avoid_crowded_entry"]
    assert found == f"{market} This {other} {on_other_side}"
    same = advice({"side": crowd}, Market(funding_rate=rate), **card)["avoid_crowded_entry"]
    assert same.startswith(f"{market} This {crowd} is one of them")


@pytest.mark.parametrize("rate", [None, 0.0, 0.0001])
def test_stress_without_a_crowded_side_names_none(rate: float | None) -> None:
    """If funding is unknown or calm, advice on a spike names no side; high open interest is named beside it."""
    stress = "Liquidations are more likely than usual: wait with new entries until the stress has passed."
    market = Market(funding_rate=rate, liquidation_spike=True)
    assert advice({}, market)["avoid_crowded_entry"] == stress
    high = Market(funding_rate=rate, liquidation_spike=True, open_interest_high=True)
    assert advice({}, high)["avoid_crowded_entry"] == (
        f"{stress} Open interest is high: when the price turns, more than usual is liquidated."
    )


def test_high_open_interest_is_named_beside_a_crowded_side() -> None:
    """It makes the crowding worse."""
    market = Market(funding_rate=0.01, open_interest_high=True)
    assert "Open interest is high" in advice({}, market)["avoid_crowded_entry"]
    assert "Open interest" not in advice({}, Market(funding_rate=0.01))["avoid_crowded_entry"]


def test_a_hedge_is_left_alone_where_an_adl_can_close_this_side() -> None:
    """At a venue that picks at random no place in a queue is mentioned; who is hedged is told what is left open."""
    card: dict[str, Any] = {"mechanism": "random", "mechanism_note": "By chance.", "ranking": Ranking()}
    assert advice({}, **card)["hedge"] == (
        "An opposite position elsewhere limits the loss from a price move. "
        "If an ADL closes this side, the hedge is left alone and must be closed as well."
    )
    assert advice({"hedged": True}, **card)["watch_hedge"] == (
        "An ADL closes this side only: the hedge elsewhere is then left open, and must be cut at once."
    )


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        (
            {"margin": 16.0},
            "The position is bankrupt 16 % away at 84, and liquidated before, at an unknown price: keep free margin.",
        ),
        (
            {"margin": 4.0},
            "The position is bankrupt 4 % away at 96, and liquidated before, at an unknown price: add margin.",
        ),
        (
            {"margin": 20.0, "maintenance_margin_rate": 0.01},  # 80/0.99
            "The liquidation price of 80.81 is 19.19 % away: keep free margin for a move larger than usual.",
        ),
        (
            {"margin": 5.0, "mark_price": 95.5, "maintenance_margin_rate": 0.01},  # 95/0.99
            (
                "The mark price is past the liquidation price of 95.96: liquidation is due; adding 5.183 of margin "
                "moves it more than 5 % away."
            ),
        ),
        ({"margin": 50.0, "maintenance_margin_rate": 0.01}, None),
        ({"margin": 200.0, "maintenance_margin_rate": 0.01}, None),
        ({"margin": 21.0}, None),
    ],
)
def test_a_buffer_is_advised_where_a_move_can_reach(fields: dict[str, Any], known: str | None) -> None:
    """Unknown, ahead, near or passed: each has its own text; beyond a fifth of the price there is none."""
    assert advice(fields).get("keep_margin_buffer") == known


def test_liquidation_is_due_at_the_liquidation_price() -> None:
    """A long from 100 with margin 11, of which 1 is maintenance, is liquidated at 90, also at a mark of exactly 90."""
    position = a_position(mark_price=90.0, margin=11.0, maintenance_margin_rate=0.01)
    answer = scored(position, ALARM, maintenance_basis="entry")
    assert (answer.state.liquidation_price, answer.state.liquidation_distance) == (90.0, 0.0)
    # At 85.5 the loss is 14.5 of 11, and 1 is maintenance: 4.5 more.
    assert answer.actions[0].reason == (
        "The mark price is past the liquidation price of 90: liquidation is due; adding 4.501 of margin moves it more "
        "than 5 % away."
    )


def test_all_mechanisms_but_two_force_closes() -> None:
    """Socialised loss and no mechanism are the two without forced closes."""
    for mechanism in ("queue", "random", "keeper", "unknown"):
        ranking = Ranking(formula="pnl_leverage") if mechanism == "queue" else Ranking()
        card: dict[str, Any] = {"mechanism": mechanism, "mechanism_note": "It is so.", "ranking": ranking}
        assert rules(**card).mechanism == mechanism
        assert "If an ADL closes this side" in advice(WINNER, **card)["hedge"], mechanism
    assert "ADL" not in advice({}, **NOTHING)["hedge"]


def test_closing_all_comes_after_what_eases_for_who_is_hedged() -> None:
    """Closing this side opens the other: who says that he is hedged hears first what an ADL leaves open."""
    plain, hedged = list(advice(WINNER)), list(advice({**WINNER, "hedged": True}))
    assert plain.index("take_profit") < plain.index("hedge")
    assert hedged[:4] == ["add_margin", "reduce_size", "watch_hedge", "take_profit"]
