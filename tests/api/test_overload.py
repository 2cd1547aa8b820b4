"""More than fits, and callers who keep the service waiting: what is let in, what is refused, and how it ends."""

import contextlib
import json
import socket
import struct
import time

import httpx
import pytest

from support.hostile.failure_cases import JSON, SCORE, WORKED
from support.redis_servers import wait_for
from support.running import assert_problem, example, serving
from support.sockets import HEAD, answer_of, busy, connected, seen, the_rest

VENUE = b"GET /venues/binance HTTP/1.1\r\nhost: x\r\n\r\n"  # waits for its turn, unlike a whole score
LIVE = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"


def test_more_than_fit_are_told_so_and_health_is_answered() -> None:
    """Of ten requests that come while the server works three find a place; the others get 503, and probes their 200."""
    with serving(max_requests=3) as (server, _), contextlib.ExitStack() as open_ones:
        callers = [open_ones.enter_context(connected(server)) for _ in range(10)]
        probe = open_ones.enter_context(connected(server))
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 11, "all connections")
        with busy(server):
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
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="requests") == 0, "places that are free again")


def test_a_refused_request_does_not_cost_its_connection() -> None:
    """The same connection is answered when there is room."""
    with serving(max_requests=1) as (server, _), contextlib.ExitStack() as open_ones:
        both = [open_ones.enter_context(connected(server)) for _ in range(2)]
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 2, "both connections")
        with busy(server):
            for connection in both:
                connection.sendall(VENUE)
        answers = [connection.recv(65536) for connection in both]
        assert sorted(answer[:13] for answer in answers) == [b"HTTP/1.1 200 ", b"HTTP/1.1 503 "]
        for connection in both:
            connection.sendall(VENUE)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_who_sends_slowly_keeps_nobody_out() -> None:
    """A request that waits for its own body has no place: with one in all, others are answered meanwhile."""
    with serving(max_requests=1) as (server, client), contextlib.ExitStack() as open_ones:
        head = HEAD % (b"/score", len(SCORE))
        slow = [open_ones.enter_context(connected(server, sends=head + SCORE[:5])) for _ in range(5)]
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 5, "five requests in flight")
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200
        for connection in slow:
            connection.sendall(SCORE[5:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_large_batches_have_places_of_their_own_and_small_ones_need_none() -> None:
    """While a large batch arrives another is 503, and a batch as small as a score is answered."""
    items = {"items": [WORKED] * 400}
    with serving(max_batches=1) as (server, client):
        with connected(server, sends=HEAD % (b"/scores", 200_000) + b"{"):
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="batches") == 1, "the place taken")
            assert_problem(client.post("/scores", json=items), "overloaded", 503)
            assert_problem(
                client.post("/scores", content=iter([b"{}"]), headers=JSON), "overloaded", 503
            )  # its length is not known
            assert client.post("/scores", json={"items": [WORKED]}).status_code == 200
            assert client.post("/queue/rank", json=example("queue-rank.request")).status_code == 200
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="batches") == 0, "the place free again")
        assert client.post("/scores", json=items).status_code == 200
        assert seen(server, "adlrisk_rejections_total", limit="batches") == 2


def test_connections_beyond_the_limit_are_told_so_and_closed() -> None:
    """With two open a third gets 503 and is closed, but for health; when one ends, there is room again."""
    with serving(max_connections=2) as (server, _), connected(server, sends=LIVE) as one:
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
        with connected(server), connected(server, sends=HEAD % (b"/score", len(SCORE)) + SCORE) as third:
            answer = answer_of(the_rest(third))
            assert_problem(answer, "overloaded", 503)
            assert answer.headers["connection"] == "close"
            with connected(server, sends=LIVE) as probe:
                alive = the_rest(probe)
            assert alive.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in alive
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 1, "a place free again")
        assert httpx.post(f"{server.url}/score", content=SCORE, headers=JSON).status_code == 200
        assert seen(server, "adlrisk_rejections_total", limit="connections") == 2


def test_connections_far_beyond_the_limit_are_closed_at_once() -> None:
    """Fifty more than fit are answered; the next is closed without a word."""
    with serving(max_connections=1) as (server, _), contextlib.ExitStack() as open_ones:
        for _ in range(51):
            open_ones.enter_context(connected(server))
        wait_for(lambda: seen(server, "adlrisk_rejections_total", limit="connections") == 50, "fifty beyond")
        with connected(server) as one_more:
            assert one_more.recv(1) == b""


