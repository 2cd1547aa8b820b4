"""Bodies in gzip and zstd: limits of size, time and slots. What is valid and what is not is in the hostile codings."""

import gzip
import json
import os
from collections.abc import Callable, Iterator

import pytest

from adlrisk.api.http.codings.zstandard import zstd
from support.hostile.failure_cases import JSON, WORKED
from support.redis_servers import wait_for
from support.running import assert_problem, serving
from support.sockets import HEAD, answer_of, connected, next_answer, seen

GZIP = {**JSON, "content-encoding": "gzip"}
BATCH = json.dumps({"items": [WORKED]}).encode()
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("coding", PACK)
def test_batch_beyond_the_limit_of_a_small_one_is_taken(coding: str) -> None:
    """A body that is small on the wire and large unpacked is answered as any other, whole or in chunks."""
    body = PACK[coding](json.dumps({"items": [WORKED] * 2000}).encode())
    assert len(body) < 8192

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    with serving() as (_, client):
        for content in (body, chunks()):
            answer = client.post("/scores", content=content, headers={**JSON, "content-encoding": coding})
            assert len(answer.json()["results"]) == 2000


def test_limit_counts_the_bytes_that_are_sent_too() -> None:
    """What is longer compressed than unpacked is no way around the limit: before it is read, and while it is."""
    body = b"".join(gzip.compress(b"") for _ in range(100))
    with serving(max_scores_bytes=1024) as (_, client):
        for content in (body, iter([body[:900], body[900:]])):
            problem = assert_problem(client.post("/scores", content=content, headers=GZIP), "body-too-large", 413)
            assert problem["detail"] == "The body may be at most 1024 bytes long"


def test_compressed_body_has_the_same_time() -> None:
    """The rest of a body that does not come is waited for no longer than that of others."""
    body = gzip.compress(os.urandom(500))
    head = HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n") % (b"/scores", len(body))
    with serving(body_timeout_seconds=0.2) as (server, _), connected(server, sends=head + body[:-9]) as connection:
        assert_problem(answer_of(next_answer(connection)), "body-too-slow", 408)


def test_compressed_batch_takes_a_slot() -> None:
    """It may be a large one: while the slots of batches are taken, only those that are small as they are get in."""
    with serving(max_batches=1) as (server, client):
        with connected(server, sends=HEAD % (b"/scores", 100_000) + b"{"):
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="batches") == 1, "the slot to be taken")
            assert client.post("/scores", content=BATCH, headers=JSON).status_code == 200
            refused = client.post("/scores", content=gzip.compress(BATCH), headers=GZIP)
            assert_problem(refused, "overloaded", 503)
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="batches") == 0, "the slot to be free")
        assert client.post("/scores", content=gzip.compress(BATCH), headers=GZIP).status_code == 200
