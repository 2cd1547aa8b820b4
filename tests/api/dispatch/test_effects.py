"""Metrics of answers: each answer is counted once, on either path, and not at all if there was none."""

import json
from typing import Any

import pytest

from adlrisk.api.endpoints.score import batch as scores
from adlrisk.api.endpoints.score import score
from adlrisk.api.endpoints.score.answer import answer_score
from support.hostile.failure_cases import JSON, WORKED, changed
from support.running import RunningServer, assert_problem, serving

BROKEN_SIZE = 13.0
BAD = {"position": {"side": "up"}}
_OF_SCORES = ("adlrisk_score", "adlrisk_signals", "adlrisk_alerts", "adlrisk_market_lookups", "adlrisk_problems")
_TOTALS = {
    "adlrisk_scores_total": 3,  # the reading of the fourth is not on the scale
    "adlrisk_signals_total": 15,
    "adlrisk_score_ratio_count": 3,
    "adlrisk_alerts_total": 2,
    "adlrisk_market_lookups_total": 2,
    "adlrisk_problems_total": 3,
}


def metric_total(server: RunningServer, name: str) -> float:
    """Return the sum of a metric over all labels."""
    families = server.app.context.metrics.registry.collect()
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def sized(size: float) -> dict[str, Any]:
    return {**WORKED, "position": {**WORKED["position"], "size": size}}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect that one size of a position brings about."""
    answer = answer_score

    def fail(request: Any, **given: Any) -> Any:
        if request.position.size == BROKEN_SIZE:
            raise ArithmeticError("a defect")
        return answer(request, **given)

    monkeypatch.setattr(score, "answer_score", fail)
    monkeypatch.setattr(scores, "answer_score", fail)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("more", [0, 100], ids=["fast path", "normal path"])
def test_batch_with_a_defect_counts_no_item(more: int) -> None:
    """The items before the defect were never answered; the defect is the only problem, counted once."""
    items = [sized(1.0)] * (3 + more) + [BAD, sized(BROKEN_SIZE)]
    with serving() as (server, client):
        assert_problem(client.post("/scores", json={"items": items}), "internal-error", 500)
        assert metric_total(server, "adlrisk_scores_total") == 0
        assert metric_total(server, "adlrisk_signals_total") == 0
        assert metric_total(server, "adlrisk_score_ratio_count") == 0
        assert metric_total(server, "adlrisk_problems_total") == 1
        assert metric_total(server, "adlrisk_http_requests_total") == 1


@pytest.mark.parametrize("more", [0, 100], ids=["fast path", "normal path"])
def test_each_batch_item_is_counted_once(more: int) -> None:
    """Scores by venue, band and signal, and problems, are counted as often as the answer has them."""
    items = [sized(1.0)] * (3 + more) + [sized(2.0), BAD, BAD]
    with serving() as (server, client):
        results = client.post("/scores", json={"items": items}).json()["results"]
        assert ["score" in result for result in results] == [True] * (4 + more) + [False, False]
        assert metric_total(server, "adlrisk_scores_total") == 4 + more
        assert metric_total(server, "adlrisk_signals_total") == 5 * (4 + more)
        assert metric_total(server, "adlrisk_score_ratio_count") == 4 + more
        ratios = sum(result["score"] / result["max_score"] for result in results[: 4 + more])
        assert metric_total(server, "adlrisk_score_ratio_sum") == pytest.approx(ratios)
        assert metric_total(server, "adlrisk_problems_total") == 2


def test_brief_scores_are_counted_as_full_ones() -> None:
    """Scores, signals, ratios, lookups of records, alerts and problems are the same, whatever detail was asked for."""
    market = {"adl_trigger": True, "open_interest_high": True}
    items = [
        sized(1.0),
        {**sized(2.0), "market": market},
        {**sized(1.0), "symbol": None},
        changed("position.adl_meter", 9),
    ]
    counted = []
    for detail in ("full", "brief"):
        with serving() as (server, client):
            assert client.post("/scores", json={"items": [*items, BAD, BAD], "detail": detail}).status_code == 200
            families = server.app.context.metrics.registry.collect()
            counted.append(
                {
                    (sample.name, *sample.labels.items()): sample.value
                    for family in families
                    for sample in family.samples
                    if sample.name.startswith(_OF_SCORES) and not sample.name.endswith("_created")
                }
            )
    full, brief = counted
    assert brief == full
    totals = {name: sum(value for key, value in full.items() if key[0] == name) for name in _TOTALS}
    assert totals == _TOTALS


@pytest.mark.usefixtures("broken")
def test_defect_logs_no_position_in_either_format() -> None:
    """The traceback says where it failed, not on what: no body, no price, no key."""
    price = 61_234.5
    body = {**sized(BROKEN_SIZE), "symbol": "SECRETUSDT"}
    body["position"] |= {"entry_price": price, "mark_price": price}
    for form in ("json", "console"):
        with serving(log_format=form) as (server, client):
            headers = {**JSON, "x-api-key": "a-key-that-is-secret"}
            response = client.post("/score", content=json.dumps(body).encode(), headers=headers)
            assert_problem(response, "internal-error", 500)
            logged = server.log.getvalue()
        assert "ArithmeticError" in logged
        for secret in ("61234", "SECRETUSDT", "a-key-that-is-secret", "entry_price"):
            assert secret not in logged
