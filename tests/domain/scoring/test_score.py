"""The score as a whole: its range, its bands, the effect of unknowns, and the advice."""

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import assume, given

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import Execution, Ranking
from adlrisk.domain.rules.meter import FractionMeter
from adlrisk.domain.rules.signal_thresholds import Thresholds
from adlrisk.domain.scoring.band import band_of
from support.builders import a_position, markets, moments, positions, scored, state_of

if TYPE_CHECKING:
    from adlrisk.domain.scoring.score import Score

FRACTION = FractionMeter(field="rank", endpoint="GET /rank", direction_confidence="documented")
UNKNOWNS: dict[str, list[dict[str, Any]]] = {
    "funding_rate": [{"funding_rate": 0.0}, {"funding_rate": 0.01}],
    "liquidation_spike": [{"liquidation_spike": False}, {"liquidation_spike": True}],
    "funding_interval_hours": [{"funding_interval_hours": 1.0}, {"funding_interval_hours": 24.0}],
}


@given(position=positions(), market=markets, as_of=moments)
def test_score_is_even_and_within_its_range(position: Position, market: Market, as_of: datetime) -> None:
    """0 ≤ score ≤ score_upper ≤ 10, in steps of two, with the bands of those points."""
    answer = scored(position, market, as_of=as_of)
    assert 0 <= answer.score <= answer.score_upper <= answer.max_score == 10
    assert answer.score % 2 == answer.score_upper % 2 == 0
    assert answer.score == sum(signal.points for signal in answer.signals)
    assert (answer.band, answer.band_upper) == (band_of(answer.score), band_of(answer.score_upper))
    assert [signal.signal for signal in answer.signals] == [
        "leverage",
        "profit",
        "funding",
        "market_stress",
        "adl_meter",
    ]


@pytest.mark.parametrize(
    ("points", "band"),
    [*((points, "low") for points in range(4)), *((points, "watch") for points in range(4, 7)),
     *((points, "high") for points in range(7, 11))],
)  # fmt: skip
def test_bands_match_the_design(points: int, band: str) -> None:
    """0–3 low, 4–6 watch, 7–10 high."""
    assert band_of(points) == band


@given(position=positions(), market=markets, as_of=moments)
def test_learning_an_unknown_never_leaves_the_range(position: Position, market: Market, as_of: datetime) -> None:
    """Whatever a missing field turns out to be, the new range lies within the old one."""
    before = scored(position, market, as_of=as_of)
    learnt: list[Score] = []
    for name in before.missing:
        if name == "adl_meter":
            learnt += [
                scored(msgspec.structs.replace(position, adl_meter=level), market, as_of=as_of)
                for level in (0.0, 2.0, 4.0)
            ]
        for fields in UNKNOWNS[name] if name != "adl_meter" else ():
            learnt.append(scored(position, msgspec.structs.replace(market, **fields), as_of=as_of))
    for after in learnt:
        assert before.score <= after.score <= after.score_upper <= before.score_upper


@given(position=positions(), market=markets, as_of=moments)
def test_no_number_is_infinite_or_undefined(position: Position, market: Market, as_of: datetime) -> None:
    """Every number of an answer is finite; undefined ones are None."""

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for inner in part.values():
                walk(inner)
        elif isinstance(part, list | tuple):
            for inner in part:
                walk(inner)
        elif isinstance(part, float):
            assert math.isfinite(part)

    walk(msgspec.to_builtins(scored(position, market, as_of=as_of)))


@given(position=positions(), market=markets, as_of=moments)
def test_every_concern_has_an_action(position: Position, market: Market, as_of: datetime) -> None:
    """Each signal that fired has an action, and no action names a signal that is far from firing.

    Only the action of a due liquidation needs no signal.
    """
    answer = scored(position, market, as_of=as_of)
    answered = {name for action in answer.actions for name in action.applies_to}
    fired = {signal.signal for signal in answer.signals if signal.fired}
    assert fired <= answered
    unknown = {signal.signal for signal in answer.signals if signal.fired is None}
    assert not answered & unknown
    is_due = position.maintenance_margin is not None and answer.state.liquidation_distance == 0.0
    for action in answer.actions:
        assert action.applies_to or (is_due and action.action == "keep_margin_buffer")


