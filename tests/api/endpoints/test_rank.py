"""``POST /queue/rank`` over HTTP: layouts, selections, the worker for large books, and the worker's failures."""

import asyncio
import importlib
import io
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.bulk import worker_pool
from adlrisk.api.bulk.job import LENGTH, OUT_OF_MEMORY, Job
from adlrisk.settings import Settings
from support.builders import WEDNESDAY
from support.line import Line, on_a_line
from support.redis_servers import wait_for
from support.running import RunningServer, assert_problem, example, serving
from support.sockets import HEAD, answer_of, connected, next_answer, seen

PACKED = "application/msgpack"
BOOK_SECONDS = 59.0  # the worker's time limit; no test takes that long
# BitMEX, autoDeleveragingExamples: account, quantity; each account's margin gives the page's order of scores.
BITMEX_TABLE = [(1, 10, 3), (2, 10, 6), (3, 20, 1), (4, 30, 4), (5, 20, 5), (6, 10, 2)]


def bitmex_book(**other: Any) -> dict[str, Any]:
    """Return six longs whose priorities are in the order of the documented scores."""
    positions = [
        {"id": str(account), "side": "long", "size": size, "entry_price": 100, "leverage": score}
        for account, size, score in BITMEX_TABLE
    ]
    return {"venue": "bitmex", "mark_price": 110, "positions": positions, **other}


def as_columns(request: dict[str, Any]) -> dict[str, Any]:
    """Return the same request with its book in columns."""
    rows = request["positions"]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return {**{key: value for key, value in request.items() if key != "positions"}, "columns": columns}


def large_book(count: int) -> dict[str, Any]:
    """Return a book of ``count`` positions in columns, too large to be ranked inline."""
    return {
        "venue": "bitmex",
        "mark_price": 110.0,
        "columns": {
            "id": [f"account-{number}" for number in range(count)],
            "side": ["long", "short"] * (count // 2),
            "size": [1.0 + number % 7 for number in range(count)],
            "entry_price": [100.0 + number % 23 for number in range(count)],
            "leverage": [2.0 + number % 11 for number in range(count)],
        },
    }


def test_ranking_matches_bitmexs_documented_table(client: httpx.Client) -> None:
    """The order is 2, 5, 4, 1, 6, 3 with shares 10, 30, 60, 70, 80 and 100 %."""
    answer = client.post("/queue/rank", json=bitmex_book()).json()
    rows = answer["queues"]["long"]["positions"]
    assert [row["id"] for row in rows] == ["2", "5", "4", "1", "6", "3"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["percentile"] for row in rows] == pytest.approx([0.1, 0.3, 0.6, 0.7, 0.8, 1.0])
    assert [row["size_ahead"] for row in rows] == [0, 10, 30, 60, 70, 80]
    assert answer["queues"]["long"]["size"] == 100
    assert answer["queues"]["short"] == {"count": 0, "eligible": 0, "size": 0, "notional": 0, "positions": []}
    assert (answer["formula"], answer["formula_source"]) == ("pnl_leverage", "venue")
    assert answer["confidence"] == "documented"
    assert answer["venue"]["id"] == "bitmex"


# At a mark price of 110: a has u 1, e 5.5, L 20 and p 1/109; b has u 10, e 22, L 5 and p 0.1; c loses 10 of 30.
BY_FORMULA = [
    {"id": "a", "side": "long", "size": 1, "entry_price": 109, "margin": 4.5, "maintenance_margin": 0.5},
    {"id": "b", "side": "long", "size": 1, "entry_price": 100, "margin": 12, "maintenance_margin": 1.1},
    {"id": "c", "side": "long", "size": 1, "entry_price": 120, "margin": 30, "maintenance_margin": 1},
]


@pytest.mark.parametrize("venue", ["bitmex", "okx", "dydx", "generic"])
@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("pnl_leverage", {"b": 0.1 * 5, "a": 20 / 109, "c": -1 / 12 / 5.5}),
        ("pnl_over_margin_ratio", {"b": 0.1 * 1.1 / 22, "a": 0.5 / 109 / 5.5, "c": -1 / 12 * 20}),
        ("profit_times_margin_ratio", {"b": 10 / 12 * 1.1 / 22, "a": 1 / 4.5 * 0.5 / 5.5, "c": 0}),
        ("price_ratio_leverage", {"a": 110 / 109 * 20, "b": 1.1 * 5, "c": None}),
        ("value_ratio_leverage", {"a": 110 / 4.5, "b": 110 / 12, "c": 110 / 30}),
    ],
)
def test_request_may_name_the_formula(
    client: httpx.Client, venue: str, formula: str, expected: dict[str, float | None]
) -> None:
    """Each formula ranks at any venue, with a queue or without, by keys that follow from its definition."""
    answer = client.post(
        "/queue/rank", json={"venue": venue, "mark_price": 110, "positions": BY_FORMULA, "formula": formula}
    ).json()
    rows = answer["queues"]["long"]["positions"]
    assert [row["id"] for row in rows] == list(expected)
    for row in rows:
        key = expected[row["id"]]
        assert row["priority"] == (None if key is None else pytest.approx(key, rel=1e-12))
    assert (answer["formula"], answer["formula_source"], answer["confidence"]) == (formula, "request", None)