@pytest.mark.parametrize("path", [b"/score", b"/health/live"])
def test_a_head_that_does_not_arrive_is_given_up(path: bytes) -> None:
    """408 in time, however steadily its bytes drip."""
    with (
        serving(head_timeout_seconds=0.5) as (server, _),
        connected(server, sends=b"POST %s HTTP/1.1\r\n" % path) as slow,
    ):
        started = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - started < 1.2:
                slow.sendall(b"x-drip: 1\r\n")
                time.sleep(0.1)
        answer = answer_of(the_rest(slow))
    assert_problem(answer, "head-too-slow", 408)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("sends", [b"", b"\r\n", LIVE], ids=["nothing", "line breaks", "after an answer"])
def test_a_connection_that_says_nothing_more_is_closed(sends: bytes) -> None:
    """Nothing is owed to it: it is closed without an answer, even while line breaks drip."""
    with (
        serving(head_timeout_seconds=0.5, keep_alive_seconds=0.5) as (server, _),
        connected(server, sends=sends) as idle,
    ):
        if sends == LIVE:
            assert idle.recv(65536).startswith(b"HTTP/1.1 200 ")
        started = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - started < 1.0:
                idle.sendall(b"\r\n" if sends == b"\r\n" else b"")
                time.sleep(0.1)
        idle.settimeout(5)
        with contextlib.suppress(ConnectionError):
            assert idle.recv(1) == b""
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 0, "the connection gone")


def test_an_idle_head_does_not_end_the_request_before_it() -> None:
    """The beginning of a second request on the connection does not cost the first its answer."""
    rest = b"POST /score HT"
    with serving(head_timeout_seconds=0.3) as (server, _):
        head = HEAD % (b"/score", len(SCORE))
        with connected(server, sends=head + SCORE[:5]) as connection:
            time.sleep(0.6)  # the body may take longer than a head
            connection.sendall(SCORE[5:] + rest)
            received = the_rest(connection)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 408 ") == 1


LONG = b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-long: "


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([LONG + b"a" * 20_000 + b"\r\n\r\n"], id="one header, at once"),
        pytest.param([LONG, *[b"a" * 1000] * 100], id="one header without an end"),
        pytest.param([b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n"], id="a long path"),
        pytest.param([LONG[:-8], *[b"x-%d: y\r\n" % number for number in range(5000)]], id="many headers"),
    ],
)
def test_a_head_that_is_too_large_is_refused(pieces: list[bytes]) -> None:
    """431, and the caller who still sends can read it."""
    with serving(max_head_bytes=8192) as (server, _), connected(server) as connection:
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.0005)
        answer = answer_of(the_rest(connection))
        assert seen(server, "adlrisk_problems_total", type="head-too-large") == 1
    assert_problem(answer, "head-too-large", 431)
    assert answer.headers["connection"] == "close"


def test_a_large_body_is_no_large_head() -> None:
    """Only request line and headers count, wherever packets begin and end, and however many requests follow."""
    with serving(max_head_bytes=1024) as (server, _):
        body = SCORE + b" " * 60_000
        one = HEAD % (b"/score", len(body)) + body
        with connected(server, sends=one * 5 + one[:40]) as connection:
            time.sleep(0.2)
            last = HEAD.replace(b"host: x", b"host: x\r\nconnection: close") % (b"/score", len(body)) + body
            connection.sendall(one[40:] + last)
            received = the_rest(connection)
    assert received.count(b"HTTP/1.1 200 ") == 7


def test_who_does_not_read_is_cut_off() -> None:
    """Answers that nobody takes end the connection, and no request stays in flight."""
    with serving(body_timeout_seconds=0.5) as (server, _):
        ask = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", server.port))
            deaf.settimeout(5)
            deaf.sendall(ask * 100)
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 0, "the connection gone")
            wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="requests") == 0, "no place kept")


def test_nonsense_after_a_request_does_not_take_its_answer() -> None:
    """The request before is answered, then the connection ends; its answer is never mistaken."""
    with (
        serving() as (server, _),
        connected(server, sends=HEAD % (b"/score", len(SCORE)) + SCORE + b"nonsense\r\n\r\n") as one,
    ):
        received = the_rest(one)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b'"score":8' in received
    assert b"HTTP/1.1 400" not in received


