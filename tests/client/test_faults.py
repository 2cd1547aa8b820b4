"""What goes wrong between client and service: what is tried again, what is not, and that nothing is hidden."""

import gzip
import socket
from typing import Any

import httpx2
import msgspec
import pytest

from adlrisk.client import NoAnswerError, ProblemError, UnreadableAnswerError
from support.client.both import WAYS, Way, connect
from support.client.scripted import CUT, Deed, ScriptedServer, answer, problem, refused_url, reset, wait_for_the_end
from support.redis_servers import wait_for

BOTH = pytest.mark.parametrize("way", WAYS)
LIVE = answer(msgspec.msgpack.encode({"status": "alive"}))
VENUES = answer(msgspec.msgpack.encode({"venues": []}))
VENUE = {"id": "okx", "revision": "r", "source": "catalogue", "facts_age_days": 1}
FILLS = answer(msgspec.msgpack.encode({"results": [], "venue": VENUE}))
KEPT = VENUES.replace(b"connection: close\r\n", b"")  # for the next request
HALF = VENUES[:-2]
HEAD = VENUES.partition(b"content-length")[0]
PROXY = answer(b"<h1>busy</h1>", status=503, media_type="text/html")

# A call of each kind: one that asks, one that asks with a body, and those that change something.
ASKING: dict[str, Any] = {
    "GET /venues": lambda client: client.venues(),
    "POST /fills/classify": lambda client: client.classify_fills(venue="okx", fills=[{}]),
}
CHANGING: dict[str, Any] = {
    "PATCH /venues/okx": lambda client: client.patch("okx", score={"profit": 0.1}),
    "DELETE /venues/okx/override": lambda client: client.reset("okx"),
    "PUT /venues/okx/markets/X": lambda client: client.put_market("okx", "X", funding_rate=0.1),
}
NOW: dict[str, Any] = {
    "GET /health/live": lambda client: client.live(),
    "GET /health/ready": lambda client: client.ready(),
}
LOST: dict[str, Deed] = {"cut": CUT, "cut in the head": HEAD, "cut in the content": HALF, "reset": reset}
BEFORE_WORK: dict[str, Deed] = {
    "rate-limited": problem("rate-limited", retry_after="1"),
    "overloaded": problem("overloaded", retry_after="1"),
    "not-ready": problem("not-ready", retry_after="1"),
}
PERHAPS_DONE: dict[str, Deed] = {
    "store-unavailable": problem("store-unavailable", retry_after="1"),
    "worker-failed": problem("worker-failed", retry_after="1"),
    "proxy": PROXY,
    "proxy's limit": answer(b"slow down", status=429, media_type="text/plain"),
}
LASTING: dict[str, Deed] = {
    **{
        slug: problem(slug)
        for slug in ("invalid-request", "unknown-venue", "unauthorized", "precondition-failed", "internal-error")
    },
    "bad gateway": answer(b"<h1>no</h1>", status=502, media_type="text/html"),
}


def ids(cases: dict[str, Any]) -> dict[str, Any]:
    return {"argvalues": list(cases.values()), "ids": list(cases)}


@BOTH
@pytest.mark.parametrize("fault", **ids(LOST | BEFORE_WORK | PERHAPS_DONE))
@pytest.mark.parametrize(("name", "ask"), ASKING.items(), ids=ASKING)
def test_asking_is_tried_again(way: Way, name: str, ask: Any, fault: Deed, waits: list[float]) -> None:
    """After a lost connection, a 429 and a 503 the call is made again, and its answer is the answer."""
    with (
        ScriptedServer(fault, fault, VENUES if name == "GET /venues" else FILLS) as server,
        connect(way, server.url) as client,
    ):
        ask(client)
    assert server.asked == [name] * 3
    assert len(waits) == 2