def test_formula_of_the_request_has_its_own_needs(client: httpx.Client) -> None:
    """A formula that needs a maintenance margin demands it at a venue whose own rule does not."""
    refused = client.post("/queue/rank", json=bitmex_book(formula="pnl_over_margin_ratio"))
    assert_problem(refused, "maintenance-margin-required", 422, pointer="/positions/0/maintenance_margin_rate")


def test_formula_without_a_meaning_is_refused(client: httpx.Client) -> None:
    """A name that is no formula is refused in the field, with or without a queue at the venue."""
    for venue in ("bitmex", "dydx"):
        refused = client.post("/queue/rank", json={**bitmex_book(formula="by_name"), "venue": venue})
        assert_problem(refused, "invalid-request", 400, pointer="/formula")


def test_answer_has_the_contracts_fields(client: httpx.Client) -> None:
    """Names and order of the fields are the contract's, in rows and in columns."""
    names = [
        "id", "rank", "priority", "eligible", "percentile", "adl_meter", "unrealized_pnl", "return_on_entry",
        "effective_leverage", "size", "size_ahead", "notional_ahead",
    ]  # fmt: skip
    rows = client.post("/queue/rank", json=bitmex_book()).json()
    assert list(rows) == ["formula", "formula_source", "confidence", "mark_price", "queues", "venue"]
    assert list(rows["queues"]["long"]) == ["count", "eligible", "size", "notional", "positions"]
    assert list(rows["queues"]["long"]["positions"][0]) == names
    columns = client.post("/queue/rank", json=bitmex_book(layout="columns")).json()
    assert list(columns["queues"]["long"]) == ["count", "eligible", "size", "notional", "columns"]
    assert list(columns["queues"]["long"]["columns"]) == names


def transposed(answer: Any) -> Any:
    """Return an answer in columns as the answer in rows."""
    queues = {}
    for side, queue in answer["queues"].items():
        columns = queue.pop("columns")
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        queues[side] = {**queue, "positions": rows}
    return {**answer, "queues": queues}


@pytest.mark.parametrize("request_", [bitmex_book(), example("queue-rank.request")], ids=["table", "example"])
def test_rows_and_columns_give_the_same_answer(client: httpx.Client, request_: dict[str, Any]) -> None:
    """In both formats, rows or columns in the request and rows or columns in the answer give the same result."""
    plain = client.post("/queue/rank", json=request_).json()
    for sent in (request_, as_columns(request_)):
        assert client.post("/queue/rank", json=sent).json() == plain
        assert transposed(client.post("/queue/rank", json={**sent, "layout": "columns"}).json()) == plain
        packed = client.post(
            "/queue/rank",
            content=msgspec.msgpack.encode({**sent, "layout": "columns"}),
            headers={"content-type": PACKED, "accept": PACKED},
        )
        assert transposed(msgspec.msgpack.decode(packed.content)) == plain


