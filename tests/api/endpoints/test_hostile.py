"""Hostile inputs, sent to a real server: each gets its exact answer, and every answer is sane."""

import contextlib
import functools
import gzip
import io
import itertools
import json
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.bulk.deadline import start_deadline
from adlrisk.api.bulk.job import BulkContext, find_no_record
from adlrisk.api.endpoints.queue.rank_book import answer_rank
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.http import codecs
from adlrisk.venues.catalogue import load_catalogue
from support.hostile.failure_cases import JSON, MSGPACK, SIMULATE, WORKED
from support.hostile.hostile_cases import (
    ALWAYS_NUMBER_FIELDS,
    ANYWHERE,
    NUMBER_FIELDS,
    NUMBERS,
    PAST_INLINE,
    RANK,
    SCORE,
    SCORES,
    SIMULATION,
    TARGETS,
    TEXTS,
    VENUE,
    WHOLE,
    Anywhere,
    Number,
    NumberField,
    Target,
    Text,
    in_turn,
)
from support.hostile.hostile_codings import CODED, TAKEN, Coded
from support.hostile.hostile_codings import TARGETS as COMPRESSIBLE
from support.hostile.hostile_fills import HOSTILE_FILLS
from support.hostile.hostile_requests import REQUESTS, Hostile
from support.hostile.hostile_wires import WIRES, Wire
from support.running import ADMIN_KEY, WRITABLE, Dispatch, RunningServer, assert_finite, assert_problem

Hostage = tuple[RunningServer, httpx.Client]
PACKED = "application/msgpack"
LAST_BITS = Fraction(1, 2**50)
PATHS_OF_BOOKS = ("/queue/rank", "/adl/allocate", "/adl/simulate", "/adl/exposure")
BOOKS = {target.path for target in TARGETS if target.path in PATHS_OF_BOOKS}


@contextlib.contextmanager
def outliving(dispatch: Dispatch) -> Iterator[Hostage]:
    """A server that must survive hostile inputs, and an operator's client of it."""
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    with (
        RunningServer(WRITABLE, log=io.StringIO(), dispatch=dispatch) as running,
        httpx.Client(base_url=running.url, headers=key, timeout=60.0) as connected,
    ):
        yield running, connected
        assert connected.get("/health/live").json() == {"status": "alive"}
        assert [line for line in running.log_lines() if line["event"] not in ("request", "change")] == []


@pytest.fixture(scope="module")
def hostages() -> Iterator[Callable[[Dispatch], Hostage]]:
    with contextlib.ExitStack() as held:
        yield functools.cache(lambda dispatch: held.enter_context(outliving(dispatch)))


@pytest.fixture
def hostage(hostages: Callable[[Dispatch], Hostage], dispatch: Dispatch) -> RunningServer:
    return hostages(dispatch)[0]


@pytest.fixture
def sender(hostages: Callable[[Dispatch], Hostage], dispatch: Dispatch) -> httpx.Client:
    return hostages(dispatch)[1]


def each_way(cases: Iterable[Any]) -> pytest.MarkDecorator:
    """Return all cases for the normal dispatch, and every tenth for the router alone."""
    every = [pytest.param("fast", case, id=case.title) for case in cases]
    some = [pytest.param("router", case, id=f"router: {case.title}") for case in itertools.islice(cases, 0, None, 10)]
    return pytest.mark.parametrize(("dispatch", "case"), every + some)


