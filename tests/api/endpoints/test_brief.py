"""Brief answers are the full ones shortened, are small, and count the same."""

from collections.abc import Iterator
from typing import Any, get_args

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.brief import score_briefly
from adlrisk.api.endpoints.score.schema import BriefScore, ScoresItem
from adlrisk.api.endpoints.shared.batch import extract_figures
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.scoring.alerts import AlertName
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.standing import Place
from adlrisk.telemetry.metrics import ScoreFigures
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.market_records import Lookup
from support.batch_items import draw_items
from support.fuzz.drawn import REQUESTS
from support.running import WEDNESDAY
from support.shortened import shorten

CATALOGUE = load_catalogue()
EACH = 100  # items of each venue
MOST_BYTES = 200

Found = tuple[Any, ScoreFigures] | str


def score_in_full(item: ScoresItem, record: Lookup) -> Found:
    """The full answer shortened and its figures, or why there is none."""
    try:
        full = answer_score(item, venues=CATALOGUE, now=WEDNESDAY, record=record)
    except RefusedError as error:
        return f"{error.problem} {error.path} {error.detail}"
    return shorten(full, item.id), extract_figures(full)


def score_in_brief(item: ScoresItem, record: Lookup) -> Found:
    """The brief answer and its figures, or why there is none."""
    try:
        return score_briefly(item, venues=CATALOGUE, now=WEDNESDAY, record=record)
    except RefusedError as error:
        return f"{error.problem} {error.path} {error.detail}"


def candidates() -> Iterator[tuple[ScoresItem, Lookup]]:
    for item, record in draw_items(EACH):
        yield msgspec.convert(item, ScoresItem), record


def test_every_brief_answer_is_the_full_one_shortened() -> None:
    """Of thousands of positions at all venues every field is that of the full answer, and so are the refusals."""
    seen: set[Any] = set()
    refused, scored = set(), set()
    for item, record in candidates():
        found = score_in_brief(item, record)
        assert found == score_in_full(item, record)
        if isinstance(found, str):
            refused.add(found.partition(" ")[0])
            continue
        scored.add(item.venue)
        answer = found[0]
        seen |= {("standing", answer.standing), ("danger", answer.danger), ("band", answer.band)}
        seen |= {("alert", alert) for alert in answer.alerts} | {("price", answer.liquidation_price is None)}
    assert scored == set(CATALOGUE)
    assert refused == {"contract-mismatch", "venue-has-no-meter", "meter-out-of-scale"}
    kinds = {"standing": Place, "danger": Danger, "band": Band, "alert": AlertName}
    assert seen == {(kind, value) for kind, values in kinds.items() for value in get_args(values)} | {
        ("price", True),
        ("price", False),
    }


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(REQUESTS["/score"], st.none() | st.text(min_size=1, max_size=64))
def test_brief_answers_are_the_full_ones_over_the_whole_range(request: dict[str, Any], id_: str | None) -> None:
    """The same for numbers of every size."""
    item = msgspec.convert({**request, "id": id_}, ScoresItem)
    assert score_in_brief(item, "absent") == score_in_full(item, "absent")


def longest(words: Any) -> str:
    found: str = max(get_args(words), key=len)
    return found


# Longer than any that can be together: the longest word of each field, and a number of 17 digits and an exponent.
LONGEST: dict[str, Any] = {
    "score": 10,
    "score_upper": 10,
    "band": longest(Band),
    "band_upper": longest(Band),
    "standing": longest(Place),
    "danger": longest(Danger),
    "liquidation_price": 1.2345678901234567e-23,
}


@pytest.mark.parametrize("alert", get_args(AlertName))
def test_the_longest_item_with_any_alert_has_200_bytes(alert: AlertName) -> None:
    """200 bytes hold the longest words and numbers with one alert, or with an id of 20 characters and no alert."""
    assert len(msgspec.json.encode(BriefScore(**LONGEST, alerts=(alert,)))) <= MOST_BYTES
    assert len(msgspec.json.encode(BriefScore(**LONGEST, alerts=(), id="x" * 20))) <= MOST_BYTES


def test_id_and_further_alerts_add_their_own_length() -> None:
    """What a client's id and the names of alerts take comes on top: all six with an id of 64 characters make 352."""
    bare = len(msgspec.json.encode(BriefScore(**LONGEST, alerts=())))
    alerts, id_ = get_args(AlertName), "x" * 64
    all_of_it = msgspec.json.encode(BriefScore(**LONGEST, alerts=alerts, id=id_))
    assert len(all_of_it) == bare + len(json_of(id_)) + len('"id":,') + len(json_of(alerts)) - len("[]")
    assert len(all_of_it) == 352


def json_of(value: object) -> bytes:
    return msgspec.json.encode(value)


def test_generated_items_are_as_small() -> None:
    """Of thousands of answers none is longer than the longest, without id and alerts; three quarters on average."""
    sizes = []
    for item, record in candidates():
        found = score_in_brief(item, record)
        if not isinstance(found, str):
            own = msgspec.structs.replace(found[0], id=msgspec.UNSET, alerts=())
            sizes.append(len(json_of(own)))
    assert max(sizes) <= len(json_of(BriefScore(**LONGEST, alerts=())))
    assert sum(sizes) / len(sizes) <= 0.75 * MOST_BYTES