def test_a_body_that_is_no_body_is_refused_at_once() -> None:
    """A chunk whose size is nonsense is 400 without waiting for the rest."""
    head = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving() as (server, _), connected(server, sends=head) as connection:
        time.sleep(0.1)
        connection.sendall(b"nonsense\r\n")
        assert_problem(answer_of(the_rest(connection)), "bad-request", 400)
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_callers_who_vanish_leave_nothing_behind() -> None:
    """Whatever a request was waiting for when its caller went away, every place is free again."""
    with serving() as (server, client):
        for path in (b"/score", b"/scores", b"/queue/rank"):
            for sends in (b"", HEAD[:20], HEAD % (path, 100_000), HEAD % (path, 100_000) + b"{", LIVE * 50):
                with connected(server, sends=sends):
                    pass
        for limit in ("requests", "batches", "books"):
            wait_for(lambda limit=limit: seen(server, "adlrisk_places_taken", limit=limit) == 0, f"no {limit}")
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 0, "no connections")
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200


CHUNKED = (
    b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n%s\r\n"
    b"%x\r\n%s\r\n0\r\n"
)


def test_trailers_end() -> None:
    """What follows a chunked body in place of a chunk is bounded as a head is."""
    with serving(max_head_bytes=4096) as (server, _):
        for piece in (b"x-more: 1\r\n" * 400, b"x-one: " + b"a" * 5000):
            with connected(server, sends=CHUNKED % (b"", len(SCORE), SCORE)) as connection:
                with contextlib.suppress(OSError):
                    for _ in range(20):
                        connection.sendall(piece)
                        time.sleep(0.01)
                assert_problem(answer_of(the_rest(connection)), "head-too-large", 431)
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_a_trailer_is_no_header() -> None:
    """A request is answered as its head says, whatever its trailers add: they do not change who asks."""
    head = b"x-forwarded-for: 192.0.2.1\r\nconnection: close\r\n"
    with serving(rate_limit="2/hour", trusted_proxies="127.0.0.1") as (server, _):
        received = []
        for number in range(4):
            trailers = b"x-forwarded-for: 198.51.100.%d\r\n\r\n" % number
            with connected(server, sends=CHUNKED % (head, len(SCORE), SCORE) + trailers) as connection:
                received.append(the_rest(connection)[:13])
    assert received == [b"HTTP/1.1 200 "] * 2 + [b"HTTP/1.1 429 "] * 2


def test_a_small_answer_that_nobody_reads_keeps_no_connection() -> None:
    """Closing waits for the peer to read, so that it is given a time as well."""
    with (
        serving(keep_alive_seconds=0.5, body_timeout_seconds=0.5, head_timeout_seconds=0.5) as (server, _),
        contextlib.ExitStack() as open_ones,
    ):
        for _ in range(5):
            deaf = open_ones.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.connect(("127.0.0.1", server.port))
            deaf.settimeout(0.2)
            with contextlib.suppress(OSError):
                for _ in range(3000):  # until both kernels' buffers are full, and little is left for ours
                    deaf.sendall(b"GET /problems/not-found HTTP/1.1\r\nhost: x\r\n\r\n")
        wait_for(
            lambda: seen(server, "adlrisk_places_taken", limit="connections") == 0, "all places", within_seconds=15
        )
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_requests_sent_without_end_are_not_all_taken() -> None:
    """Of thousands at once about a hundred are answered, then the connection ends: none is held in memory for long."""
    with serving() as (server, _), connected(server, sends=LIVE * 5000) as connection:
        received = the_rest(connection)
        assert 100 <= received.count(b"HTTP/1.1 200 ") <= 102
        assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200 ")
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="requests") == 0, "no place kept")
        assert not [line for line in server.log_lines() if line["event"] != "request"]


