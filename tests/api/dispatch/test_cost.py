"""The cost of a request in function calls: the same on every machine, whatever its speed.

Each bound is the count when it was set, plus a tenth. A change that needs more raises it and says why.
"""

import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord
from support.hostile.failure_cases import SCORE, WORKED
from support.line import Line, on_a_line
from support.running import WEDNESDAY
from support.sockets import HEAD

RECORD = MarketRecord(
    funding_rate=0.001, funding_interval_hours=8.0, liquidation_spike=False, thin_liquidity=False, adl_trigger=False,
    insurance_fund=9e6, fund_peak=1e7, adl_rating="low", settles_at="2026-12-25T08:00:00Z", open_interest_high=False,
)  # fmt: skip


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


@pytest.mark.parametrize(("market", "most"), [({}, 284), (WORKED["market"], 303)])
def test_score_with_a_cached_record_takes_few_calls(tmp_path: Any, market: dict[str, Any], most: int) -> None:
    """With a record that knows all of the market: what it fills in is worked out once, not for each score."""
    asked = {name: part for name, part in WORKED.items() if name != "as_of"} | {"symbol": "BTCUSDT", "market": market}
    body = msgspec.json.encode(asked)

    async def work(line: Line) -> None:
        stored = StoredRecord(market=RECORD, observed_at=WEDNESDAY, source="test", ttl_seconds=3600.0)
        await line.app.context.live_rules.put_record(MarketKey("binance", "BTCUSDT"), stored, now=WEDNESDAY)
        request = HEAD % (b"/score", len(body)) + body
        for _ in range(3):
            await line.answer_to(request)
        assert b'"source":"cache","reason":"The venue says that no auto-deleveraging is on.' in line.received
        assert count_calls(lambda: line.protocol.data_received(request)) <= most

    with (tmp_path / "log").open("w") as log:
        on_a_line(work, log=log)


@pytest.mark.parametrize(("detail", "most"), [("full", 150), ("brief", 83)])
def test_batch_item_takes_few_calls(tmp_path: Any, detail: str, most: int) -> None:
    """Each further item costs what a score costs, and little more; in brief it costs half of that."""

    async def work(line: Line) -> None:
        calls = []
        for count in (10, 30):
            body = msgspec.json.encode({"detail": detail, "items": [{**WORKED, "symbol": None}] * count})
            request = HEAD % (b"/scores", len(body)) + body
            for _ in range(3):
                await line.answer_to(request)
            asked = len(line.written)
            calls.append(count_calls(lambda: line.protocol.data_received(request)))  # noqa: B023 (at once)
            assert len(line.written) == asked + 1
        assert (calls[1] - calls[0]) / 20 <= most

    with (tmp_path / "log").open("w") as log:
        on_a_line(work, log=log)


@pytest.mark.parametrize(
    ("venue", "raw", "most"),
    [
        ("bybit", {"execType": "AdlTrade", "execQty": "0.5"}, 26),
        ("bybit", {"execType": "SomethingNew", "execQty": "0.5"}, 26),
        ("binance", {"clientOrderId": "autoclose-1", "status": "FILLED", "origType": "LIMIT"}, 32),
    ],
)
def test_classified_fill_takes_few_calls(tmp_path: Any, venue: str, raw: dict[str, Any], most: int) -> None:
    """A fill in ccxt's structure, decoded, classified, counted and encoded: 10,000 of them take 0.1 s."""
    fill = {"id": "1", "timestamp": 1795003200000, "datetime": "2026-11-18T12:00:00.000Z", "type": "limit", "info": raw}

    async def work(line: Line) -> None:
        calls = []
        for count in (10, 30):
            body = msgspec.json.encode({"venue": venue, "fills": [fill] * count})
            request = HEAD % (b"/fills/classify", len(body)) + body
            for _ in range(3):
                await line.answer_to(request)
            asked = len(line.written)
            calls.append(count_calls(lambda: line.protocol.data_received(request)))  # noqa: B023 (at once)
            assert len(line.written) == asked + 1
        assert (calls[1] - calls[0]) / 20 <= most

    with (tmp_path / "log").open("w") as log:
        on_a_line(work, log=log)