def test_side_top_and_ids_select_from_the_whole_queue(client: httpx.Client) -> None:
    """One side, the first few, or the ids requested: each is ranked in the whole book all the same."""
    whole = client.post("/queue/rank", json=bitmex_book()).json()["queues"]["long"]
    only = client.post("/queue/rank", json=bitmex_book(side="short")).json()
    assert set(only["queues"]) == {"short"}
    first = client.post("/queue/rank", json=bitmex_book(top=2)).json()["queues"]["long"]
    assert first["positions"] == whole["positions"][:2]
    assert (first["count"], first["size"]) == (6, 100)
    asked = client.post("/queue/rank", json=bitmex_book(ids=["3", "5"])).json()["queues"]["long"]
    assert asked["positions"] == [whole["positions"][1], whole["positions"][5]]
    both = client.post("/queue/rank", json=bitmex_book(ids=["3", "5"], top=3)).json()["queues"]["long"]
    assert both["positions"] == [whole["positions"][1]]
    none = client.post("/queue/rank", json=bitmex_book(ids=[])).json()["queues"]["long"]
    assert (none["positions"], none["count"]) == ([], 6)


def test_ineligible_positions_have_no_rank(client: httpx.Client) -> None:
    """The example's insolvent position comes last, with null for rank, priority, share, meter and size ahead."""
    rows = client.post("/queue/rank", json=example("queue-rank.request")).json()["queues"]["long"]["positions"]
    last = rows[-1]
    assert (last["id"], last["eligible"], last["unrealized_pnl"], last["size"]) == ("carol", False, -100, 10)
    for name in ("rank", "priority", "percentile", "adl_meter", "size_ahead", "notional_ahead", "effective_leverage"):
        assert last[name] is None, name


def test_empty_book_has_empty_queues(client: httpx.Client) -> None:
    """A book without positions is no error, in rows and in columns."""
    no_columns: dict[str, Any] = {"columns": {"id": [], "side": [], "size": [], "entry_price": []}}
    empty: list[dict[str, Any]] = [{"positions": []}, no_columns]
    for book in empty:
        answer = client.post("/queue/rank", json={"venue": "htx", "mark_price": 1, **book}).json()
        assert answer["queues"]["long"] == answer["queues"]["short"]
        assert answer["queues"]["long"]["count"] == 0


