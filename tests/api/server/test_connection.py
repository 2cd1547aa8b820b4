"""The life of a connection: what is refused is not done, and what is closed is freed."""

import asyncio
import gc
import weakref

import pytest

from support.hostile.failure_cases import SCORE
from support.line import Line, on_a_line
from support.running import ADMIN_KEY, WRITABLE
from support.sockets import HEAD, LIVE

_CHANGE = b'{"score": {"leverage": 99}}'
_PATCH = (
    b"PATCH /venues/okx HTTP/1.1\r\nhost: x\r\nx-api-key: %b\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % (ADMIN_KEY.encode(), len(_CHANGE))
) + _CHANGE
_RESET = b"DELETE /venues/okx/override HTTP/1.1\r\nhost: x\r\nx-api-key: %b\r\n" % ADMIN_KEY.encode()
_GET = b"GET /venues/okx HTTP/1.1\r\nhost: x\r\n"
_CHUNKED = b"transfer-encoding: chunked\r\n\r\n"
_BROKEN_CHUNK = b"ZZ\r\n"


@pytest.mark.parametrize("is_split", [False, True], ids=["one packet", "two packets"])
@pytest.mark.parametrize("head", [_RESET, _GET], ids=["DELETE", "GET"])
def test_broken_body_is_answered_once_and_not_acted_upon(head: bytes, *, is_split: bool) -> None:
    """A request whose chunks are not HTTP gets one answer, and where that is a refusal nothing is changed."""

    async def story(line: Line) -> None:
        assert (await line.answer_to(_PATCH)).startswith(b"HTTP/1.1 200 ")
        changed = line.app.context.venues["okx"].ref.revision
        packets = (head + _CHUNKED, _BROKEN_CHUNK) if is_split else (head + _CHUNKED + _BROKEN_CHUNK,)
        answer = await line.answer_to(*packets)
        await asyncio.sleep(5.0)
        assert line.received.count(b"HTTP/1.1 ") == 2
        assert not line.is_open
        if answer.startswith(b"HTTP/1.1 400 "):
            assert line.app.context.venues["okx"].ref.revision == changed
        else:  # it was answered before the body turned out to be broken
            assert is_split
        assert line.seen("adlrisk_places_taken", limit="requests") == 0

    on_a_line(story, admin_keys=WRITABLE.admin_keys)


@pytest.mark.parametrize(
    "asks", [b"", LIVE, HEAD % (b"/score", len(SCORE)) + SCORE], ids=["nothing", "ordinary", "fast path"]
)
def test_closed_connection_is_freed_at_once(asks: bytes) -> None:
    """No cycle of references keeps a closed connection, and the headers in it, until garbage is collected."""

    async def story(line: Line) -> None:
        closed = line.another()
        if asks:
            assert (await closed.answer_to(asks)).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(0.1)
        protocol = weakref.ref(closed.protocol)
        closed.hang_up()
        await asyncio.sleep(0.1)
        del closed.protocol, closed.connection
        assert protocol() is None

    gc.collect()
    gc.disable()
    try:
        on_a_line(story)
    finally:
        gc.enable()