@BOTH
@pytest.mark.parametrize("fault", **ids(LOST | PERHAPS_DONE))
@pytest.mark.parametrize(("name", "change"), CHANGING.items(), ids=CHANGING)
def test_change_that_may_be_done_is_made_once(
    way: Way, name: str, change: Any, fault: Deed, waits: list[float]
) -> None:
    """It may have been carried out, and another one may have come since: whoever calls has to look."""
    with ScriptedServer(fault, LIVE) as server, connect(way, server.url) as client:
        with pytest.raises((NoAnswerError, ProblemError, UnreadableAnswerError)) as error:
            change(client)
        if isinstance(error.value, NoAnswerError):
            assert error.value.may_be_done
            assert str(error.value).endswith("; it may have been carried out")
    assert server.asked == [name]
    assert waits == []


@BOTH
@pytest.mark.parametrize("fault", **ids(BEFORE_WORK))
@pytest.mark.parametrize(("name", "change"), CHANGING.items(), ids=CHANGING)
def test_change_that_was_refused_before_work_is_tried_again(
    way: Way, name: str, change: Any, fault: Deed, waits: list[float]
) -> None:
    """The service says that it has done nothing; a lasting problem ends it."""
    with (
        ScriptedServer(fault, problem("unknown-venue")) as server,
        connect(way, server.url) as client,
        pytest.raises(ProblemError, match="unknown-venue"),
    ):
        change(client)
    assert server.asked == [name] * 2
    assert len(waits) == 1


@BOTH
@pytest.mark.parametrize("fault", **ids(LASTING))
@pytest.mark.parametrize(("name", "call"), (ASKING | CHANGING).items(), ids=ASKING | CHANGING)
def test_what_lasts_is_told_at_once(way: Way, name: str, call: Any, fault: Deed, waits: list[float]) -> None:
    """A request that is refused for what it is would be refused again."""
    with (
        ScriptedServer(fault) as server,
        connect(way, server.url) as client,
        pytest.raises((ProblemError, UnreadableAnswerError)),
    ):
        call(client)
    assert server.asked == [name]
    assert waits == []


@BOTH
@pytest.mark.parametrize("fault", [CUT, PROXY, BEFORE_WORK["not-ready"]], ids=["cut", "proxy", "not-ready"])
@pytest.mark.parametrize(("name", "ask"), NOW.items(), ids=NOW)
def test_health_is_that_of_now(way: Way, name: str, ask: Any, fault: Deed, waits: list[float]) -> None:
    """Whoever asks for it wants to know at once."""
    with (
        ScriptedServer(fault) as server,
        connect(way, server.url) as client,
        pytest.raises((NoAnswerError, ProblemError, UnreadableAnswerError)),
    ):
        ask(client)
    assert server.asked == [name]
    assert waits == []


@BOTH
@pytest.mark.parametrize("attempts", [1, 3])
def test_attempts_are_bounded(way: Way, attempts: int, waits: list[float]) -> None:
    """The last error is raised as it is; waits grow, with some chance in them."""
    with (
        ScriptedServer(CUT) as server,
        connect(way, server.url, attempts=attempts) as client,
        pytest.raises(NoAnswerError, match=r"^GET /venues: no answer \(RemoteProtocolError: ") as error,
    ):
        client.venues()
    assert len(server.asked) == attempts
    assert len(waits) == attempts - 1
    assert isinstance(error.value.__cause__, httpx2.RemoteProtocolError)
    for number, wait in enumerate(waits):
        assert 0.2 * 2**number <= wait <= 0.2 * 2**number + 0.5


@BOTH
@pytest.mark.parametrize(("name", "call"), (ASKING | CHANGING).items(), ids=ASKING | CHANGING)
def test_what_was_never_sent_is_tried_again(way: Way, name: str, call: Any, waits: list[float]) -> None:
    """Where nobody listens, a change has not been made either."""
    with connect(way, refused_url()) as client, pytest.raises(NoAnswerError, match=f"^{name}: no answer") as error:
        call(client)
    assert isinstance(error.value.__cause__, httpx2.ConnectError)
    assert not error.value.may_be_done
    assert len(waits) == 3


