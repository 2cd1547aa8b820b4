"""Simulations and exposures as work: where it is done, what is too much of it, and what ends it."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

from adlrisk.api.bulk.deadline import DeadlineError, start_deadline
from adlrisk.api.bulk.job import BulkHandler, Job, Outcome, run_job
from adlrisk.api.dispatch import bulk_respond
from adlrisk.api.dispatch.bulk_respond import BulkResponder
from adlrisk.api.endpoints.stress import exposure_book, simulate_book
from adlrisk.api.endpoints.stress.exposure import EXPOSURE
from adlrisk.api.endpoints.stress.exposure_book import EXPOSURE_BOOK
from adlrisk.api.endpoints.stress.simulate_book import SIMULATE_BOOK
from adlrisk.api.http.content_types import negotiate
from adlrisk.api.http.headers import Headers
from adlrisk.settings import Settings
from adlrisk.venues.catalogue import load_catalogue
from support.builders import WEDNESDAY
from support.large_books import rank_request
from support.redis_servers import wait_for
from support.running import RunningServer, assert_problem, example, serving
from support.sockets import HEAD, LIVE, answer_of, connected, next_answer, seen

SIMULATION: dict[str, Any] = example("adl-simulate.request")
EXPOSED: dict[str, Any] = example("adl-exposure.request")
SMALLEST_EXPOSURE = {
    **EXPOSED,
    "positions": EXPOSED["positions"][:1],
    "moves": {"moves": [0], "weights": [1]},
    "liquidity": {"calm": 1},
    "ids": ["a"],
    "position": None,
}
MIB = 1 << 20


def columns(count: int) -> dict[str, Any]:
    """A book of longs in columns, none of them near liquidation but the first."""
    return {
        "id": [str(number) for number in range(count)],
        "side": ["long"] * count,
        "size": [1] * count,
        "entry_price": [100] * count,
        "margin": [5, *[90] * (count - 1)],
    }


def large(request: dict[str, Any], count: int) -> dict[str, Any]:
    """The request with so many positions."""
    rest = {name: part for name, part in request.items() if name != "positions"}
    return {**rest, "columns": columns(count)}


def long_exposure(count: int) -> dict[str, Any]:
    """An exposure that takes minutes: a walk of 2,000 steps in eight cases, each of which liquidates somebody."""
    book = large(EXPOSED, count)
    entries = np.linspace(50, 150, count).tolist()
    book["columns"] |= {"entry_price": entries, "margin": [entry * 0.5 for entry in entries]}
    moves = {"volatility": 5, "horizon_hours": 24, "points": 401, "step": 0.001}
    return {**book, "moves": moves, "liquidity": {str(case): 1 for case in range(1, 9)}, "ids": ["0"]}


def run(handler: BulkHandler, request: Any, *, seconds: float = math.inf) -> Outcome:
    """The outcome of ``request`` in this process."""
    job = Job(
        operation=handler.operation,
        body_media_type="application/json",
        answer_media_type="application/json",
        request_id="one",
        now=WEDNESDAY,
        seconds=seconds,
    )
    return run_job(job, [msgspec.json.encode(request)], handler=handler, venues=load_catalogue())


def problem_of(outcome: Outcome) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(b"".join(outcome.pieces))
    return content


def day_of(count: int) -> dict[str, Any]:
    """A simulation of 1,440 marks and so many positions."""
    return {**large(SIMULATION, count), "marks": [94] * 1440}


def many_cases_of(count: int) -> dict[str, Any]:
    """An exposure of 401 moves in eight cases; with the position of one's own the book has one more than ``count``."""
    moves = {"volatility": 1, "horizon_hours": 1, "points": 401}
    return {**large(EXPOSED, count), "ids": ["1"], "moves": moves, "liquidity": {str(case): 1 for case in range(8)}}


def walk_down_of(steps: int) -> dict[str, Any]:
    """An exposure that walks so many steps down, and a hundred up."""
    return {**EXPOSED, "moves": {"moves": [0.09, -0.0009 * steps], "weights": [0, 0], "step": 0.0009}}


