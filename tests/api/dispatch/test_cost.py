"""The cost of a request in function calls: the same on every machine, whatever its speed.

Each bound is the count when it was set, plus a tenth. A change that needs more raises it and says why.
"""

import sys
from collections.abc import Callable
from typing import Any

import msgspec

from support.hostile.failure_cases import SCORE, WORKED
from support.line import Line, on_a_line
from support.sockets import HEAD


def count_calls(work: Callable[[], object]) -> int:
    """Count the functions that ``work`` calls, in Python and in C."""
    seen = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal seen
        seen += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return seen


def test_score_with_a_cached_head_takes_few_calls(tmp_path: Any) -> None:
    """The limit covers everything from packet to answer, with metrics and log line."""

    async def work(line: Line) -> None:
        request = HEAD % (b"/score", len(SCORE)) + SCORE
        for _ in range(3):
            await line.answer_to(request)
        asked = len(line.written)
        assert count_calls(lambda: line.protocol.data_received(request)) <= 225
        assert len(line.written) == asked + 1
        assert line.written[-1].startswith(b"HTTP/1.1 200 ")

    with (tmp_path / "log").open("w") as log:
        on_a_line(work, log=log)


def test_batch_item_takes_few_calls(tmp_path: Any) -> None:
    """Each further item costs what a score costs, and little more."""

    async def work(line: Line) -> None:
        calls = []
        for count in (10, 30):
            body = msgspec.json.encode({"items": [{**WORKED, "symbol": None}] * count})
            request = HEAD % (b"/scores", len(body)) + body
            for _ in range(3):
                await line.answer_to(request)
            asked = len(line.written)
            calls.append(count_calls(lambda: line.protocol.data_received(request)))  # noqa: B023 (at once)
            assert len(line.written) == asked + 1
        assert (calls[1] - calls[0]) / 20 <= 150

    with (tmp_path / "log").open("w") as log:
        on_a_line(work, log=log)