@BOTH
@pytest.mark.parametrize(("name", "call"), (ASKING | CHANGING).items(), ids=ASKING | CHANGING)
def test_slow_answer_ends_and_is_not_asked_for_again(way: Way, name: str, call: Any, waits: list[float]) -> None:
    """The service may still be at it: asking again would keep it busy twice."""
    with (
        ScriptedServer(wait_for_the_end) as server,
        connect(way, server.url, read_timeout=0.05) as client,
        pytest.raises(NoAnswerError, match="ReadTimeout") as error,
    ):
        call(client)
    assert isinstance(error.value.__cause__, httpx2.ReadTimeout)
    assert error.value.may_be_done
    assert server.asked == [name]
    assert waits == []


@BOTH
def test_retry_after_is_obeyed(way: Way, waits: list[float]) -> None:
    """Its seconds and at most half a second more; a date in the past is now; what is neither does not count."""
    asked = ["7", "0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-3", "nan"]
    refusals = [problem("rate-limited", retry_after=text) for text in asked]
    with ScriptedServer(*refusals, VENUES) as server, connect(way, server.url, attempts=7) as client:
        client.venues()
    for wait, least in zip(waits, [7.0, 0.0, 0.0], strict=False):
        assert least <= wait <= least + 0.5
    for number, wait in enumerate(waits[3:], start=3):
        assert 0.2 * 2**number <= wait <= 0.2 * 2**number + 0.5
    assert len(waits) == 6