def send(client: httpx.Client, target: Target, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Return the answer to ``body``, checked for sanity; undo what it changed."""
    response = client.request(target.method, target.path, content=body, headers=headers)
    assert_sane(response)
    if target is VENUE:
        client.delete(f"{VENUE.path}/override").raise_for_status()
    return response


def assert_sane(response: httpx.Response) -> None:
    """Assert that there is no 500, only finite numbers, and every problem has a bounded size and the usual shape."""
    assert response.status_code < 500, response.text
    content = decoded(response)
    assert_finite(content)
    if response.status_code >= 400:
        assert_problem(response, content["type"].removeprefix("/problems/"), response.status_code)
        assert len(response.content) <= 4_000


def decoded(response: httpx.Response) -> Any:
    if response.headers["content-type"] == PACKED:
        return msgspec.msgpack.decode(response.content)
    return json.loads(response.content, parse_constant=pytest.fail)


def at(content: Any, pointer: str) -> Any:
    """Return what a JSON Pointer points to; ``...`` if there is nothing."""
    for step in pointer.split("/")[1:]:
        if isinstance(content, list):
            content = content[int(step)] if int(step) < len(content) else ...
        else:
            content = content.get(step, ...)
    return content


@each_way(ANYWHERE)
def test_every_endpoint_rejects_a_hostile_body_alike(sender: httpx.Client, case: Anywhere) -> None:
    """Type and pointer are those of the table wherever a body is accepted, books in the worker included.

    One decoder reads all of them, so that each body goes to `/score`, to a book, and to one of the others in turn.
    """
    headers = MSGPACK if case.packed else JSON
    for target in in_turn(TARGETS, ANYWHERE.index(case), always=(SCORE, RANK)):
        body = case.body_for(target)
        assert_problem(send(sender, target, body, headers), case.slug, 400, pointer=case.pointer)
        if target.path in BOOKS and not case.packed:
            padded = send(sender, target, b" " * PAST_INLINE + body, headers)
            assert_problem(padded, case.slug, 400, pointer=case.pointer)


SENT_NUMBERS = [
    pytest.param(place, number, id=f"{number.title}-{place.target.path}{place.pointer}")
    for turn, number in enumerate(NUMBERS)
    for place in in_turn(NUMBER_FIELDS, turn, always=ALWAYS_NUMBER_FIELDS)
]


@pytest.mark.parametrize(("place", "number"), SENT_NUMBERS)
def test_number_is_read_exactly_or_rejected(sender: httpx.Client, place: NumberField, number: Number) -> None:
    """Every positive number becomes the double nearest to what was sent, or a problem that points to it."""
    body = place.json(number.text) if not number.packed else place.packed(number.packed)
    response = send(sender, place.target, body, MSGPACK if number.packed else JSON)
    if number.reads is not None:
        assert at(decoded(response), place.echo) == float(number.reads)
    elif number.slug == "malformed-body":
        assert_problem(response, number.slug, 400, pointer="")
    elif (place.target is SCORES) or (place.target is WHOLE and place.pointer.startswith("/positions")):
        (problem,) = response.json()["results" if place.target is SCORES else "positions"]
        assert (problem["type"], problem["status"]) == (f"/problems/{number.slug}", 400)
        assert [error["pointer"] for error in problem["errors"]] == [place.pointer]
    else:
        assert_problem(response, number.slug, 400, pointer=place.pointer)


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.title)
def test_ids_come_back_unchanged(sender: httpx.Client, case: Text) -> None:
    """Ids, and sources of records, come back code point for code point, escaped or not, in both formats and layouts."""
    row = {"id": case.text, "side": "long", "size": 1, "entry_price": 1, "margin": 1}
    for layout, where in (("rows", "/positions/0/id"), ("columns", "/columns/id/0")):
        book = {"venue": "bitmex", "mark_price": 1, "positions": [row], "layout": layout, "ids": [case.text]}
        bankrupt = {"side": "short", "size": 1, "bankruptcy_price": 1}
        closed = {**{name: part for name, part in book.items() if name != "ids"}, "bankrupt": bankrupt}
        for body, headers in spellings(book):
            assert at(decoded(send(sender, RANK, body, headers)), f"/queues/long{where}") == case.text
        for body, headers in spellings(closed):
            target = Target(method="POST", path="/adl/allocate", valid={})
            fills = where.replace("positions", "fills")
            assert at(decoded(send(sender, target, body, headers)), f"/results/0{fills}") == case.text
        simulated = {**SIMULATE, "positions": [{**SIMULATE["positions"][0], "id": case.text}], "layout": layout}
        for body, headers in spellings({**simulated, "ids": [case.text]}):
            assert at(decoded(send(sender, SIMULATION, body, headers)), where) == case.text
    for detail in ("full", "brief"):
        for item in ({**WORKED, "id": case.text}, {"id": case.text}):
            for body, headers in spellings({"items": [item], "detail": detail}):
                assert at(decoded(send(sender, SCORES, body, headers)), "/results/0/id") == case.text
    for body, headers in spellings({"source": case.text}):
        assert at(decoded(send(sender, TARGETS[-1], body, headers)), "/source") == case.text


def spellings(request: Any) -> list[tuple[bytes, dict[str, str]]]:
    """Return a request as escaped JSON, as JSON in UTF-8, and as MessagePack."""
    return [
        (json.dumps(request).encode(), JSON),
        (json.dumps(request, ensure_ascii=False).encode(), JSON),
        (msgspec.msgpack.encode(request), {**MSGPACK, "accept": PACKED}),
    ]


def test_ids_are_compared_by_code_points(sender: httpx.Client) -> None:
    """Ids that are equal only by normalisation, case or look are different, all in one book."""
    texts = [case.text for case in TEXTS]
    row = {"side": "long", "size": 1, "entry_price": 1, "margin": 1}
    book = {"venue": "bitmex", "mark_price": 1, "positions": [{**row, "id": text} for text in [*texts, "k", "K"]]}
    for body, headers in spellings(book):
        listed = decoded(send(sender, RANK, body, headers))["queues"]["long"]["positions"]
        assert [position["id"] for position in listed] == [*texts, "k", "K"]


@each_way((*REQUESTS, *HOSTILE_FILLS))
def test_each_hostile_request_gets_its_answer(sender: httpx.Client, case: Hostile) -> None:
    """The answer is the problem of the table, or 200 with the table's numbers: fractions to their last bits."""
    response = send(sender, case.target, case.body, case.headers)
    if case.slug is not None:
        assert_problem(response, case.slug, case.status, pointer=case.pointer)
        return
    assert response.status_code == case.status, response.text
    content = decoded(response)
    for pointer, shown in case.shows.items():
        value = at(content, pointer)
        if isinstance(shown, Fraction):
            assert abs(Fraction(value) - shown) <= abs(shown) * LAST_BITS, (pointer, value, float(shown))
        else:
            assert value == shown, (pointer, value)
            assert type(value) is type(shown), (pointer, value)


@each_way(CODED)
def test_each_coded_body_gets_its_answer(sender: httpx.Client, case: Coded) -> None:
    """A valid body is answered like one without a coding, in both formats; else the problem says what is wrong."""
    for target in COMPRESSIBLE:
        for body, headers in spellings(target.valid):
            response = send(sender, target, case.pack(body), {**headers, "content-encoding": case.coding})
            if case.slug is None:
                assert response.status_code == 200
                assert response.content == send(sender, target, body, headers).content
                continue
            problem = assert_problem(response, case.slug, case.status)
            assert case.says in problem["detail"]
            assert response.headers.get("accept-encoding") == (TAKEN if case.status == 415 else None)
            assert "accept" not in response.headers


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in COMPRESSIBLE])
@pytest.mark.parametrize("coding", ["gzip", "zstd", "br"])
def test_small_bodies_are_taken_without_a_coding(sender: httpx.Client, target: Target, coding: str) -> None:
    """An endpoint of small bodies answers 415, and says in Accept-Encoding that it takes none."""
    body = gzip.compress(json.dumps(target.valid).encode())
    response = send(sender, target, body, {**JSON, "content-encoding": coding})
    assert "send the body uncompressed" in assert_problem(response, "unsupported-media-type", 415)["detail"]
    assert response.headers["accept-encoding"] == "identity"