@pytest.mark.parametrize(
    ("fields", "market", "signal", "concerned"),
    [
        ({"leverage": 12.0}, {}, "leverage", True),
        ({"leverage": 11.99}, {}, "leverage", False),
        ({"mark_price": 102.5}, {}, "profit", True),
        ({"mark_price": 102.4}, {}, "profit", False),
        ({}, {"funding_rate": -0.0008}, "funding", True),
        ({}, {"funding_rate": 0.00079}, "funding", False),
        ({"adl_meter": 2.0}, {}, "adl_meter", True),
        ({"adl_meter": 1.0}, {}, "adl_meter", False),
        ({"entry_price": 97.6, "mark_price": 100.0}, {}, "profit", True),  # 2.4 %, exactly 80 % of 3 %
        ({"adl_meter": 0.4, "meter": FRACTION}, {}, "adl_meter", True),
        ({"adl_meter": 0.399, "meter": FRACTION}, {}, "adl_meter", False),
    ],
)
def test_a_signal_within_a_fifth_of_its_threshold_gets_advice(
    fields: dict[str, Any], market: dict[str, Any], signal: str, concerned: bool
) -> None:
    """From 80 % of the threshold on there is an action for the signal, below it there is none."""
    card = {name: value for name, value in fields.items() if name == "meter"}
    position = a_position(**{name: value for name, value in fields.items() if name not in card})
    answer = scored(position, Market(liquidation_spike=False, **market), **card)
    assert not any(found.fired for found in answer.signals)
    assert any(signal in action.applies_to for action in answer.actions) is concerned


@pytest.mark.parametrize(("margin", "concerned"), [(1.5, True), (1.51, False)])
def test_a_profit_near_half_of_the_equity_gets_advice(margin: float, concerned: bool) -> None:
    """A profit of 1 on a margin of 1.5 is 40 % of the equity, 80 % of the threshold, though far below 3 %."""
    position = a_position(mark_price=101.0, margin=margin)
    answer = scored(position, Market(liquidation_spike=False), score=Thresholds(leverage=1000.0))
    assert not any(found.fired for found in answer.signals)
    assert any("profit" in action.applies_to for action in answer.actions) is concerned


@given(position=positions(adl_meter=None))
def test_advised_margin_is_sufficient_and_minimal(position: Position) -> None:
    """With the margin that add_margin names the leverage signal does not fire; with a thousandth less it fires."""
    answer = scored(position)
    advice = [action for action in answer.actions if action.action == "add_margin"]
    assume(advice and answer.signals[0].fired)
    assert answer.state.margin is not None
    amount = float(advice[0].reason.split()[1])
    assert amount > 0.0
    more = msgspec.structs.replace(position, margin=answer.state.margin + amount)
    assert scored(more).signals[0].fired is False
    # The amount is rounded up to six digits, and exceeds the threshold by a hundred-millionth.
    slack = amount * 2e-5 + answer.state.notional * 1e-8
    assume(amount > 2 * slack)
    less = msgspec.structs.replace(position, margin=answer.state.margin + amount - slack)
    assert scored(less).signals[0].fired is True


def test_closing_half_has_the_advised_effect() -> None:
    """With isolated margin, closing half keeps effective leverage; with cross margin it halves, as reduce_size says."""
    position = a_position(mark_price=110.0, leverage=10.0, adl_meter=4.0)
    answer = scored(position)
    (advice,) = [action for action in answer.actions if action.action == "reduce_size"]
    state = answer.state
    assert state.margin is not None
    half = {"size": 0.5, "leverage": None}
    isolated = state_of(msgspec.structs.replace(position, margin=state.margin / 2, **half))
    realised = state.unrealized_pnl / 2
    cross = state_of(msgspec.structs.replace(position, margin=state.margin + realised, **half))
    assert isolated.effective_leverage == pytest.approx(5.5) == state.effective_leverage
    assert cross.effective_leverage == pytest.approx(2.75)
    assert "closing half at mark brings its effective leverage to 2.75×" in advice.reason
    assert "stay as they are" in advice.reason


def test_take_profit_names_the_fill_price_of_an_adl() -> None:
    """The advice uses the venue's fill price, and says so if that is unknown."""
    for execution, words in (
        (Execution(price="bankruptcy"), "bankruptcy price"),
        (Execution(price="mark"), "mark or oracle price"),
        (Execution(price="unknown"), "not known"),
    ):
        answer = scored(a_position(mark_price=110.0), execution=execution)
        (advice,) = [action for action in answer.actions if action.action == "take_profit"]
        assert words in advice.reason
        assert "10" in advice.reason


def test_a_loser_is_not_told_to_take_profit() -> None:
    """Without profit there is none to take."""
    answer = scored(a_position(mark_price=90.0, adl_meter=4.0))
    assert "take_profit" not in {action.action for action in answer.actions}


ALARM = Market(funding_rate=0.01, liquidation_spike=True)
SHARED: dict[str, Any] = {
    "mechanism": "socialised",
    "mechanism_note": "Losses are spread over the winners.",
    "ranking": Ranking(),
}