def test_an_early_refusal_leaves_the_connection_idle_as_any_other() -> None:
    """Once a refused body has come, the connection is kept as long as any, and the next head has all of its time."""
    head = HEAD % (b"/nowhere", 1000)
    with (
        serving(head_timeout_seconds=0.5, keep_alive_seconds=5.0) as (server, _),
        connected(server, sends=head) as connection,
    ):
        assert connection.recv(65536).startswith(b"HTTP/1.1 404 ")
        time.sleep(0.3)
        connection.sendall(b" " * 1000)
        time.sleep(1.0)
        connection.sendall(LIVE[:10])
        time.sleep(0.3)
        connection.sendall(LIVE[10:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_refused_upload_has_the_time_of_a_body() -> None:
    """It is read to its end, though longer than a head may take, so that the caller reads why it was refused."""
    with (
        serving(head_timeout_seconds=0.3, body_timeout_seconds=3.0) as (server, _),
        connected(server, sends=HEAD % (b"/nowhere", 1000)) as connection,
    ):
        for _ in range(10):
            connection.sendall(b" " * 100)
            time.sleep(0.1)
        connection.sendall(LIVE)
        received = b""
        while b'"alive"' not in received:
            piece = connection.recv(65536)
            assert piece, received
            received += piece
        assert received.startswith(b"HTTP/1.1 404 ")


def test_a_refused_upload_without_end_is_cut() -> None:
    """It has the time of a body, not more."""
    with (
        serving(body_timeout_seconds=0.6) as (server, _),
        connected(server, sends=HEAD % (b"/nowhere", 10**6)) as connection,
    ):
        started = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - started < 5.0:
                connection.sendall(b" ")
                time.sleep(0.1)
        assert time.monotonic() - started < 4.0


def test_one_connection_too_many_can_be_read_while_it_sends() -> None:
    """A client that sends three megabytes before it listens reads its 503, every time."""
    with serving(max_connections=1) as (server, _), connected(server, sends=LIVE) as first:
        assert first.recv(65536)
        for _ in range(10):
            answer = httpx.post(f"{server.url}/score", content=b" " * 3_000_000, headers=JSON)
            assert_problem(answer, "overloaded", 503)


def test_who_reads_steadily_is_not_cut_off() -> None:
    """A large answer may take longer than a body may, as long as it is taken."""
    body = json.dumps({"items": [WORKED] * 2500}).encode()
    request = HEAD.replace(b"host: x", b"host: x\r\nconnection: close") % (b"/scores", len(body)) + body
    with serving(body_timeout_seconds=2.0) as (server, client), socket.socket() as steady:
        whole = len(client.post("/scores", content=body, headers=JSON).content)
        steady.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        steady.connect(("127.0.0.1", server.port))
        steady.sendall(request)
        received = 0
        while piece := steady.recv(200_000):
            received += len(piece)
            time.sleep(len(piece) / 1_500_000)
    assert received > whole > 3_000_000


def test_a_broken_request_behind_another_does_not_take_its_answer() -> None:
    """The first is answered as if it were alone; what is broken behind it is given up."""
    broken = CHUNKED[: CHUNKED.index(b"%x")] % b"" + b"nonsense\r\n"
    for path, body in ((b"/score", SCORE), (b"/queue/rank", json.dumps(example("queue-rank.request")).encode())):
        with serving() as (server, _), connected(server, sends=HEAD % (path, len(body)) + body + broken) as connection:
            received = the_rest(connection)
            assert received.startswith(b"HTTP/1.1 200 ")
            assert received.count(b"HTTP/1.1 ") == 1
            wait_for(lambda server=server: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_a_large_head_is_large_however_it_is_cut() -> None:
    """One packet of most of it and one of its end are as much as one packet."""
    with serving(max_head_bytes=8192) as (server, _), connected(server, sends=LONG + b"a" * 60_000) as connection:
        time.sleep(0.2)
        with contextlib.suppress(OSError):
            connection.sendall(b"\r\n\r\n")
        assert_problem(answer_of(the_rest(connection)), "head-too-large", 431)


def test_a_page_can_read_that_the_service_is_full() -> None:
    """Who may ask from a browser may read the refusal, too."""
    origin = b"origin: https://desk.example\r\n"
    with (
        serving(max_requests=1, cors_origins="https://desk.example") as (server, _),
        contextlib.ExitStack() as open_ones,
    ):
        ask = VENUE.replace(b"host: x\r\n", b"host: x\r\n" + origin)
        both = [open_ones.enter_context(connected(server)) for _ in range(2)]
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 2, "both connections")
        with busy(server):
            for connection in both:
                connection.sendall(ask)
        answers = [answer_of(connection.recv(65536)) for connection in both]
        assert {answer.status_code for answer in answers} == {200, 503}
        assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"https://desk.example"}


def test_vanishing_in_the_middle_of_many_requests_leaves_no_defect_in_the_log() -> None:
    """Requests that wait behind others are dropped with their connection, without a traceback."""
    with serving() as (server, _):
        for _ in range(20):
            with connected(server, sends=b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 50) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends with RST
        for limit in ("requests", "connections"):
            wait_for(lambda limit=limit: seen(server, "adlrisk_places_taken", limit=limit) == 0, f"no {limit}")
        assert not [line for line in server.log_lines() if line["event"] != "request"]