@each_way(WIRES)
def test_each_hostile_head_gets_its_answer(hostage: RunningServer, case: Wire) -> None:
    """There is one answer, with the status and type of the table, and the connection ends."""
    with socket.create_connection(("127.0.0.1", hostage.port), timeout=20) as connection:
        connection.sendall(case.sent)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as reader:
            answer = reader.read()
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert first.startswith(b"HTTP/1.1 %d " % case.status), answer[:300]
    headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    response = httpx.Response(case.status, headers=headers, content=content)
    assert int(response.headers.get("content-length", 0)) == len(content), "more than one answer"
    if content:
        assert_sane(response)
    if case.slug is not None:
        assert_problem(response, case.slug, case.status)


BAD_ITEMS = [b"0", b'{"venue":"%s"}' % (b"\\u0001" * 120), b'{"%s":1}' % ("\U0001f600" * 190).encode()]


@pytest.mark.parametrize("item", BAD_ITEMS, ids=["a byte", "control characters", "emoji"])
def test_ten_thousand_invalid_items_yield_a_bounded_answer(sender: httpx.Client, item: bytes) -> None:
    """Each yields a problem of at most 1,500 bytes in its place, whatever it contains."""
    response = send(sender, SCORES, b'{"items":[' + b",".join([item] * 10_000) + b"]}", JSON)
    results = response.json()["results"]
    assert len(results) == 10_000
    assert all(f"/items/{index}" in result["errors"][0]["pointer"] for index, result in enumerate(results))
    assert all(len(result["detail"]) <= 200 for result in results)
    assert len(response.content) <= 10_000 * 1_500


