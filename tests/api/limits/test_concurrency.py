"""Concurrency limits: slots for requests, batches, books and connections, and the 503 beyond them."""

import asyncio
import contextlib
import json

import httpx

from support.hostile.failure_cases import JSON, SCORE, WORKED
from support.line import Line, on_a_line
from support.redis_servers import wait_for
from support.running import assert_problem, example, serving
from support.sockets import (
    HEAD,
    LIVE,
    answer_of,
    assert_all_slots_are_free,
    busy,
    connected,
    next_answer,
    seen,
    the_rest,
)

VENUE = b"GET /venues/binance HTTP/1.1\r\nhost: x\r\n\r\n"  # waits for its turn, unlike a whole score


def test_requests_beyond_the_limit_get_503_but_health_is_answered() -> None:
    """Of ten concurrent requests three get a slot; the others get 503, and probes their 200."""
    with serving(max_requests=3) as (server, _), contextlib.ExitStack() as open_ones:
        callers = [open_ones.enter_context(connected(server)) for _ in range(10)]
        probe = open_ones.enter_context(connected(server))
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 11, "all connections")
        with busy(server, *callers, probe):
            for connection in callers:
                connection.sendall(VENUE)
            probe.sendall(LIVE)
        answers = [answer_of(connection.recv(65536)) for connection in callers]
        assert probe.recv(65536).startswith(b"HTTP/1.1 200 ")
        refused = [answer for answer in answers if answer.status_code == 503]
        assert [answer.status_code for answer in answers].count(200) == 3
        assert len(refused) == 7
        for answer in refused:
            assert_problem(answer, "overloaded", 503)
            assert answer.headers["retry-after"] == "1"
        assert seen(server, "adlrisk_rejections_total", limit="requests") >= 7
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="requests") == 0, "slots that are free again")


def test_rejected_request_keeps_its_connection() -> None:
    """The same connection is answered when a slot is free."""
    with serving(max_requests=1) as (server, _), contextlib.ExitStack() as open_ones:
        both = [open_ones.enter_context(connected(server)) for _ in range(2)]
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 2, "both connections")
        with busy(server, *both):
            for connection in both:
                connection.sendall(VENUE)
        answers = [connection.recv(65536) for connection in both]
        assert sorted(answer[:13] for answer in answers) == [b"HTTP/1.1 200 ", b"HTTP/1.1 503 "]
        for connection in both:
            connection.sendall(VENUE)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_slow_senders_do_not_hold_a_slot() -> None:
    """A request that waits for its own body holds no slot: with one slot, other requests are answered meanwhile."""
    with serving(max_requests=1) as (server, client), contextlib.ExitStack() as open_ones:
        head = HEAD % (b"/score", len(SCORE))
        slow = [open_ones.enter_context(connected(server, sends=head + SCORE[:5])) for _ in range(5)]
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 5, "five requests in flight")
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200
        for connection in slow:
            connection.sendall(SCORE[5:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_large_batches_have_their_own_slots_and_small_ones_need_none() -> None:
    """While a large batch arrives another is 503, and a batch as small as a score is answered."""
    items = {"items": [WORKED] * 400}
    with serving(max_batches=1) as (server, client):
        with connected(server, sends=HEAD % (b"/scores", 200_000) + b"{"):
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="batches") == 1, "the slot taken")
            assert_problem(client.post("/scores", json=items), "overloaded", 503)
            assert_problem(
                client.post("/scores", content=iter([b"{}"]), headers=JSON), "overloaded", 503
            )  # its length is not known
            assert client.post("/scores", json={"items": [WORKED]}).status_code == 200
            assert client.post("/queue/rank", json=example("queue-rank.request")).status_code == 200
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="batches") == 0, "the slot free again")
        assert client.post("/scores", json=items).status_code == 200
        assert seen(server, "adlrisk_rejections_total", limit="batches") == 2


def test_connections_beyond_the_limit_get_503_and_are_closed() -> None:
    """With two open, a third gets 503 and is closed, except for health; when one ends, the next is accepted."""
    with serving(max_connections=2) as (server, _), connected(server, sends=LIVE) as one:
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
        with connected(server), connected(server, sends=HEAD % (b"/score", len(SCORE)) + SCORE) as third:
            answer = answer_of(next_answer(third))
            assert_problem(answer, "overloaded", 503)
            assert answer.headers["connection"] == "close"
            with connected(server, sends=LIVE) as probe:
                alive = the_rest(probe)
            assert alive.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in alive
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 1, "a slot free again")
        assert httpx.post(f"{server.url}/score", content=SCORE, headers=JSON, timeout=60).status_code == 200
        assert seen(server, "adlrisk_rejections_total", limit="connections") == 2


def test_connections_far_beyond_the_limit_are_closed_at_once() -> None:
    """Fifty connections beyond the limit get an answer; the next is closed without one."""
    with serving(max_connections=1) as (server, _), contextlib.ExitStack() as open_ones:
        for _ in range(51):
            open_ones.enter_context(connected(server))
        wait_for(lambda: seen(server, "adlrisk_rejections_total", limit="connections") == 50, "fifty beyond")
        with connected(server) as one_more:
            assert one_more.recv(1) == b""


def test_rejected_connection_can_read_its_503() -> None:
    """A client that sends three megabytes before it listens can read its 503, every time."""
    with serving(max_connections=1) as (server, _), connected(server, sends=LIVE) as first:
        assert first.recv(65536)
        for _ in range(10):
            answer = httpx.post(f"{server.url}/score", content=b" " * 3_000_000, headers=JSON, timeout=60)
            assert_problem(answer, "overloaded", 503)


def test_clients_that_disconnect_release_their_slots() -> None:
    """Whatever a request was waiting for when its client disconnected, every slot is free again."""
    with serving() as (server, client):
        for path in (b"/score", b"/scores", b"/queue/rank"):
            for sends in (b"", HEAD[:20], HEAD % (path, 100_000), HEAD % (path, 100_000) + b"{", LIVE * 50):
                with connected(server, sends=sends):
                    pass
        assert_all_slots_are_free(server)
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200


def test_cors_headers_are_on_overload_answers() -> None:
    """Pages of allowed origins can read the rejection, too."""
    origin = b"origin: https://desk.example\r\n"
    with (
        serving(max_requests=1, cors_origins="https://desk.example") as (server, _),
        contextlib.ExitStack() as open_ones,
    ):
        ask = VENUE.replace(b"host: x\r\n", b"host: x\r\n" + origin)
        both = [open_ones.enter_context(connected(server)) for _ in range(2)]
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 2, "both connections")
        with busy(server, *both):
            for connection in both:
                connection.sendall(ask)
        answers = [answer_of(connection.recv(65536)) for connection in both]
        assert {answer.status_code for answer in answers} == {200, 503}
        assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"https://desk.example"}


def test_long_batch_yields_to_other_requests() -> None:
    """While thousands of positions are scored, single requests are answered in between, many times."""
    batch = json.dumps({"items": [WORKED] * 4000}).encode()

    async def story(line: Line) -> None:
        other = line.another()
        await other.answer_to(HEAD % (b"/score", len(SCORE)) + SCORE)  # reads what is on record
        line.send(HEAD % (b"/scores", len(batch)) + batch)
        await asyncio.sleep(0)
        answered = 0
        while not line.received:
            other.send(HEAD % (b"/score", len(SCORE)) + SCORE)
            answered += 1
            await asyncio.sleep(0)
        assert other.received.count(b"HTTP/1.1 200 ") == 1 + answered
        assert answered >= 20

    on_a_line(story)