def walk_up_of(steps: int) -> dict[str, Any]:
    """An exposure that walks so many steps up, to several times the price."""
    return {**EXPOSED, "moves": {"moves": [0.005 * steps], "weights": [1], "step": 0.005}}


@pytest.mark.parametrize(
    ("ask", "fits", "pointer", "figures"),
    [
        (day_of, 69_444, "/marks", "1440 marks × 69445 positions are 100000800"),
        (many_cases_of, 31_171, "/moves", "401 moves × 8 cases × 31173 positions are 100002984"),
        (walk_down_of, 1000, "/moves/step", "1001 steps of 0.0009"),
        (walk_up_of, 1000, "/moves/step", "1001 steps of 0.005"),
    ],
)
def test_too_much_work_is_refused_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[int], Any], fits: int, pointer: str, figures: str
) -> None:
    """The problem has the figures, and nothing is computed; what is one less is worked on."""
    worked: list[object] = []

    def note(request: object, *_: object, **__: object) -> Any:
        worked.append(request)
        raise MemoryError

    monkeypatch.setattr(simulate_book, "answer_simulation", note)
    monkeypatch.setattr(exposure_book, "answer_exposure", note)
    handler = SIMULATE_BOOK if ask is day_of else EXPOSURE_BOOK
    outcome = run(handler, ask(fits + 1))
    problem = problem_of(outcome)
    assert (problem["type"], outcome.status) == ("/problems/simulation-too-large", 413)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert figures in problem["detail"]
    assert not worked
    run(handler, ask(fits))
    assert len(worked) == 1


@pytest.mark.parametrize("handler", [SIMULATE_BOOK, EXPOSURE_BOOK], ids=lambda handler: handler.operation)
def test_work_beyond_its_time_says_what_to_ask_less_of(handler: BulkHandler) -> None:
    """It stops itself: 413 without `Retry-After`, for the same would take as long again."""
    request = SIMULATION if handler is SIMULATE_BOOK else EXPOSED
    outcome = run(handler, request, seconds=0.0)
    problem = problem_of(outcome)
    assert (problem["type"], outcome.status, outcome.headers) == ("/problems/simulation-too-large", 413, {})
    assert handler.advice in problem["detail"]
    assert run(handler, request, seconds=600.0).status == 200


def test_the_pulse_goes_by_the_monotonic_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is silent until the seconds have passed, and raises from then on."""
    now = [1000.0]
    monkeypatch.setattr("adlrisk.api.bulk.deadline.time.monotonic", lambda: now[0])
    pulse = start_deadline(2.0)
    now[0] = 1001.9
    pulse()
    now[0] = 1002.0
    with pytest.raises(DeadlineError):
        pulse()


def test_work_ends_before_the_worker_would_be_killed() -> None:
    """A job has less time than the worker, so that its own answer arrives."""
    with serving(book_timeout_seconds=10.0) as (server, _):
        responder = BulkResponder(EXPOSURE, EXPOSURE_BOOK, server.app.context)
        negotiated = negotiate(Headers([(b"content-type", b"application/json")]), EXPOSURE.offer(Settings()))
        job = responder._job(negotiated, request_id="one")  # noqa: SLF001 (what the worker is given)
    assert 5.0 <= job.seconds <= 9.0


def test_no_exposure_is_worked_on_in_the_services_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest there is goes to the worker, whatever may stay: the event loop never computes one."""
    monkeypatch.setattr("adlrisk.domain.stress.exposure.expose", lambda *_, **__: pytest.fail("in the event loop"))
    with serving(inline_book_bytes=64 * MIB) as (server, client):
        assert client.post("/adl/exposure", json=SMALLEST_EXPOSURE).status_code == 200
        assert server.worker is not None


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({}, True),
        ({"marks": [94] * 6}, True),
        ({"marks": [94] * 8}, False),
        ({"permanent_impact": 0.1}, False),
        ({"columns": columns(700), "positions": ...}, False),
    ],
    ids=["the worked example", "six marks", "eight marks", "a cascade", "700 positions"],
)
def test_only_a_short_simulation_is_worked_on_in_the_services_process(changes: dict[str, Any], stays: bool) -> None:
    """By what it takes: each step, each position, and a hundred rounds of a step with impact."""
    request = {name: part for name, part in {**SIMULATION, **changes}.items() if part is not ...}
    with serving() as (server, client):
        assert client.post("/adl/simulate", json=request).status_code == 200
        assert (server.worker is None) == stays