def test_batch_item_has_the_size_limit_of_a_score(sender: httpx.Client) -> None:
    """Beyond 64 KiB an item yields a problem in its place and affects no other; a turn can only end between items."""
    item = json.dumps(SCORES.valid["items"][0]).encode()
    sizes = (65_536, 65_537)
    padded = [item[:-1] + b" " * (size - len(item)) + b"}" for size in sizes]
    response = send(sender, SCORES, b'{"items":[' + b",".join([*padded, item]) + b"]}", JSON)
    taken, refused, other = response.json()["results"]
    assert taken["score"] == other["score"] == 8
    assert (refused["type"], refused["status"]) == ("/problems/body-too-large", 413)
    assert [error["pointer"] for error in refused["errors"]] == ["/items/1"]


SLOW = (b"3e-324", b"2.2250738585072011E-0308", b"1.465077562895340439e-319 ")


@pytest.mark.parametrize("number", SLOW, ids=lambda number: number.decode())
def test_numbers_that_take_long_to_read_are_refused(sender: httpx.Client, number: bytes) -> None:
    """More than 200 of them are a problem of their item, or of the score, and the other items are scored."""
    item = json.dumps(SCORES.valid["items"][0]).encode()
    slow = b'"maintenance_amount":' + number + b","
    few, many = (item.replace(b'"side"', slow * count + b'"side"') for count in (200, 201))
    results = send(sender, SCORES, b'{"items":[' + b",".join([few, many, item]) + b"]}", JSON).json()["results"]
    assert [result.get("score") for result in results] == [8, None, 8]
    assert (results[1]["type"], results[1]["status"]) == ("/problems/invalid-request", 400)
    assert [error["pointer"] for error in results[1]["errors"]] == ["/items/1"]
    assert send(sender, SCORE, few, JSON).json()["score"] == 8
    assert_problem(send(sender, SCORE, many, JSON), "invalid-request", 400, pointer="")


def test_similar_ids_take_no_longer() -> None:
    """Ids that are permutations of each other, and differ late, take at most twice as long as random ones.

    Python hashes text with a key of its own for each process, so that nobody can make ids that collide for certain.
    """
    count = 100_000
    permuted = [
        "x" * 48 + "".join(letters) for letters in itertools.islice(itertools.permutations("abcdefghij"), count)
    ]
    source = random.Random(1)  # noqa: S311 (ids, no secrets)
    drawn = [f"{source.getrandbits(232):058x}" for _ in range(count)]
    assert len(permuted[0]) == len(drawn[0]) == 58
    assert ranking_seconds(permuted) < 2.0 * ranking_seconds(drawn) + 0.1


def ranking_seconds(ids: list[str]) -> float:
    """Return the processor time to rank a book with these ids and equal priorities, the best of three."""
    count = len(ids)
    columns = {"id": ids, "side": ["long"] * count, "size": [1.0] * count, "entry_price": [1.0] * count}
    book = {"venue": "bitmex", "mark_price": 1.0, "columns": {**columns, "leverage": [1.0] * count}, "ids": ids[:9]}
    request = msgspec.convert(book, RankRequest)
    context = BulkContext(
        venues=load_catalogue(),
        codec=codecs.JSON,
        pulse=start_deadline(60.0),
        read_record=find_no_record,
        now=datetime.now(UTC),
    )
    taken = []
    for _ in range(3):
        started = time.process_time()
        answer_rank(request, context)
        taken.append(time.process_time() - started)
    return min(taken)


def test_case_titles_are_unique() -> None:
    """Each row of the documentation's tables has its own title."""
    for cases in (ANYWHERE, NUMBERS, TEXTS, (*REQUESTS, *HOSTILE_FILLS), CODED, WIRES):
        assert len({case.title for case in cases}) == len(cases)