@pytest.mark.parametrize("mark", [80.0, 100.0, 110.0, 130.0])
def test_socialised_loss_advice_mentions_no_adl(mark: float) -> None:
    """At a venue that socialises losses no advice mentions an ADL or a place in a queue."""
    answer = scored(a_position(mark_price=mark, leverage=12.0, adl_meter=4.0), ALARM, **SHARED)
    assert answer.actions
    for action in answer.actions:
        assert "queue" not in action.reason
        assert "ADL" not in action.reason


@pytest.mark.parametrize(
    ("mechanism", "words"),
    [
        ("queue", "reduces profitable shorts"),
        ("random", "closes shorts by chance"),
        ("keeper", "the profits of longs are what the venue's keepers reduce"),
        ("unknown", "in an order that is not known"),
        ("socialised", "shared out among others"),
        ("none", "left to the venue"),
    ],
)
def test_crowding_advice_depends_on_the_mechanism(mechanism: str, words: str) -> None:
    """The consequence of a crowded side is that of the venue's own mechanism."""
    ranking = Ranking(formula="pnl_leverage") if mechanism == "queue" else Ranking()
    answer = scored(a_position(), ALARM, mechanism=mechanism, mechanism_note="It is so.", ranking=ranking)
    (advice,) = [action for action in answer.actions if action.action == "avoid_crowded_entry"]
    assert words in advice.reason


def test_insolvent_advice_promises_no_ratios() -> None:
    """With no equity left, advice promises neither a leverage nor a rank, and says that liquidation is due."""
    answer = scored(a_position(mark_price=80.0, margin=10.0), ALARM)
    reasons = {action.action: action.reason for action in answer.actions}
    assert "×" not in reasons["reduce_size"]
    assert "queue" not in reasons["reduce_size"]
    assert "liquidation is due" in reasons["keep_margin_buffer"]
    assert reasons["add_margin"].startswith("Adding 15.33")  # 80/15 − (10 − 20), rounded up


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"margin": 20.0}, "Without a maintenance margin rate"),
        ({"margin": 20.0, "maintenance_margin_rate": 0.01}, "The liquidation price of 80.8081 is 19.1919 % away"),
        ({"margin": 200.0, "maintenance_margin_rate": 0.01}, "No price liquidates"),
        ({"margin": 5.0, "mark_price": 95.5, "maintenance_margin_rate": 0.01}, "past the liquidation price of 95.9596"),
    ],
)
def test_buffer_advice_states_the_liquidation_price(fields: dict[str, Any], words: str) -> None:
    """Unknown, out of reach, ahead or passed: each has its own text."""
    answer = scored(a_position(**fields), ALARM)
    (advice,) = [action for action in answer.actions if action.action == "keep_margin_buffer"]
    assert words in advice.reason


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"leverage": 14.9999999}, "14.9999999× is below the threshold of 15×"),
        ({"leverage": 15.0}, "15× is at or above"),
    ],
)
def test_a_number_near_its_threshold_has_enough_digits(fields: dict[str, Any], words: str) -> None:
    """A value has as many digits as its verdict needs."""
    assert words in scored(a_position(**fields)).signals[0].reason


def test_a_loss_mentions_no_share_of_equity() -> None:
    """Without profit the sentence on profit does not mention equity."""
    assert "equity" not in scored(a_position(mark_price=95.0)).signals[1].reason
    assert "equity" in scored(a_position(mark_price=105.0)).signals[1].reason


@pytest.mark.parametrize(("margin", "words"), [(0.5, "the ranking key falls"), (5.0, "so does the place in the queue")])
def test_advice_states_the_floor_of_the_binance_formula(margin: float, words: str) -> None:
    """Below a margin of 1, closing part lowers the key, because the venue counts the margin as 1."""
    position = a_position(mark_price=110.0, size=0.1, margin=margin, maintenance_margin=0.05)
    answer = scored(position, ranking=Ranking(formula="profit_times_margin_ratio"))
    half = msgspec.structs.replace(position, size=0.05, margin=margin / 2, maintenance_margin=0.025)
    later = scored(half, ranking=Ranking(formula="profit_times_margin_ratio"))
    (advice,) = [action for action in answer.actions if action.action == "reduce_size"]
    assert words in advice.reason
    assert answer.queue is not None
    assert later.queue is not None
    assert answer.queue.priority is not None
    assert (later.queue.priority == pytest.approx(answer.queue.priority)) is (margin >= 2.0)


def test_a_calm_position_gets_no_advice() -> None:
    """Nothing fired and nothing near: no actions."""
    assert scored(a_position(), Market(funding_rate=0.0, liquidation_spike=False)).actions == ()