@pytest.fixture
def server() -> Iterator[RunningServer]:
    """A server whose worker runs; a book may take ten minutes."""
    with serving(book_timeout_seconds=600.0, max_books=2) as (running, client):
        assert client.post("/adl/exposure", json=SMALLEST_EXPOSURE).status_code == 200
        yield running


def test_a_long_exposure_is_dropped_when_its_client_disconnects(server: RunningServer) -> None:
    """It would take minutes; the worker is free for the next one at once, in a new process."""
    worker = server.worker
    body = msgspec.json.encode(long_exposure(20_000))
    with connected(server, sends=HEAD % (b"/adl/exposure", len(body)) + body):
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 1, "the exposure")
        with connected(server, sends=LIVE) as other:  # a request beside it is answered
            assert answer_of(next_answer(other)).status_code == 200
    wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 0, "the slot")
    with httpx.Client(base_url=server.url, timeout=60.0) as client:
        assert client.post("/adl/exposure", json=SMALLEST_EXPOSURE).status_code == 200
    assert server.worker != worker


def test_a_long_exposure_ends_itself_and_leaves_the_worker(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its deadline it answers a problem, and the same process goes on to the next."""
    monkeypatch.setattr(bulk_respond, "_SHARE_FOR_WORK", 0.001)
    worker = server.worker
    with httpx.Client(base_url=server.url, timeout=60.0) as client:
        response = client.post("/adl/exposure", json=long_exposure(20_000))
        problem = assert_problem(response, "simulation-too-large", 413)
        assert "stopped after 0.6 s" in problem["detail"]
        assert "retry-after" not in response.headers
        assert client.post("/queue/rank", json=rank_request(2000)).status_code == 200
    assert server.worker == worker


def test_a_simulation_is_counted_with_its_steps() -> None:
    """A simulation by its marks, an exposure by moves, cases and both paths; a ranking has no steps."""
    with serving() as (server, client):
        client.post("/adl/simulate", json={**SIMULATION, "marks": [99, 94]}).raise_for_status()
        client.post("/adl/exposure", json=EXPOSED).raise_for_status()
        client.post("/queue/rank", json=example("queue-rank.request")).raise_for_status()
        simulated = {
            operation: (
                seen(server, "adlrisk_simulated_steps_count", operation=operation),
                seen(server, "adlrisk_simulated_steps_sum", operation=operation),
                seen(server, "adlrisk_book_positions_sum", operation=operation),
            )
            for operation in ("simulateDeleveraging", "estimateExposure", "rankQueue")
        }
    assert simulated["simulateDeleveraging"] == (1.0, 2.0, 3.0)
    assert simulated["estimateExposure"] == (1.0, 4 * 2 * 2, 4.0)
    assert simulated["rankQueue"][0] == 0.0


def test_a_problem_of_a_refused_simulation_reaches_the_client(server: RunningServer) -> None:
    """Over HTTP, in the shape of every problem."""
    request = {**EXPOSED, "moves": {"moves": [5], "weights": [1], "step": 0.001}}
    with httpx.Client(base_url=server.url, timeout=60.0) as client:
        response = client.post("/adl/exposure", json=request)
    assert "retry-after" not in response.headers
    assert_problem(response, "simulation-too-large", 413, pointer="/moves/step")
