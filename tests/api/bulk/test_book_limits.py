"""The limits of a book: its positions, its answer, the worker's memory, and what stays in the service's process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.bulk.answer_limit import limit_answer
from adlrisk.api.bulk.job import BookLimits, BulkHandler, Job, Outcome, run_job
from adlrisk.api.endpoints.queue.rank_book import RANK_BOOK
from adlrisk.api.endpoints.queue.schema import QueueRow
from adlrisk.api.endpoints.shared.rows import encode_rows
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.server.book_worker import HANDLERS
from adlrisk.venues.catalogue import load_catalogue
from support.builders import WEDNESDAY
from support.large_books import allocation_request, in_rows, rank_request
from support.redis_servers import wait_for
from support.running import assert_problem, serving
from support.sockets import HEAD, LIVE, connected, next_answer, seen

JSON, PACKED = codecs.JSON.media_types[0], codecs.MSGPACK.media_types[0]
FORMATS = [JSON, PACKED]
MIB = 1 << 20


def send(client: httpx.Client, path: str, request: dict[str, Any], media_type: str = JSON) -> httpx.Response:
    content = codecs.CODECS[media_type].encode(request)
    return client.post(path, content=content, headers={"content-type": media_type, "accept": media_type})


@pytest.fixture(scope="module", params=[65_536, 1024], ids=["inline", "worker"])
def few_positions(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A service that takes a hundred positions, in process or in its worker."""
    with serving(max_positions=100, inline_book_bytes=request.param) as (_, client):
        yield client


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize(("layout", "pointer"), [(dict, "/columns"), (in_rows, "/positions")])
def test_book_with_too_many_positions_is_refused(
    few_positions: httpx.Client, layout: Callable[[Any], Any], pointer: str, media_type: str
) -> None:
    """The limit is exact, and the problem names where the positions stand."""
    for request, path in (
        (rank_request, "/queue/rank"),
        (lambda count: allocation_request(count, layout="rows"), "/adl/allocate"),
    ):
        assert send(few_positions, path, layout(request(100)), media_type).status_code == 200
        response = send(few_positions, path, layout(request(101)), media_type)
        problem = assert_problem(response, "book-too-large", 413, pointer=pointer)
        assert "100 positions" in problem["detail"]


def test_column_longer_than_the_ids_counts(few_positions: httpx.Client) -> None:
    """A book is as large as its longest column, whatever the ids say."""
    request = rank_request(100)
    request["columns"]["maintenance_margin"] = [1] * 101
    assert_problem(send(few_positions, "/queue/rank", request), "book-too-large", 413, pointer="/columns")


def run(body: bytes, **limits: int) -> Outcome:
    """The outcome of a ranking in this process."""
    job = Job(
        operation="rankQueue",
        body_media_type=JSON,
        answer_media_type=JSON,
        request_id="one",
        now=WEDNESDAY,
        limits=BookLimits(**limits),
    )
    return run_job(job, [body], handler=RANK_BOOK, venues=load_catalogue())


def test_json_with_too_many_values_is_refused_before_it_is_decoded() -> None:
    """What is no JSON is not noticed any more; a book of the most positions with every field and its ids is decoded."""
    assert run(b'{"columns":{"id":[' + b"1," * 11_001, max_positions=1000).problem == "book-too-large"
    full = rank_request(1000)
    optional = ("margin", "maintenance_margin_rate", "maintenance_amount", "maintenance_margin")
    full["columns"] |= dict.fromkeys(optional, [0.5] * 1000)
    full["ids"] = full["columns"]["id"]
    assert run(msgspec.json.encode(full), max_positions=1000).status == 200


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("path", ["/queue/rank", "/adl/allocate"])
def test_answer_beyond_the_limit_is_refused(path: str, layout: str, media_type: str) -> None:
    """One that fits by four kilobytes is sent; one that does not by a byte is a problem that says what to ask for."""
    request = {**allocation_request(1000, layout=layout)}
    if path == "/queue/rank":
        request = {**rank_request(1000), "layout": layout}
    with serving() as (_, client):
        size = len(send(client, path, request, media_type).content)
    with serving(max_answer_bytes=size + 4096) as (_, client):
        assert len(send(client, path, request, media_type).content) == size
    with serving(max_answer_bytes=size - 1) as (_, client):
        problem = assert_problem(send(client, path, request, media_type), "answer-too-large", 413)
    assert "columns" in problem["detail"]
    assert ("policies" if path == "/adl/allocate" else "top") in problem["detail"]


@pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK], ids=lambda codec: codec.name)
def test_rows_that_cannot_fit_are_not_encoded(codec: codecs.Codec) -> None:
    """No column is read of rows that would be too large even if each value took a single byte."""
    limited = limit_answer(codec, max_bytes=100_000, advice="less")
    with pytest.raises(ProblemError, match="less"):
        encode_rows(QueueRow, length=1000, part=lambda *_: pytest.fail("it reads a column"), codec=limited)


