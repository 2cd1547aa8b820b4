"""The summary of a scored position against the whole answer."""

import re

import msgspec
import pytest

from adlrisk import Market, ScoreRequest, score
from adlrisk.summaries.score_summary import summarise_score
from support.running import example

EXAMPLES = ("score", "score-position-alone", "score-inverse")
CLAUSE = "not a probability: 8 of 10 is not 80 %"


def summary_of(asked: ScoreRequest) -> str:
    """The summary on one line."""
    return " ".join(summarise_score(asked, score(asked)).split())


def request_of(name: str, **position: object) -> ScoreRequest:
    """An example with changes to its position."""
    asked = example(f"{name}.request")
    return msgspec.convert({**asked, "position": {**asked["position"], **position}}, ScoreRequest)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_summary_says_what_the_answer_says(name: str) -> None:
    """Score and range, guidance, danger, standing, signals that fired or are unknown, first actions, missing, venue."""
    asked = request_of(name)
    answer, text = score(asked), summary_of(asked)
    assert CLAUSE in text
    assert f" {answer.score_upper} of 10, " in text
    assert f" guidance {answer.guidance} danger {answer.nearer_danger.danger}: {answer.nearer_danger.reason}" in text
    assert f" standing {answer.standing.place}: {answer.standing.reason}" in text
    for signal in answer.signals:
        assert (f"{signal.signal}: {signal.reason}" in text) == (signal.fired is not False or bool(signal.near))
    for number, action in enumerate(answer.actions[:3], start=1):
        assert f"{number}. {action.action}: {action.reason}" in text
    assert all(f"{action.action}: " not in text for action in answer.actions[3:])
    assert f" missing {', '.join(answer.missing) or 'nothing'} " in text
    days = answer.venue.facts_age_days
    assert re.search(rf" venue {answer.venue.id}, its facts read ({days} days? ago|today); ", text)


def test_a_range_is_shown_as_one() -> None:
    """The README's short scores 8 with all fields, and 2 to 8 by its position alone: low to high, not low."""
    assert " score 8 of 10, high (" in summary_of(request_of("score"))
    assert " score 2 to 8 of 10, low to high (" in summary_of(request_of("score-position-alone"))


def test_alerts_are_shown_with_their_reasons() -> None:
    """An ADL that is on, and a meter that has risen."""
    asked = request_of("score", adl_meter_before=1)
    asked = msgspec.structs.replace(asked, market=Market(adl_trigger=True))
    first, second = score(asked).alerts
    assert (first.alert, second.alert) == ("adl_in_progress", "meter_rising")
    assert f" alerts adl_in_progress: {first.reason} meter_rising: {second.reason} fired " in summary_of(asked)


def test_a_flat_position_is_summarised_without_empty_parts() -> None:
    """What has not fired is said in words; parts of which there is nothing to say are left out."""
    asked = ScoreRequest(
        venue="okx",
        position=request_of("score", entry_price=1800, margin=18_000, adl_meter=1).position,
        market=Market(funding_rate=0.0, funding_interval_hours=8, liquidation_spike=False, thin_liquidity=False),
        as_of="2026-11-18T12:00:00Z",
    )
    labels = [line.split()[0] for line in summarise_score(asked, score(asked)).splitlines()[2:] if line[:1] != " "]
    assert {"near", "unknown", "market", "alerts"}.isdisjoint(labels)
    assert summary_of(asked).count(" fired no signal actions none missing nothing venue okx, ") == 1


def test_the_size_in_contracts_is_shown_with_their_size() -> None:
    """100 contracts of 0.01 are not 100 coins."""
    asked = request_of("score", size=100, contract_size=0.01)
    assert "ETHUSDT at binance: short 100 contracts of 0.01 from 2000, mark 1800, as of 2026-11-18" in summary_of(asked)
