"""The score as a whole: its range, its bands, what unknowns do to it, and the advice."""

import math
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given

from adlrisk.domain.market import Market
from adlrisk.domain.position import Position
from adlrisk.domain.rules import Execution, Ranking
from adlrisk.domain.score import GUIDANCE, Score, band_of
from builders import a_position, markets, moments, positions, scored, state_of

UNKNOWNS: dict[str, list[dict[str, Any]]] = {
    "funding_rate": [{"funding_rate": 0.0}, {"funding_rate": 0.01}],
    "liquidation_spike": [{"liquidation_spike": False}, {"liquidation_spike": True}],
    "funding_interval_hours": [{"funding_interval_hours": 1.0}, {"funding_interval_hours": 24.0}],
}


@given(position=positions(), market=markets, as_of=moments)
def test_score_is_even_and_within_its_range(position: Position, market: Market, as_of: datetime) -> None:
    """0 ≤ score ≤ score_upper ≤ 10, in steps of two, in the bands of the points."""
    answer = scored(position, market, as_of=as_of)
    assert 0 <= answer.score <= answer.score_upper <= answer.max_score == 10
    assert answer.score % 2 == answer.score_upper % 2 == 0
    assert answer.score == sum(signal.points for signal in answer.signals)
    assert (answer.band, answer.band_upper) == (band_of(answer.score), band_of(answer.score_upper))
    assert answer.guidance == GUIDANCE[answer.band]
    assert [signal.signal for signal in answer.signals] == [
        "leverage",
        "profit",
        "funding",
        "market_stress",
        "adl_meter",
    ]


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
        for fields in UNKNOWNS.get(name, []):
            learnt.append(scored(position, msgspec.structs.replace(market, **fields), as_of=as_of))
    for after in learnt:
        assert before.score <= after.score <= after.score_upper <= before.score_upper


@given(position=positions(), market=markets, as_of=moments)
def test_no_number_is_infinite_or_undefined(position: Position, market: Market, as_of: datetime) -> None:
    """Every number of an answer is finite; what is undefined is None."""

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
def test_every_concern_is_answered_by_an_action(position: Position, market: Market, as_of: datetime) -> None:
    """Each signal that fired is named by an action, and no action names a signal that is calm by far."""
    answer = scored(position, market, as_of=as_of)
    answered = {name for action in answer.actions for name in action.applies_to}
    fired = {signal.signal for signal in answer.signals if signal.fired}
    assert fired <= answered
    unknown = {signal.signal for signal in answer.signals if signal.fired is None}
    assert not answered & unknown


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
    ],
)
def test_a_signal_within_a_fifth_of_its_threshold_gets_advice(
    fields: dict[str, Any], market: dict[str, Any], signal: str, concerned: bool
) -> None:
    """From 80 % of the threshold on there is an action for the signal, below it there is none."""
    answer = scored(a_position(**fields), Market(liquidation_spike=False, **market))
    assert not any(found.fired for found in answer.signals)
    assert any(signal in action.applies_to for action in answer.actions) is concerned


def test_the_margin_that_is_advised_suffices() -> None:
    """Adding what add_margin names, and a cent, brings effective leverage under the threshold."""
    position = a_position(size=10, mark_price=98.0, leverage=20.0)
    answer = scored(position)
    (advice,) = [action for action in answer.actions if action.action == "add_margin"]
    amount = float(advice.reason.split()[1])
    assert amount > 1.0
    below = state_of(msgspec.structs.replace(position, margin=answer.state.margin + amount + 0.01))
    above = state_of(msgspec.structs.replace(position, margin=answer.state.margin + amount - 0.01))
    assert below.effective_leverage is not None
    assert above.effective_leverage is not None
    assert below.effective_leverage < 15.0 < above.effective_leverage


def test_closing_half_does_what_the_advice_says() -> None:
    """Isolated, closing half leaves effective leverage; with cross margin it halves, as reduce_size says."""
    position = a_position(mark_price=110.0, leverage=10.0, adl_meter=4.0)
    answer = scored(position)
    (advice,) = [action for action in answer.actions if action.action == "reduce_size"]
    state = answer.state
    half = {"size": 0.5, "leverage": None}
    isolated = state_of(msgspec.structs.replace(position, margin=state.margin / 2, **half))
    realised = state.unrealized_pnl / 2
    cross = state_of(msgspec.structs.replace(position, margin=state.margin + realised, **half))
    assert isolated.effective_leverage == pytest.approx(5.5) == state.effective_leverage
    assert cross.effective_leverage == pytest.approx(2.75)
    assert "after closing half to 2.75×" in advice.reason
    assert "stay as they are" in advice.reason


def test_take_profit_names_the_price_an_adl_would_fill_at() -> None:
    """The advice rests on the venue's fill price, and says so where that is unknown."""
    for execution, words in (
        (Execution(price="bankruptcy"), "bankruptcy price"),
        (Execution(price="mark"), "mark price of the moment"),
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


def test_no_queue_is_spoken_of_where_there_is_none() -> None:
    """At a venue that shares losses no advice speaks of a place in a queue."""
    answer = scored(
        a_position(mark_price=110.0),
        Market(funding_rate=0.01, liquidation_spike=True),
        mechanism="socialised",
        mechanism_note="Losses are spread over the winners.",
        ranking=Ranking(),
    )
    assert answer.actions
    assert not any("queue" in action.reason for action in answer.actions)


def test_a_calm_position_gets_no_advice() -> None:
    """Nothing fired and nothing near: no actions."""
    assert scored(a_position(), Market(funding_rate=0.0, liquidation_spike=False)).actions == ()
