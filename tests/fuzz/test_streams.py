"""Fuzzing of byte streams, valid and broken, pipelined and split anywhere: the fast path answers like the slow one."""

import asyncio
import os
import random
import re
from typing import Final

import msgspec

from adlrisk.api.limits.api_keys import digest_key
from support.line import Line, on_a_line
from support.running import ADMIN_KEY, API_KEY, example

STREAMS: Final = int(os.environ.get("FUZZ_STREAMS", "150"))
BETWEEN_SECONDS: Final = 0.0005  # between two packets
VARIES: Final = re.compile(rb"(?mi)^(date|x-request-id|connection): [^\r\n]*\r\n")
HEADS: Final = re.compile(rb"HTTP/1\.1 \d+ [^\r\n]*\r\n(?:[^\r\n]+\r\n)+\r\n")
IDS: Final = re.compile(rb'"(request_id|instance)":"[^"]*"')
SCORE: Final = msgspec.json.encode(example("score.request"))
SMALL: Final = b'{"position":{"side":"long","size":1,"entry_price":100,"mark_price":120,"leverage":10}}'
OTHER: Final = b'{"position":{"side":"short","size":2,"entry_price":90,"mark_price":80,"leverage":3},"venue":"okx"}'
PACKED: Final = msgspec.msgpack.encode(msgspec.json.decode(SMALL))
ALIVE: Final = b'{"status":"alive"}'
LAST: Final = b"GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"


def test_fast_and_slow_path_answer_streams_alike() -> None:
    """For any bytes in any packets, both send the same answers in the same order, and end alike."""
    seed = int(os.environ.get("FUZZ_SEED", "20261123"))
    drawn = [draw_packets(random.Random(number)) for number in range(seed, seed + STREAMS)]  # noqa: S311 (drawn again)
    (fast, known), (slow, _) = collect_answers(drawn), collect_answers(drawn, at_once=False)
    for number, (packets, actual, expected) in enumerate(zip(drawn, fast, slow, strict=True), start=seed):
        # A broken request is answered only after all requests before it.
        assert actual.startswith(expected) or expected.startswith(actual), (number, packets)
        if expected.endswith(ALIVE):
            assert actual == expected, (number, packets)
    assert known > 0


def test_fast_and_slow_path_answer_half_closed_streams_alike() -> None:
    """Where the client closes its side instead, both answer the complete requests, end, and leave no slot taken."""
    seed = int(os.environ.get("FUZZ_SEED", "20261123"))
    drawn = [draw_packets(random.Random(number), last=b"") for number in range(seed, seed + STREAMS)]  # noqa: S311
    fast, slow = (collect_answers(drawn, at_once=at_once, half_closed=True)[0] for at_once in (True, False))
    for number, (packets, actual, expected) in enumerate(zip(drawn, fast, slow, strict=True), start=seed):
        assert actual == expected, (number, packets)


def test_streams_use_the_fast_path() -> None:
    """The streams above test what they should: the fast server has cached heads, the slow one none."""
    score = draw_head(b"POST", b"/score", SMALL) + SMALL
    for at_once in (True, False):
        answered, known = collect_answers([[score, LAST]] * 3, at_once=at_once)
        assert all(answer.endswith(ALIVE) for answer in answered)
        assert (known > 0) is at_once


def draw_packets(drawn: random.Random, *, last: bytes = LAST) -> list[bytes]:
    """A few requests, perhaps corrupted, and one that ends the connection, in packets."""
    requests = [draw_request(drawn) for _ in range(drawn.randint(1, 5))]
    if drawn.random() < 0.25:
        place = drawn.randrange(len(requests))
        requests[place] = corrupt(drawn, requests[place])
    if drawn.random() < 0.25:
        return [*requests, *requests, last]  # as clients send them; the second time their heads are cached
    stream = b"".join((*requests, last))
    cuts = draw_cuts(drawn, len(stream))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def draw_request(drawn: random.Random) -> bytes:
    """One request, usually a score."""
    method = drawn.choices([b"POST", b"GET", b"PUT", b"HEAD", b"OPTIONS"], [12, 1, 1, 1, 1])[0]
    path = drawn.choices(
        [b"/score", b"/scores", b"/score?x=1", b"/nothing", b"/queue/rank", b"/score/", b"/adl/partial"],
        [14, 2, 1, 1, 1, 1, 1],
    )[0]
    body = drawn.choices(
        [
            SMALL,
            OTHER,
            SCORE,
            PACKED,
            b"",
            b"{",
            SMALL + b" ",
            SMALL[:-1],
            LAST,
            draw_head(b"POST", b"/score", SMALL) + SMALL,
            b"x" * 3000,
        ],
        [8, 6, 3, 2, 1, 1, 1, 1, 1, 1, 1],
    )[0]
    return draw_head(method, path, body, drawn) + frame_body(drawn, body)


