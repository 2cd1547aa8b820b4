"""Clocks that differ: a record is used up to a minute before its observation, by every endpoint alike."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adlrisk.venues.memory_store import MemoryStore
from support.running import ADMIN_KEY, WEDNESDAY, WRITABLE, RunningServer, assert_problem

MARKET = "/venues/binance/markets/BTCUSDT"
RECORD = {"funding_rate": 0.01, "source": "x", "ttl_seconds": 120}
SCORE: dict[str, Any] = {
    "venue": "binance",
    "symbol": "BTCUSDT",
    "position": {"side": "long", "size": 1, "entry_price": 100, "mark_price": 120, "leverage": 10},
}


class Replicas:
    """Replicas that share a store, each with a clock of its own."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, *, behind: float) -> httpx.Client:
        """A client of a replica whose clock is that many seconds behind."""
        clock = lambda: WEDNESDAY - timedelta(seconds=behind)  # noqa: E731
        running = self._stack.enter_context(RunningServer(WRITABLE, log=io.StringIO(), clock=clock))
        return self._stack.enter_context(httpx.Client(base_url=running.url, headers={"x-api-key": ADMIN_KEY}))


@pytest.fixture
def replicas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replicas]:
    store = MemoryStore()
    monkeypatch.setattr("adlrisk.api.dispatch.parameter_store.MemoryStore", lambda: store)
    with ExitStack() as stack:
        yield Replicas(stack)


def seconds_ahead(client: httpx.Client) -> float:
    families = text_string_to_metric_families(client.get("/metrics").text)
    (family,) = (found for found in families if found.name == "adlrisk_market_records_ahead_seconds")
    return family.samples[0].value


@pytest.mark.parametrize("behind", [0.3, 1.5, 30.0, 60.0])
def test_a_replica_behind_uses_fresh_records(replicas: Replicas, behind: float) -> None:
    """What a replica with the right time stored, one up to a minute behind uses at once, alone and in a batch."""
    replicas.start(behind=0.0).put(MARKET, json=RECORD).raise_for_status()
    late = replicas.start(behind=behind)
    answer = late.post("/score", json=SCORE).json()
    assert answer["signals"][2]["value"] == 0.01
    assert answer["market"] == {
        "symbol": "BTCUSDT", "status": "used", "observed_at": "2026-11-18T12:00:00Z", "age_seconds": 0, "source": "x",
    }  # fmt: skip
    assert answer["as_of"] == "2026-11-18T12:00:00Z"
    assert late.post("/score", json={**SCORE, "as_of": answer["as_of"]}).json() == answer
    assert late.post("/scores", json={"items": [SCORE]}).json()["results"] == [answer]
    shown = late.get(MARKET).json()
    assert (shown["observed_at"], shown["age_seconds"]) == ("2026-11-18T12:00:00Z", 0)
    assert seconds_ahead(late) == behind


def test_a_record_further_ahead_is_used_by_no_endpoint(replicas: Replicas) -> None:
    """More than a minute ahead: the score says out of time, GET says 404, and the gauge shows why."""
    replicas.start(behind=0.0).put(MARKET, json=RECORD).raise_for_status()
    late = replicas.start(behind=60.5)
    answer = late.post("/score", json=SCORE).json()
    assert (answer["market"]["status"], answer["market"]["age_seconds"]) == ("out_of_time", -60.5)
    assert answer["signals"][2]["fired"] is None
    assert_problem(late.get(MARKET), "unknown-market", 404)
    assert seconds_ahead(late) == 60.5


def test_an_observer_ahead_is_taken_at_its_word(replicas: Replicas) -> None:
    """A record observed up to a minute ahead is stored as it was observed, and used until it expires; beyond, 422."""
    client = replicas.start(behind=0.0)
    stored = client.put(MARKET, json={**RECORD, "observed_at": "2026-11-18T12:01:00Z"}).json()
    assert (stored["observed_at"], stored["age_seconds"]) == ("2026-11-18T12:01:00Z", 0)
    assert client.post("/score", json=SCORE).json()["market"]["observed_at"] == "2026-11-18T12:01:00Z"
    refused = client.put(MARKET, json={**RECORD, "observed_at": "2026-11-18T12:01:00.001Z"})
    assert_problem(refused, "observed-out-of-time", 422, pointer="/observed_at")


def test_a_record_from_a_replica_behind_is_used_by_one_that_is_right(replicas: Replicas) -> None:
    """An observer's own time survives a replica whose clock is behind: nothing of the record's life is lost."""
    put = {**RECORD, "observed_at": "2026-11-18T12:00:00Z", "ttl_seconds": 20}
    replicas.start(behind=30.0).put(MARKET, json=put).raise_for_status()
    right = replicas.start(behind=0.0)
    assert right.get(MARKET).json()["age_seconds"] == 0
    assert right.post("/score", json=SCORE).json()["market"]["status"] == "used"


def test_a_given_time_is_taken_literally(replicas: Replicas) -> None:
    """With `as_of` there is no grace: the caller has said when."""
    replicas.start(behind=0.0).put(MARKET, json=RECORD).raise_for_status()
    late = replicas.start(behind=30.0)
    answer = late.post("/score", json={**SCORE, "as_of": "2026-11-18T11:59:59Z"}).json()
    assert answer["market"]["status"] == "out_of_time"