@BOTH
@pytest.mark.parametrize("after", ["31", "3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_longer_than_the_longest_wait_is_left_to_the_caller(way: Way, after: str, waits: list[float]) -> None:
    """The problem says how long, so that a bot may do something else meanwhile."""
    with (
        ScriptedServer(problem("rate-limited", retry_after=after)) as server,
        connect(way, server.url) as client,
        pytest.raises(ProblemError) as error,
    ):
        client.venues()
    assert error.value.retry_after is not None
    assert error.value.retry_after > 30.0
    assert (len(server.asked), waits) == (1, [])


@BOTH
def test_longest_wait_may_be_chosen(way: Way, waits: list[float]) -> None:
    """Also for waits that the service has not asked for."""
    refusals = [problem("rate-limited", retry_after="60"), CUT, CUT, CUT, CUT]
    with ScriptedServer(*refusals, VENUES) as server, connect(way, server.url, attempts=9, longest_wait=61.0) as client:
        client.venues()
    with connect(way, refused_url(), attempts=9, longest_wait=1.0) as client, pytest.raises(NoAnswerError):
        client.venues()
    assert 60.0 <= waits[0] <= 60.5
    assert max(waits[5:]) == 1.0


GARBAGE: dict[str, tuple[bytes, str]] = {
    "a page": (answer(b"<html>", media_type="text/html"), "answered 200 .* text/html is not what was asked for"),
    "no media type": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", ".* no media type is not what was asked for"),
    "nothing": (answer(b""), "answered 200 with what cannot be decoded"),
    "broken MessagePack": (answer(b"\xc1"), "answered 200 with what cannot be decoded"),
    "broken JSON": (answer(b"{", media_type="application/json"), "answered 200 with what cannot be decoded"),
    "no UTF-8": (answer(b'"\xff"', media_type="application/json"), "answered 200 with what cannot be decoded"),
    "nested": (answer(b"[" * 100_000, media_type="application/json"), "answered 200 with what cannot be decoded"),
    "broken gzip": (answer(b"not packed", content_encoding="gzip"), "answered with broken content, DecodingError"),
    "cut gzip": (answer(gzip.compress(b"x" * 99)[:-9], content_encoding="gzip"), "answered "),
    "a redirect": (answer(b"", status=307, location="/"), "answered 307 with application/msgpack"),
    "a broken problem": (
        answer(b'{"type": 1}', status=400, media_type="application/problem+json"),
        "answered 400 with what cannot be decoded",
    ),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize(("garbage", "why"), **ids(GARBAGE))
def test_garbage_is_no_answer(way: Way, garbage: bytes, why: str, waits: list[float]) -> None:
    """It is told as what it is, once, with the decoder's exception where there is one."""
    with (
        ScriptedServer(garbage) as server,
        connect(way, server.url) as client,
        pytest.raises(UnreadableAnswerError, match=f"^GET /venues: {why}") as error,
    ):
        client.venues()
    if "decoded" in why or "broken" in why:
        assert error.value.__cause__ is not None
    assert (len(server.asked), waits) == (1, [])


@BOTH
def test_what_is_no_http_is_no_answer(way: Way, waits: list[float]) -> None:
    """Like a lost connection, with the parser's exception as its cause."""
    with (
        ScriptedServer(b"220 mail ready\r\n") as server,
        connect(way, server.url) as client,
        pytest.raises(NoAnswerError, match="RemoteProtocolError") as error,
    ):
        client.venues()
    assert isinstance(error.value.__cause__, httpx2.RemoteProtocolError)
    assert len(waits) == 3


@BOTH
def test_problem_has_all_that_was_sent(way: Way) -> None:
    """Slug, status, title, detail, the fields at fault, the request id, and when to come back."""
    sent = {
        "type": "/problems/invalid-request", "title": "T", "status": 400, "detail": "/a: wrong", "instance": "abc-1",
        "errors": [{"pointer": "/a", "detail": "wrong"}, {"pointer": "", "detail": "all"}],
    }  # fmt: skip
    told = answer(msgspec.json.encode(sent), status=400, media_type="application/problem+json", retry_after="2")
    with ScriptedServer(told) as server, connect(way, server.url) as client, pytest.raises(ProblemError) as error:
        client.venues()
    refused = error.value
    assert str(refused) == "400 invalid-request: /a: wrong (request abc-1)"
    assert (refused.slug, refused.status, refused.title, refused.detail) == ("invalid-request", 400, "T", "/a: wrong")
    assert [(one.pointer, one.detail) for one in refused.errors] == [("/a", "wrong"), ("", "all")]
    assert (refused.request_id, refused.retry_after) == ("abc-1", 2.0)


@BOTH
def test_connection_cut_between_two_calls_is_not_noticed(way: Way, waits: list[float]) -> None:
    """A connection that the service has closed while nothing was asked is not used again, also for a change."""
    with ScriptedServer(KEPT, problem("unknown-venue")) as server, connect(way, server.url) as client:
        client.venues()
        wait_for(lambda: server.closed == 1, "the server to close the connection")
        with pytest.raises(ProblemError, match="unknown-venue"):
            client.reset("okx")
    assert len(server.asked) == 2
    assert waits == []


@BOTH
def test_connections_are_kept_and_closed_at_the_end(way: Way) -> None:
    """All calls of a client take one connection, and it is not left open."""
    seen: list[bytes] = []

    def answer_all(connection: socket.socket) -> None:
        connection.sendall(KEPT)
        while piece := connection.recv(1 << 16):
            seen.append(piece.partition(b" HTTP")[0])
            connection.sendall(KEPT)

    with ScriptedServer(answer_all) as server:
        with connect(way, server.url) as client:
            client.venues()
            client.venues()
            client.venues()
        wait_for(lambda: server.closed == 1, "the client to close the connection")
    assert [*server.asked, *seen] == ["GET /venues", b"GET /venues", b"GET /venues"]


@BOTH
def test_closed_client_says_so(way: Way) -> None:
    """A call after the end is a mistake of the caller."""
    with connect(way, "http://127.0.0.1:1") as client:
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            client.venues()
