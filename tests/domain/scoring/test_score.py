"""The score as a whole: its range, its bands, the effect of unknowns, and the advice."""

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import Ranking
from adlrisk.domain.rules.meter import FractionMeter
from adlrisk.domain.rules.signal_thresholds import Thresholds
from adlrisk.domain.scoring.band import band_of
from support.builders import a_position, markets, moments, positions, scored

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

    Only the action against a near liquidation needs no signal. `for` says whether one of its signals has fired.
    """
    answer = scored(position, market, as_of=as_of)
    answered = {name for action in answer.actions for name in action.applies_to}
    fired = {signal.signal for signal in answer.signals if signal.fired}
    assert fired <= answered
    unknown = {signal.signal for signal in answer.signals if signal.fired is None}
    assert not answered & unknown
    for action in answer.actions:
        is_buffer = answer.nearer_danger.danger == "liquidation" and action.action == "keep_margin_buffer"
        assert action.applies_to or is_buffer
        assert (action.for_ == "fired") is (not fired.isdisjoint(action.applies_to) or not action.applies_to)


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


@pytest.mark.parametrize(
    ("margin", "words"), [(0.5, "while the ranking key falls"), (5.0, "for maintenance tiers the place")]
)
def test_advice_states_the_floor_of_the_binance_formula(margin: float, words: str) -> None:
    """Below a margin of 1, closing part lowers the key, because the venue counts the margin as 1."""
    position = a_position(mark_price=110.0, size=0.1, margin=margin, maintenance_margin=0.05, margin_mode="isolated")
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