def draw_head(method: bytes, path: bytes, body: bytes, drawn: random.Random | None = None) -> bytes:
    """A head, as bots send it or slightly different."""
    lines = [b"host: a", b"content-type: application/json", b"x-api-key: " + API_KEY.encode()]
    lines.append(b"content-length: %d" % len(body))
    version = b"HTTP/1.1"
    if drawn is not None:
        change_lines(drawn, lines, body)
        version = drawn.choices([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0"], [40, 1, 1])[0]
    return b" ".join((method, path, version)) + b"\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"


def change_lines(drawn: random.Random, lines: list[bytes], body: bytes) -> None:
    """Change a head's lines in place, now and then."""
    size = len(body)
    for chance, index, choices in (
        (0.10, 1, (b"content-type: application/x-msgpack", b"content-type: text/plain",
                   b"CONTENT-TYPE:application/json; charset=utf-8")),
        (0.10, 2, (b"x-api-key: wrong", b"authorization: Bearer " + API_KEY.encode(),
                   b"authorization: Bearer " + ADMIN_KEY.encode(), b"x: y")),
        (0.08, 3, tuple(b"content-length: %d" % length for length in (max(0, size - 1), size + 1, 0, size + 100))),
        (0.06, 3, (b"transfer-encoding: chunked",)),
        (0.05, None, (b"content-length: %d" % size, b"content-length: %d" % (size + 1))),
        (0.03, None, (b"transfer-encoding: chunked",)),
        (0.05, None, (b"accept: application/msgpack", b"accept: text/html",
                      b"accept: application/json;q=0.5, application/msgpack")),
        (0.04, None, (b"connection: close", b"connection: keep-alive", b"connection: upgrade\r\nupgrade: h2c")),
        (0.03, None, (b"expect: 100-continue",)),
        (0.05, None, (b"x-request-id: mine-1", b"x-request-id: mine-2")),
        (0.03, None, (b"origin: https://a.example", b"content-encoding: gzip", b"x y: z", b"x: \x00", b" folded")),
    ):  # fmt: skip
        if drawn.random() < chance:
            line = drawn.choice(choices)
            lines[slice(len(lines), None) if index is None else slice(index, index + 1)] = [line]
    if drawn.random() < 0.02:
        lines.pop(0)
    if drawn.random() < 0.03:
        drawn.shuffle(lines)


def frame_body(drawn: random.Random, body: bytes) -> bytes:
    """The body as it is, or chunked, whatever its head says."""
    if drawn.random() > 0.06:
        return body
    cut = drawn.randint(0, len(body))
    chunks = [piece for piece in (body[:cut], body[cut:]) if piece]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in chunks) + b"0\r\n\r\n"


def corrupt(drawn: random.Random, stream: bytes) -> bytes:
    """The stream with a byte or a few changed, lost, doubled or added."""
    at = drawn.randrange(len(stream))
    kind = drawn.randrange(4)
    if kind == 0:
        return stream[:at] + bytes([drawn.choice(b"\r\n \x00:{}0AZ\xff")]) + stream[at + 1 :]
    if kind == 1:
        return stream[:at] + stream[at + drawn.randint(1, 4) :]
    if kind == 2:
        return stream[:at] + stream[max(0, at - drawn.randint(1, 40)) : at] + stream[at:]
    return stream[:at] + drawn.choice([b"\r\n", b"\n", b"\r\n\r\n", b"GET", b"\x00"]) + stream[at:]


def draw_cuts(drawn: random.Random, size: int) -> list[int]:
    """Where the stream is split into packets: nowhere, in a few places, or at each of its first hundred bytes."""
    kind = drawn.random()
    if kind < 0.4:
        return []
    if kind < 0.95:
        return sorted(drawn.randrange(1, size) for _ in range(drawn.randint(1, 4)))
    return list(range(1, min(size, 100)))


def collect_answers(
    streams: list[list[bytes]], *, at_once: bool = True, half_closed: bool = False
) -> tuple[list[bytes], int]:
    """The answers of a service to each stream until it ends the connection, and how many heads it has cached then.

    What always varies is left out. Without ``at_once`` it answers nothing at once. With ``half_closed`` the client
    closes its side after the last packet.
    """
    answered = []

    async def story(first: Line) -> None:
        if not at_once:
            first.app.fast_path.may_take = lambda *_: False
        for packets in streams:
            line = first.another()
            for packet in packets:
                line.send(packet)
                await asyncio.sleep(BETWEEN_SECONDS)
            if half_closed:
                line.send_end()
            await line.ended.wait()
            answered.append(IDS.sub(b"", HEADS.sub(_sort_lines, VARIES.sub(b"", line.received))))
        known.append(len(first.app.fast_path.heads))
        assert first.seen("adlrisk_places_taken", limit="requests") == 0
        assert first.seen("adlrisk_http_requests_in_flight") == 0

    known: list[int] = []
    on_a_line(
        story,
        api_keys=digest_key(API_KEY),
        admin_keys=digest_key(ADMIN_KEY),
        max_score_bytes=2048,
    )
    return answered, known[0]


def _sort_lines(draw_head: re.Match[bytes]) -> bytes:
    """A head's lines in order, without the length of a problem, which contains an id of varying length."""
    lines = draw_head[0].split(b"\r\n")
    if b"content-type: application/problem+json" in lines:
        lines = [line for line in lines if not line.startswith(b"content-length: ")]
    return b"\r\n".join(sorted(lines))