def test_unused_columns_may_be_left_out(client: httpx.Client) -> None:
    """Null columns, null values and absent columns are the same."""
    base = {"id": ["a"], "side": ["long"], "size": [1], "entry_price": [100], "leverage": [2]}
    answers = [
        client.post("/queue/rank", json={"venue": "generic", "mark_price": 110, "columns": {**base, **more}}).json()
        for more in ({}, {"margin": [None]}, {"margin": None, "maintenance_margin": [None]})
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["queues"]["long"]["eligible"] == 1


def test_missing_maintenance_margin_is_named_in_the_requests_layout(client: httpx.Client) -> None:
    """The pointer leads into the rows or into the columns, whichever were sent."""
    rows = [
        {"id": "a", "side": "long", "size": 1, "entry_price": 100, "leverage": 5, "maintenance_margin": 1},
        {"id": "b", "side": "long", "size": 1, "entry_price": 100, "leverage": 5},
    ]
    request = {"venue": "htx", "mark_price": 110, "positions": rows}
    slug = "maintenance-margin-required"
    response = client.post("/queue/rank", json=request)
    assert_problem(response, slug, 422, pointer="/positions/1/maintenance_margin_rate")
    response = client.post("/queue/rank", json=as_columns(request))
    assert_problem(response, slug, 422, pointer="/columns/maintenance_margin_rate/1")


@pytest.fixture(scope="module")
def books() -> Iterator[tuple[RunningServer, httpx.Client]]:
    """A server that sends every book of more than a kilobyte to its worker."""
    with serving(inline_book_bytes=1024, max_books=2, book_timeout_seconds=BOOK_SECONDS) as served:
        yield served


@pytest.fixture
def times_over(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """For each book given to the worker meanwhile, what ends its time limit."""
    times_over: list[Callable[[], object]] = []
    timeout = asyncio.timeout

    def seen_to_begin(seconds: float | None) -> asyncio.Timeout:
        limit, loop = timeout(seconds), asyncio.get_running_loop()
        if seconds == BOOK_SECONDS:
            times_over.append(lambda: loop.call_soon_threadsafe(limit.reschedule, loop.time()))
        return limit

    monkeypatch.setattr("asyncio.timeout", seen_to_begin)
    return times_over


def children() -> set[int]:
    """Return the worker processes of this process."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        for child in _read(task / "children").split():
            if b"book_worker" in _read(Path(f"/proc/{int(child)}/cmdline")):
                found.add(int(child))
    return found


def _read(path: Path) -> bytes:
    """Return the content of a file in ``/proc``; empty if its thread or process has ended meanwhile."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_worker_answers_like_the_service(books: Any, client: httpx.Client) -> None:
    """A large book gets the same answer from the worker as inline, in rows and columns, JSON and MessagePack."""
    _, through_worker = books
    request = large_book(1000)
    for layout in ("rows", "columns"):
        body = {**request, "layout": layout}
        inline = client.post("/queue/rank", json=body)
        worked = through_worker.post("/queue/rank", json=body)
        assert worked.status_code == inline.status_code == 200
        assert worked.content == inline.content
        packed = through_worker.post(
            "/queue/rank",
            content=msgspec.msgpack.encode(body),
            headers={"content-type": PACKED, "accept": PACKED},
        )
        assert msgspec.msgpack.decode(packed.content) == inline.json()


def test_answer_beyond_a_megabyte_arrives_whole(books: Any) -> None:
    """The answer to a book of 20,000 comes in pieces, complete, with its length announced."""
    _, through_worker = books
    response = through_worker.post("/queue/rank", json=large_book(20_000), headers={"accept-encoding": "identity"})
    assert int(response.headers["content-length"]) == len(response.content) > 1 << 20
    queues = response.json()["queues"]
    assert queues["long"]["count"] + queues["short"]["count"] == 20_000
    for queue in queues.values():
        assert [row["rank"] for row in queue["positions"]] == list(range(1, queue["eligible"] + 1)) + [None] * (
            queue["count"] - queue["eligible"]
        )


def test_worker_reports_the_same_problems(books: Any) -> None:
    """The worker finds what is wrong with a large book, with its index, and it is counted as a problem."""
    _, through_worker = books
    twice = large_book(1000)
    twice["columns"]["id"][700] = "account-3"
    problem = assert_problem(
        through_worker.post("/queue/rank", json=twice), "duplicate-id", 422, pointer="/columns/id/700"
    )
    assert "index 3" in problem["detail"]
    body = json.dumps(large_book(1000)).encode()[:-1]
    response = through_worker.post("/queue/rank", content=body, headers={"content-type": "application/json"})
    assert_problem(response, "malformed-body", 400)
    text = through_worker.get("/metrics").text
    assert 'adlrisk_problems_total{type="duplicate-id"} 1.0' in text


def test_numbers_are_not_mistaken_for_placeholders(client: httpx.Client) -> None:
    """A price whose bytes look like one of the encoder's placeholders does not break a MessagePack answer."""
    for text in (b"\xa6<long>", b"\xa7<short", b"<long.id", b"<positio"):
        mark_price = abs(struct.unpack(">d", (b"\x40" + text)[:8].ljust(8, b">"))[0])
        if not 1e-12 <= mark_price <= 1e15:
            continue
        request = {**bitmex_book(), "mark_price": mark_price}
        packed = client.post("/queue/rank", json=request, headers={"accept": PACKED})
        assert msgspec.msgpack.decode(packed.content) == client.post("/queue/rank", json=request).json()


def test_worker_that_died_between_books_is_replaced(books: Any) -> None:
    """The next book gets a new worker and its answer."""
    running, through_worker = books
    assert through_worker.post("/queue/rank", json=large_book(1000)).status_code == 200
    worker = running.worker
    os.kill(worker, signal.SIGKILL)
    os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)  # its threads have ended as well
    assert through_worker.post("/queue/rank", json=large_book(1000)).status_code == 200
    assert running.worker != worker


def test_books_of_slow_numbers_are_refused(client: httpx.Client) -> None:
    """Numbers near the smallest double take a hundred times as long to read; ids that look like them do not."""
    book = large_book(300)
    slow = {**book, "columns": {**book["columns"], "maintenance_amount": [3e-324] * 300}}
    alike = {**book, "columns": {**book["columns"], "id": [f"1e-1{place % 100:02}-{place}" for place in range(300)]}}
    assert_problem(client.post("/queue/rank", json=slow), "invalid-request", 400, pointer="")
    assert client.post("/queue/rank", json=alike).status_code == 200


def test_slow_reader_holds_its_slot_until_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that the client does not read holds its slot until the timeout; then the next book is answered."""
    monkeypatch.setattr(
        worker_pool, "_MAX_INLINE_ROWS", 20_000
    )  # no process could answer in a time that passes at once
    importlib.import_module("adlrisk.domain.queue.queue")  # otherwise a thread imports it for the first book
    large, small = (json.dumps(book).encode() for book in (large_book(20_000), bitmex_book()))
    log = io.StringIO()

    async def story(slow: Line) -> None:
        slow.takes_all = False
        answer = await slow.answer_to(HEAD % (b"/queue/rank", len(large)), large)
        assert answer.startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(0.9)
        other = slow.another()
        ask = HEAD % (b"/queue/rank", len(small)) + small
        assert_problem(answer_of(await other.answer_to(ask)), "overloaded", 503)
        await asyncio.sleep(0.2)
        assert not slow.is_open
        assert (await other.answer_to(ask)).startswith(b"HTTP/1.1 200 ")

    on_a_line(story, log=log, inline_book_bytes=len(large), max_books=1, body_timeout_seconds=1.0)
    (line,) = [line for line in map(json.loads, log.getvalue().splitlines()) if line.get("status") == 499]
    assert line["route"] == "/queue/rank"


def test_client_that_reads_slowly_has_ten_times_as_long_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes each piece in time, but the whole answer not, holds its slot and its memory no longer."""
    monkeypatch.setattr(worker_pool, "_MAX_INLINE_ROWS", 50_000)  # as above
    importlib.import_module("adlrisk.domain.queue.queue")
    large = json.dumps(large_book(50_000)).encode()

    async def story(slow: Line) -> None:
        slow.takes_all = False
        assert (await slow.answer_to(HEAD % (b"/queue/rank", len(large)), large)).startswith(b"HTTP/1.1 200 ")
        began = asyncio.get_running_loop().time()
        while slow.is_open:
            await asyncio.sleep(0.4)
            slow.take(600 << 10)
        assert 9.0 < asyncio.get_running_loop().time() - began < 12.0
        assert slow.seen("adlrisk_places_taken", limit="books") == 0

    on_a_line(story, inline_book_bytes=len(large), max_books=1, body_timeout_seconds=1.0)


def test_worker_that_dies_while_working_is_replaced(books: Any, times_over: list[Callable[[], object]]) -> None:
    """If the worker is killed with a book in progress, that request gets a 503 and the next is answered."""
    running, through_worker = books
    assert through_worker.post("/queue/rank", json=large_book(1000)).status_code == 200
    worker = running.worker
    os.kill(worker, signal.SIGSTOP)
    book = json.dumps(large_book(1000)).encode()
    with connected(running, sends=HEAD % (b"/queue/rank", len(book)) + book) as connection:
        wait_for(lambda: len(times_over) == 2, "the book")
        through_worker.get("/health/live")  # answered when the worker has been given it
        os.kill(worker, signal.SIGKILL)
        response = answer_of(next_answer(connection))
    assert_problem(response, "worker-failed", 503)
    assert int(response.headers["retry-after"]) >= 1
    assert through_worker.post("/queue/rank", json=large_book(1000)).status_code == 200
    assert running.worker not in {worker, None}


def test_hanging_worker_is_replaced_and_slots_are_limited(books: Any, times_over: list[Callable[[], object]]) -> None:
    """While a stopped worker has a book, one more may wait and a third is rejected unread; then both are answered."""
    running, through_worker = books
    assert through_worker.post("/queue/rank", json=large_book(1000)).status_code == 200
    worker = running.worker
    os.kill(worker, signal.SIGSTOP)
    book = json.dumps(large_book(1000)).encode()
    request = HEAD % (b"/queue/rank", len(book)) + book
    with connected(running, sends=request) as first:
        wait_for(lambda: len(times_over) == 2, "the first book")
        with connected(running, sends=request) as second:
            wait_for(lambda: seen(running, "adlrisk_places_taken", limit="books") == 2, "both books")
            refused = through_worker.post("/queue/rank", json=large_book(1000))
            assert_problem(refused, "overloaded", 503)
            assert int(refused.headers["retry-after"]) >= 1
            assert through_worker.post("/score", json=example("score.request")).json()["score"] == 8
            times_over[-1]()
            assert_problem(answer_of(next_answer(first)), "worker-failed", 503)
            assert next_answer(second).startswith(b"HTTP/1.1 200 ")
    assert running.worker != worker


def test_worker_ends_with_the_service() -> None:
    """No process is left behind."""
    before = children()
    with RunningServer(Settings(inline_book_bytes=1024), log=io.StringIO()) as running:
        assert httpx.post(f"{running.url}/queue/rank", json=large_book(1000), timeout=60).status_code == 200
        assert len(children() - before) == 1
    assert children() == before


def test_worker_of_a_killed_service_ends_silently() -> None:
    """If nobody can take its answer, the worker ends as it does when idle, without an alarming log line."""
    book = json.dumps(large_book(10)).encode()
    media_type = "application/json"
    job = msgspec.msgpack.encode(
        Job(
            operation="rankQueue",
            body_media_type=media_type,
            answer_media_type=media_type,
            request_id="one",
            now=WEDNESDAY,
        )
    )
    ours, theirs = socket.socketpair()
    with theirs, ours:
        worker = subprocess.Popen(
            [sys.executable, "-m", "adlrisk.api.server.book_worker", str(theirs.fileno()), str(1 << 30)],
            pass_fds=(theirs.fileno(),),
            stderr=subprocess.PIPE,
        )
        ours.sendall(LENGTH.pack(len(job)) + job + LENGTH.pack(len(book)) + book)
    assert worker.communicate(timeout=60)[1] == b""
    assert worker.returncode == 0


def test_worker_that_cannot_take_the_body_says_so() -> None:
    """Where the body alone needs more memory than there may be, the exit status says so, without a traceback."""
    job = msgspec.msgpack.encode(
        Job(
            operation="rankQueue",
            body_media_type="application/json",
            answer_media_type=PACKED,
            request_id="one",
            now=WEDNESDAY,
        )
    )
    ours, theirs = socket.socketpair()
    with theirs, ours:
        worker = subprocess.Popen(
            [sys.executable, "-m", "adlrisk.api.server.book_worker", str(theirs.fileno()), str(256 << 20)],
            pass_fds=(theirs.fileno(),),
            stderr=subprocess.PIPE,
        )
        ours.sendall(LENGTH.pack(len(job)) + job + LENGTH.pack(1 << 30))
        assert worker.communicate(timeout=60)[1] == b""
    assert worker.returncode == OUT_OF_MEMORY


def test_small_books_start_no_worker(client: httpx.Client) -> None:
    """Small books are ranked inline and start no process."""
    before = children()
    assert client.post("/queue/rank", json=bitmex_book()).status_code == 200
    assert children() == before
