"""The market record that a worker process asks the service for: read while it waits, whatever happens meanwhile."""

import asyncio
import contextlib
import io
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from support.redis_servers import RedisServer, wait_for
from support.running import ADMIN_KEY, WRITABLE, RunningServer, assert_problem
from support.sockets import HEAD, answer_of, connected, next_answer, seen

Served = tuple[RunningServer, httpx.Client]
FUNDS = {"FIRST": 7.0, "SECOND": 9.0}
MOVES = {"moves": [-0.1], "weights": [1], "step": 0.05}
OWN = {"id": "mine", "side": "short", "size": 1, "entry_price": 100, "leverage": 5}
LONG = {"id": "a", "side": "long", "size": 10, "entry_price": 100, "margin": 50}
EXPOSURE: dict[str, Any] = {
    "venue": "bitmex",
    "mark_price": 100,
    "maintenance_margin_rate": 0.01,
    "positions": [LONG],
    "position": OWN,
    "depth": {"size_for_one_percent": 10},
    "moves": MOVES,
}
COMPLETE = {**EXPOSURE, "fund": {"balance": 8}}


class Gate:
    """Holds the reading of market records back until it is opened."""

    def __init__(self, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Event()
        self._opened = threading.Event()
        self._read = server.app.context.live_rules.records
        monkeypatch.setattr(server.app.context.live_rules, "records", self._hold)

    def open(self) -> None:
        self._opened.set()

    async def _hold(self, *given: Any, **named: Any) -> Any:
        self.reached.set()
        while not self._opened.is_set():  # noqa: ASYNC110 (it is opened from another thread)
            await asyncio.sleep(0.005)
        return await self._read(*given, **named)


@contextlib.contextmanager
def serving_records(url: str = "", **other: Any) -> Iterator[Served]:
    """A service with both records, whose worker runs, and an operator's client of it."""
    given = {"redis_url": url, "redis_deadline_seconds": 5.0, "redis_patience_seconds": 5.0, "max_books": 2, **other}
    with (
        RunningServer(msgspec.structs.replace(WRITABLE, **given), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {ADMIN_KEY}"}, timeout=60) as client,
    ):
        for symbol, balance in FUNDS.items():
            record = {"insurance_fund": balance, "ttl_seconds": 3600}
            client.put(f"/venues/bitmex/markets/{symbol}", json=record).raise_for_status()
        assert client.post("/adl/exposure", json=COMPLETE).status_code == 200
        yield server, client


@pytest.fixture(params=["memory", "redis"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The same with a store in memory, and with Redis."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(RedisServer(tmp_path)).url if request.param == "redis" else ""
        yield stack.enter_context(serving_records(url))


def expose(client: httpx.Client, symbol: str) -> httpx.Response:
    return client.post("/adl/exposure", json={**EXPOSURE, "symbol": symbol})


def fund_used(response: httpx.Response) -> float:
    """The fund that an exposure was worked out with, from the record."""
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["market"]["status"] == "used"
    balance: float = answer["filled"]["insurance_fund"]
    return balance


def sent(symbol: str) -> bytes:
    body = json.dumps({**EXPOSURE, "symbol": symbol}).encode()
    return HEAD % (b"/adl/exposure", len(body)) + body


def places_taken(server: RunningServer) -> float:
    return seen(server, "adlrisk_places_taken", limit="books")


def test_the_worker_gets_the_record_of_each_symbol(served: Served) -> None:
    """Two symbols in a row, and again: each exposure has the fund of its own record, from one worker."""
    server, client = served
    worker = server.worker
    assert [fund_used(expose(client, symbol)) for symbol in [*FUNDS, *FUNDS]] == [*FUNDS.values(), *FUNDS.values()]
    assert server.worker == worker is not None


@pytest.mark.parametrize("fault", [RedisServer.stopped, RedisServer.kill], ids=["silent", "down"])
def test_a_record_that_cannot_be_read_fails_only_what_needs_it(
    tmp_path: Path, fault: Callable[[RedisServer], contextlib.AbstractContextManager[None] | None]
) -> None:
    """Where the fund is on record it is 503, where the request has all it is 200 and says so; the worker goes on."""
    prompt = {"redis_deadline_seconds": 0.5, "redis_patience_seconds": 2.0}
    with RedisServer(tmp_path) as redis, serving_records(redis.url, **prompt) as (server, client):
        worker = server.worker
        with fault(redis) or contextlib.nullcontext():
            problem = assert_problem(expose(client, "UNREAD"), "store-unavailable", 503)
            complete = client.post("/adl/exposure", json={**COMPLETE, "symbol": "UNREAD"}).json()
            without = client.post("/adl/exposure", json=COMPLETE).json()
        assert "UNREAD" in problem["detail"]
        assert complete["market"]["status"] == "unreadable"
        assert complete["cases"] == without["cases"]
        assert server.worker == worker is not None


def test_work_that_waits_for_a_record_is_dropped_when_its_client_disconnects(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place is free while the record is still being read, and the next one gets its own record."""
    server, client = served
    gate = Gate(server, monkeypatch)
    worker = server.worker
    with connected(server, sends=sent("FIRST")):
        assert gate.reached.wait(60)
        assert places_taken(server) == 1
    wait_for(lambda: places_taken(server) == 0, "the place of work that nobody waits for")
    gate.open()
    assert fund_used(expose(client, "SECOND")) == FUNDS["SECOND"]
    assert server.worker != worker


def test_a_worker_that_is_killed_while_it_waits_is_replaced(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its work is a 503 once the record is there, and the next one gets its own record from another worker."""
    server, client = served
    gate = Gate(server, monkeypatch)
    worker = server.worker
    assert worker is not None
    with connected(server, sends=sent("FIRST")) as connection:
        assert gate.reached.wait(60)
        os.kill(worker, signal.SIGKILL)
        gate.open()
        assert_problem(answer_of(next_answer(connection)), "worker-failed", 503)
    assert fund_used(expose(client, "SECOND")) == FUNDS["SECOND"]
    assert server.worker != worker


def test_work_that_comes_while_another_waits_for_its_record_gets_its_own(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One job after the other: no record reaches the job of another symbol."""
    server, _ = served
    gate = Gate(server, monkeypatch)
    worker = server.worker
    with connected(server, sends=sent("FIRST")) as first:
        assert gate.reached.wait(60)
        with connected(server, sends=sent("SECOND")) as second:
            wait_for(lambda: places_taken(server) == 2, "the second job")
            gate.open()
            answers = [answer_of(next_answer(connection)) for connection in (first, second)]
    assert [fund_used(answer) for answer in answers] == list(FUNDS.values())
    assert server.worker == worker is not None
