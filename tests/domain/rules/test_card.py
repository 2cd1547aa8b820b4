"""Validation of rule cards, and the minutes of thin sessions."""

from collections.abc import Callable
from typing import Any

import pytest

from adlrisk.domain.rules.card import Alternative, Ranking
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.domain.rules.signal_thresholds import ThinSession, minute_of_week
from support.builders import rules


def levels(**given: Any) -> LevelMeter:
    return LevelMeter(**{"field": "l", "endpoint": "GET /l", "direction_confidence": "documented", **given})


def other(formula: str) -> Alternative:
    return Alternative(formula=formula, confidence="secondary", note="Otherwise.", source="Others.")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: levels(levels=(4, 3, 2, 1)),
            "Wrong length of field `levels`: one reading per fifth of the queue",
        ),
        (
            lambda: levels(levels=(6, 5, 4, 3, 2, 1)),
            "Wrong length of field `levels`: one reading per fifth of the queue",
        ),
        (lambda: levels(levels=(5, 4, 3, 2, 2)), "Ambiguous field `levels`: a reading has two meanings"),
        *(
            (
                lambda shares=shares: levels(levels=(4, 3, 2, 1, 0), shares=shares),
                "Contradicting field `shares`: one end per level, rising to 1",
            )
            for shares in ((0.5, 1.0), (0.1, 0.2, 0.2, 0.5, 1.0), (0.1, 0.2, 0.3, 0.5, 0.9), (0.0, 0.2, 0.3, 0.5, 1.0))
        ),
        (
            lambda: levels(levels=(5, 4, 3, 2, 1), also_lowest=(1,)),
            "Ambiguous field `levels`: a reading has two meanings",
        ),
        (
            lambda: levels(levels=(5, 4, 3, 2, 1), also_lowest=(0,), none=(0,)),
            "Ambiguous field `levels`: a reading has two meanings",
        ),
        (
            lambda: ThinSession(start="Sat 20:00", to="Sat 20:00"),
            "Empty session in field `to`: it ends where it begins",
        ),
        (
            lambda: Ranking(formula="by_name"),
            (
                "Unknown value of field `formula`: must be `pnl_leverage` or `pnl_over_margin_ratio` or "
                "`profit_times_margin_ratio` or `price_ratio_leverage` or `value_ratio_leverage` or `pnl_over_equity`, "
                "not 'by_name'"
            ),
        ),
        (
            lambda: rules(mechanism="random", mechanism_note="By chance."),
            "Contradicting field `mechanism`: only a queue has a formula",
        ),
        (
            lambda: rules(mechanism="random", ranking=Ranking()),
            "Object missing required field `mechanism_note`: no queue or no formula, so what instead?",
        ),
        (
            lambda: rules(contracts=("inverse", "inverse")),
            "Contradicting field `contracts`: a kind is listed twice",
        ),
        (
            lambda: rules(ranking=Ranking()),
            "Object missing required field `mechanism_note`: no queue or no formula, so what instead?",
        ),
        (lambda: rules(ccxt=("okx", "okx")), "Contradicting field `ccxt`: an id is listed twice"),
        (
            lambda: rules(confidence="disputed"),
            "Object missing required field `alternatives`: a disputed ranking has another",
        ),
        (
            lambda: rules(alternatives=(other("pnl_leverage"),)),
            "Contradicting field `alternatives`: a formula is listed twice",
        ),
        (
            lambda: other("by_name"),
            (
                "Unknown value of field `formula`: must be `pnl_leverage` or `pnl_over_margin_ratio` or "
                "`profit_times_margin_ratio` or `price_ratio_leverage` or `value_ratio_leverage` or `pnl_over_equity`, "
                "not 'by_name'"
            ),
        ),
        (
            lambda: rules(confidence=None),
            "Object missing required field `confidence`: how well is the mechanism known?",
        ),
    ],
)
def test_a_contradictory_card_is_refused_by_field(make: Callable[[], Any], message: str) -> None:
    """The message names the field and says what is wrong with it."""
    with pytest.raises(ValueError, match="field") as refused:
        make()
    assert str(refused.value) == message


def test_only_an_unknown_mechanism_needs_no_confidence() -> None:
    """Only a card whose mechanism is unknown may omit the confidence."""
    card = rules(mechanism="unknown", mechanism_note="Nobody says.", confidence=None, ranking=Ranking())
    assert card.confidence is None


@pytest.mark.parametrize(
    ("text", "minute"),
    [("Mon 00:00", 0), ("Mon 00:01", 1), ("Tue 01:30", 1530), ("Sat 20:00", 8400), ("Sun 23:59", 10_079)],
)
def test_minutes_count_from_monday(text: str, minute: int) -> None:
    """A week has 7 · 1,440 minutes; the first of Monday is 0."""
    assert minute_of_week(text) == minute


@pytest.mark.parametrize(
    ("start", "to", "inside", "outside"),
    [
        ("Mon 10:00", "Mon 10:02", (600, 601), (599, 602, 0, 10_079)),
        ("Sun 23:59", "Mon 00:01", (10_079, 0), (10_078, 1, 5000)),
    ],
)
def test_a_session_includes_its_start_but_not_its_end(
    start: str, to: str, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    """Within a week, and across its end."""
    session = ThinSession(start=start, to=to)
    assert [session.contains(minute) for minute in inside] == [True] * len(inside)
    assert [session.contains(minute) for minute in outside] == [False] * len(outside)
