"""Bodies in pieces: a body's cost is bounded by its chunks and what is around them, not only by its bytes."""

import asyncio
import json
import time

import httpx
import pytest

from support.hostile.failure_cases import JSON, SCORE
from support.line import Line, on_a_line
from support.running import RunningServer, assert_problem, example
from support.sockets import HEAD, LIVE, answer_of, connected, next_answer

CHUNKED = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
PADDED = SCORE + b" " * 2000


def in_chunks(body: bytes, size: int, *, extension: bytes = b"") -> bytes:
    """The body in chunks of ``size`` bytes, without the last one of none."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)


def assert_is_stopped(answer: bytes) -> None:
    """Assert that a body in too small pieces has been refused, and that the connection ends with it."""
    response = answer_of(answer)
    problem = assert_problem(response, "bad-request", 400)
    assert "chunks" in problem["detail"]
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("size", [1, 10, 63])
def test_many_small_chunks_are_refused(size: int) -> None:
    """Beyond a thousand chunks they may not average less than 64 bytes, in one packet or in many."""
    chunk = in_chunks(b" " * size, size)

    async def story(line: Line) -> None:
        assert_is_stopped(await line.answer_to(CHUNKED % b"/scores" + chunk * 100_000))
        other = line.another()
        await other.answer_to(CHUNKED % b"/scores", chunk * 990)
        assert not other.received
        assert_is_stopped(await other.answer_to(*([chunk * 20] * 20 if size < 63 else [chunk * 20_000] * 4)))

    on_a_line(story)


@pytest.mark.parametrize("path", [b"/scores", b"/nowhere"])
def test_parser_stops_within_the_packet(path: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a packet with forty thousand chunks it reads a thousand or so, before and after an answer."""

    async def story(line: Line) -> None:
        pieces: list[int] = []
        take = type(line.connection).on_body

        def count(connection: object, body: bytes) -> None:
            pieces.append(len(body))
            take(connection, body)

        monkeypatch.setattr(type(line.connection), "on_body", count)
        one = line.another()
        await one.answer_to(CHUNKED % path)
        await asyncio.sleep(0.1)
        for _ in range(5):
            one.send(in_chunks(b" ", 1) * 40_000)
            await asyncio.sleep(0.1)
        assert len(pieces) <= (1016 if path == b"/scores" else 0)
        assert one.received.count(b"HTTP/1.1 ") == 1

    on_a_line(story)


@pytest.mark.parametrize(
    ("body", "size"), [(PADDED, 64), (PADDED, 100), (SCORE, 1)], ids=["64 bytes", "100 bytes", "a short body by byte"]
)
def test_streaming_clients_are_answered(body: bytes, size: int) -> None:
    """Pieces of 64 bytes and more are never too many, nor those of a short body, however many requests follow."""

    async def story(line: Line) -> None:
        for _ in range(5):
            answer = await line.answer_to(CHUNKED % b"/score" + in_chunks(body, size) + LAST)
            assert answer.startswith(b"HTTP/1.1 200 "), answer

    on_a_line(story)


def test_megabytes_in_pieces_of_a_hundred_bytes_are_answered(server: RunningServer) -> None:
    """A batch of thousands, streamed by a client in pieces of a hundred bytes, is scored."""
    item = json.dumps(example("score.request")).encode()
    body = b'{"items":[' + b",".join([item] * 2000) + b"]}"
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    response = httpx.post(f"{server.url}/scores", content=pieces, headers=JSON, timeout=60)
    assert response.status_code == 200, response.text
    assert len(response.json()["results"]) == 2000


def test_pipelined_requests_share_the_count() -> None:
    """Thirty requests of 990 chunks each in one packet are as many chunks as one with all of them."""

    async def story(line: Line) -> None:
        one = CHUNKED % b"/nowhere" + in_chunks(b" " * 990, 1) + LAST
        line.send(one * 30)
        await asyncio.sleep(1.0)
        assert line.received.count(b"HTTP/1.1 404 ") == line.received.count(b"HTTP/1.1 ") == 1
        other = line.another()
        for _ in range(30):
            assert (await other.answer_to(one)).startswith(b"HTTP/1.1 404 ")

    on_a_line(story)


def test_endless_chunk_extension_is_refused() -> None:
    """What is around the body may not be much more than the body."""

    async def story(line: Line) -> None:
        assert_is_stopped(await line.answer_to(CHUNKED % b"/scores" + b"1;", *[b"a" * 10_000] * 8))
        other = line.another()
        signed = in_chunks(b" " * 64, 64, extension=b";sig=" + b"f" * 40)
        assert await other.answer_to(CHUNKED % b"/scores", *[signed * 100] * 50) == b""

    on_a_line(story)


def test_endless_line_breaks_are_refused() -> None:
    """Before a request there may be some, and no more than a head is large."""

    async def story(line: Line) -> None:
        for before in (b"", LIVE):
            one = line.another()
            await one.answer_to(before)
            answered = len(one.received)
            assert (await one.answer_to(b"\r\n" * 3000, b"\r\n" * 3000, LIVE)).startswith(b"HTTP/1.1 200 ")
            await one.answer_to(*[b"\r\n" * 3000] * 3)
            assert_problem(answer_of(one.received[answered:].partition(b"}")[2]), "head-too-large", 431)

    on_a_line(story)


def test_many_headers_and_trailers_stop_the_parser() -> None:
    """One packet with tens of thousands of lines is refused as soon as they exceed the limit of a head."""
    lines = b"a:\r\n" * 50_000

    async def story(line: Line) -> None:
        for sent in (b"GET / HTTP/1.1\r\nhost: x\r\n" + lines, CHUNKED % b"/score" + b"1\r\n \r\n0\r\n" + lines):
            seen: list[int] = []
            one = line.another()
            receive_line = one.connection.progress.receive_line

            def count(name: bytes, value: bytes) -> int:
                seen.append(receive_line(name, value))  # noqa: B023 (called before the next)
                return seen[-1]  # noqa: B023

            one.connection.progress.receive_line = count
            assert_problem(answer_of(await one.answer_to(sent)), "head-too-large", 431)
            assert seen[-1] <= 16_384 + 5

    on_a_line(story)


@pytest.mark.parametrize("path", [b"/nowhere", b"/scores"])
def test_attack_by_chunks_does_not_delay_others(server: RunningServer, path: bytes) -> None:
    """Health is answered while a connection has sent a megabyte in chunks of one byte; it took seconds before."""
    attack = CHUNKED % path
    with connected(server, sends=attack) as attacker:
        attacker.settimeout(0.5)
        try:
            while True:
                attacker.sendall(in_chunks(b" ", 1) * 40_000)
        except OSError:  # it is not read any more
            pass
        waits = []
        for _ in range(5):
            started = time.perf_counter()
            assert httpx.get(f"{server.url}/health/live", timeout=60).status_code == 200
            waits.append(time.perf_counter() - started)
        assert next_answer(attacker).startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert sorted(waits)[2] < 1.0


def test_pieces_with_a_length_are_not_counted() -> None:
    """A body with a length may come byte by byte: each packet costs its sender as much."""

    async def story(line: Line) -> None:
        line.send(HEAD % (b"/score", len(PADDED)))
        assert (await line.answer_to(*[bytes([byte]) for byte in PADDED])).startswith(b"HTTP/1.1 200 ")

    on_a_line(story)
