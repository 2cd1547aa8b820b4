"""Responses on their way out: large ones are given to the server a part at a time."""

import asyncio
from typing import Any

import pytest

from adlrisk.api.dispatch.responses.response import EncodedResponse, send_response

MIB = 1 << 20


@pytest.mark.parametrize(
    "pieces",
    [
        [bytes(range(256)) * 4096 * 5],
        [b"x" * (3 * MIB + 1), b"", b"y" * MIB, b""],
        [b"", b"z" * (4 * MIB + 1)],
        [b"small", b"", b"pieces"],
        [b""],
    ],
    ids=["one", "several", "empty first", "small", "empty"],
)
def test_no_part_of_a_large_response_is_larger_than_a_megabyte(pieces: list[bytes]) -> None:
    """The server would keep it all for a client that reads nothing; the parts are the whole, and only one is last."""
    whole, sent = b"".join(pieces), []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(send_response(EncodedResponse(media_type="text/plain", pieces=[*pieces]), send))
    start, *parts = sent
    assert dict(start["headers"])[b"content-length"] == str(len(whole)).encode()
    assert b"".join(part["body"] for part in parts) == whole
    assert max(len(part["body"]) for part in parts) <= MIB
    assert [part["more_body"] for part in parts] == [True] * (len(parts) - 1) + [False]
