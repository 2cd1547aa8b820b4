"""Where answers are compressed, and how often: large ones not in the event loop, pages once."""

import gzip
import threading
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from adlrisk.api.dispatch import fast_path
from adlrisk.api.dispatch.responses import compress
from adlrisk.api.http.codings.compress import compress_pieces
from support.candidates import candidates
from support.hostile.failure_cases import WORKED
from support.large_books import rank_request
from support.running import RunningServer, serving

KIB = 1 << 10


class Compressed(NamedTuple):
    """A call of what compresses."""

    size: int
    effort: str
    in_loop: bool


@pytest.fixture
def served() -> Iterator[tuple[RunningServer, httpx.Client]]:
    with serving() as running:
        yield running


@pytest.fixture
def calls(served: tuple[RunningServer, httpx.Client], monkeypatch: pytest.MonkeyPatch) -> list[Compressed]:
    server, _ = served
    found: list[Compressed] = []

    def record(pieces: list[bytes], coding: str, effort: str) -> list[bytes]:
        thread = server._thread.ident  # noqa: SLF001 (that of the event loop)
        found.append(Compressed(sum(map(len, pieces)), effort, threading.get_ident() == thread))
        return compress_pieces(pieces, coding, effort)  # type: ignore[arg-type]

    monkeypatch.setattr(compress, "compress_pieces", record)
    monkeypatch.setattr(fast_path, "compress_pieces", record)
    return found


@pytest.mark.parametrize("times", [1, 20], ids=["five hundred", "ten thousand"])
def test_large_batch_is_compressed_in_a_thread(
    served: tuple[RunningServer, httpx.Client], calls: list[Compressed], times: int
) -> None:
    """However many items it has: zlib and zstd let others be answered meanwhile."""
    _, client = served
    answer = client.post("/scores", json={"items": candidates() * times})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["results"]) == 500 * times
    assert [(call.effort, call.in_loop) for call in calls] == [("thorough", False)]
    assert calls[0].size > 1000 * KIB * times


def test_small_batch_is_compressed_at_once(served: tuple[RunningServer, httpx.Client], calls: list[Compressed]) -> None:
    """On the fast path and beside it: a tenth of a millisecond is less than a thread takes."""
    _, client = served
    for extra in ({}, {"expect": "100-continue"}):  # which the fast path leaves to the ordinary one
        client.post("/scores", json={"items": [WORKED] * 5}, headers=extra).raise_for_status()
    assert [(call.effort, call.in_loop) for call in calls] == [("quick", True)] * 2
    assert all(8 * KIB <= call.size <= 32 * KIB for call in calls)


def test_page_is_compressed_once(served: tuple[RunningServer, httpx.Client], calls: list[Compressed]) -> None:
    """A page that has not changed is kept in each coding; a card is a page of its own in each format."""
    _, client = served
    paths = ("/docs", "/openapi.json", "/venues", "/venues/okx")
    first = [client.get(path).content for path in paths]
    assert [(call.effort, call.in_loop) for call in calls] == [("once", False)] * len(paths)
    assert [client.get(path).content for path in paths] == first
    assert client.get("/venues/okx", headers={"accept": "application/msgpack"}).status_code == 200
    assert len(calls) == len(paths) + 1


def test_large_book_is_not_compressed_in_the_service(
    served: tuple[RunningServer, httpx.Client], calls: list[Compressed]
) -> None:
    """The worker has compressed it; the service passes on what it got."""
    _, client = served
    answer = client.post("/queue/rank", json=rank_request(5_000))
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["queues"]["long"]["count"] == 5_000
    assert calls == []


def test_pieces_are_released_as_they_are_compressed() -> None:
    """A large answer and its compressed copy are never in memory together."""
    pieces = [b"%d" % index * 1000 for index in range(9)]
    whole = b"".join(pieces)
    for effort in ("quick", "thorough", "once"):
        given = [*pieces]
        assert gzip.decompress(b"".join(compress_pieces(given, "gzip", effort))) == whole
        assert given == []