def test_encoding_stops_at_the_limit() -> None:
    """Of an answer that is too large, no more than the limit and the part that exceeds it are ever encoded."""
    encoded: list[int] = []

    def encode(value: Any) -> bytes:
        part = codecs.JSON.encode(value)
        encoded.append(len(part))
        return part

    limited = limit_answer(msgspec.structs.replace(codecs.JSON, encode=encode), max_bytes=10_000_000, advice="less")
    with pytest.raises(ProblemError):
        encode_rows(QueueRow, length=60_000, part=lambda _, start, end: ["x" * 64] * (end - start), codec=limited)
    assert sum(encoded[:-1]) <= 10_000_000


def test_book_that_needs_more_memory_than_the_worker_may_use_is_refused() -> None:
    """It is the book's problem, and the worker goes on: the next book gets its answer from the same process."""
    book = rank_request(1_500_000)
    with serving(max_worker_bytes=192 * MIB, max_positions=10_000_000) as (server, client):
        response = send(client, "/queue/rank", book, PACKED)
        assert_problem(response, "book-too-large", 413)
        worker = server.worker
        assert worker is not None
        assert send(client, "/queue/rank", rank_request(10_000), PACKED).status_code == 200
        assert server.worker == worker


def test_book_of_many_rows_goes_to_the_worker() -> None:
    """A book in few bytes is large by what it makes the service compute: positions times policies."""
    with serving() as (server, client):
        for count in (250, 1500):
            small = rank_request(count) if count == 1500 else allocation_request(count, layout="rows")
            assert send(client, "/adl/allocate" if count == 250 else "/queue/rank", small).status_code == 200
            assert server.worker is None
        large = allocation_request(251, layout="rows")
        assert len(msgspec.json.encode(large)) < 8192
        assert send(client, "/adl/allocate", large).status_code == 200
        assert server.worker is not None


def test_worker_starts_while_a_large_book_arrives() -> None:
    """It is there before the body is, and not for one that is small, or too large to be read."""
    with serving(max_book_bytes=100_000) as (server, client):
        for announced in (60_000, 100_001):
            with connected(server, sends=HEAD % (b"/queue/rank", announced)):
                assert client.get("/health/live").status_code == 200
                assert server.worker is None
        with connected(server, sends=HEAD % (b"/queue/rank", 70_000)):
            wait_for(lambda: server.worker is not None, "the worker")
            os.kill(server.worker or 0, 0)


def test_worker_has_every_handler_of_books() -> None:
    """It knows them without the table of endpoints, which would import the service."""
    handlers = [endpoint.handle for endpoint in ENDPOINTS if isinstance(endpoint.handle, BulkHandler)]
    handlers += [endpoint.bulk.handler for endpoint in ENDPOINTS if endpoint.bulk is not None]
    assert {handler.operation: handler for handler in handlers} == HANDLERS


def test_worker_imports_no_service() -> None:
    """Litestar and all that comes with it would cost each worker half of its memory and of its time to start."""
    seen = "import adlrisk.api.server.book_worker, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True, timeout=60)
    modules = done.stdout.split()
    assert "numpy" in modules
    assert {"litestar", "uvicorn", "structlog", "prometheus_client", "redis", "asyncio"}.isdisjoint(modules)


@pytest.mark.parametrize(
    ("ends", "slug", "status"),
    [
        (lambda worker: os.kill(worker, signal.SIGSEGV), "book-too-large", 413),
        (lambda worker: os.kill(worker, signal.SIGABRT), "book-too-large", 413),
        (lambda worker: os.kill(worker, signal.SIGKILL), "worker-failed", 503),
    ],
    ids=["as where an allocation fails in a library", "as where a library gives up", "killed"],
)
def test_a_worker_that_ends_is_told_apart(ends: Callable[[int], None], slug: str, status: int) -> None:
    """Libraries crash where memory ends, so a retry would crash the next worker; for one that is killed it is 503."""
    with serving(inline_book_bytes=1024) as (server, client):
        book = rank_request(1000)
        assert client.post("/queue/rank", json=book).status_code == 200
        process = server.worker
        assert process is not None
        os.kill(process, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as sender:
            asked = sender.submit(client.post, "/queue/rank", json=book)
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 1, "the book")
            with connected(server, sends=LIVE) as other:  # by then the book is with the worker
                next_answer(other)
            ends(process)
            os.kill(process, signal.SIGCONT)
            assert_problem(asked.result(60), slug, status)
        assert client.post("/queue/rank", json=book).status_code == 200


def test_commas_in_ids_are_no_values() -> None:
    """A book within the limit is not refused for what its ids look like."""
    with serving(max_positions=1000) as (_, client):
        ids = [f"{number}{',' * 60}" for number in range(200)]
        book = rank_request(200)
        book["columns"]["id"] = ids
        assert client.post("/queue/rank", json=book).status_code == 200
