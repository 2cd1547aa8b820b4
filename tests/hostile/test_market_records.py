"""Batches of unknown symbols: they take nobody else's market record away."""

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adlrisk.api.limits.api_keys import digest_key
from support.hostile.failure_cases import JSON
from support.redis_servers import Proxy, RedisServer
from support.running import ADMIN_KEY, serving
from support.siege import messages

KEYS: dict[str, Any] = {"admin_keys": digest_key(ADMIN_KEY)}
LONGEST = "x" * 59  # of a symbol, with five digits after it


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


def put(client: httpx.Client, *symbols: str) -> None:
    for symbol in symbols:
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        client.put(messages.market_path(symbol), json=messages.RECORD, headers=headers).raise_for_status()


def score(client: httpx.Client, symbol: str = messages.SYMBOL) -> Any:
    return client.post("/score", content=messages.score(symbol), headers=JSON).raise_for_status().json()


def test_a_batch_of_unknown_symbols_evicts_no_record(store: RedisServer) -> None:
    """A record that is known is used after the store is gone, whatever symbols a stranger asked for meanwhile."""
    with serving(redis_url=store.url, **KEYS) as (_, client):
        put(client, messages.SYMBOL)
        assert score(client)["score"] == messages.SCORE_WITH_RECORD
        client.post("/scores", content=messages.unknown_symbols(10_000), headers=JSON).raise_for_status()
        store.kill()
        answer = score(client)
    assert answer["score"] == messages.SCORE_WITH_RECORD
    assert answer["market"]["status"] == "used"


def test_a_batch_of_unknown_symbols_delays_no_record(store: RedisServer) -> None:
    """With a store behind a slow network, every score beside a batch of 10,000 symbols is computed with its record."""
    symbols = [f"S{number}" for number in range(400)]
    with serving(redis_url=store.url, **KEYS) as (_, client):
        put(client, *symbols)
    # A read takes two delays, one more for each 8 KiB: 0.3 s for a piece of the batch, 4 s for all of its keys at once.
    slow = {"redis_deadline_seconds": 3.0, "redis_patience_seconds": 30.0, "redis_refresh_seconds": 3600.0}
    with (
        Proxy(store.port, piece_bytes=8_192) as network,
        serving(redis_url=f"redis://127.0.0.1:{network.port}", **slow) as (server, client),
        httpx.Client(base_url=server.url, timeout=60) as stranger,
    ):
        network.delay_seconds = 0.03
        batch = messages.unknown_symbols(10_000, prefix=LONGEST)
        sending = threading.Thread(target=lambda: stranger.post("/scores", content=batch, headers=JSON))
        sending.start()
        asked = itertools.takewhile(lambda _: sending.is_alive(), symbols)
        answers = [score(client, symbol) for symbol in asked]
        sending.join()
        assert client.get("/health/ready").json()["status"] == "ready"
    assert {answer["score"] for answer in answers} == {messages.SCORE_WITH_RECORD}
    assert {answer["market"]["status"] for answer in answers} == {"used"}


def test_an_unreadable_record_is_not_called_absent(store: RedisServer) -> None:
    """A symbol without a record is absent, and one whose record cannot be looked up is unreadable."""
    with serving(redis_url=store.url, **KEYS) as (_, client):
        absent = score(client, "NOBODYS")
        store.kill()
        unreadable = score(client, "NOBODYSEITHER")
    assert [answer["market"]["status"] for answer in (absent, unreadable)] == ["absent", "unreadable"], json.dumps(
        [absent["market"], unreadable["market"]]
    )
