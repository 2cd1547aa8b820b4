"""Calls of the API in this process: market records, slots and defects are those of any other request."""

import io
import json
from typing import Any

import httpx
import pytest

from adlrisk.api.endpoints.score import score
from adlrisk.page.examples import EXAMPLES
from adlrisk.page.form.fields import GROUPS
from adlrisk.settings import Settings
from support.pages import BROWSER, WORKED, read_page
from support.running import ADMIN_KEY, WRITABLE, RunningServer

CHAIN = EXAMPLES["a larger short, and what stands before an ADL"]
RECORD = {
    "mark_price": 1800,
    "lot_size": 1,
    "maintenance_tiers": [{"rate": 0.01}],
    "funding_rate": 0.002,
    "funding_interval_hours": 8,
    "liquidation_spike": True,
    "insurance_fund": 900000,
    "open_interest": 120000,
    "entries": [{"price": 1760, "share": 0.4}, {"price": 1850, "share": 0.25}, {"price": 2000, "share": 0.35}],
    "size_for_one_percent": 1200,
    "volatility": 0.9,
}


def test_market_record_fills_in_what_is_empty() -> None:
    """With a symbol whose record is kept, signals and the chain to an ADL need nothing typed, and the page says so."""
    fields = {name: CHAIN[name] for name in ("venue", "side", "size", "entry_price", "mark_price", "margin")}
    with (
        RunningServer(WRITABLE, log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, headers=BROWSER, timeout=60.0) as client,
    ):
        record = {**RECORD, "observed_at": "2026-11-18T11:59:30Z"}
        stored = client.put(
            "/venues/binance/markets/ETHUSDT", json=record, headers={"x-api-key": ADMIN_KEY, "accept": "*/*"}
        )
        assert stored.is_success, stored.text
        page = read_page(client.get("/page", params={**fields, "symbol": "ETHUSDT"}).text)
        without = read_page(client.get("/page", params=fields).text)
    answer = page.find("answer").text
    assert "A market record of ETHUSDT filled in what was left empty." in answer
    assert "Observed 2026-11-18T11:59:30Z" in answer
    funding = page.find("answer").all("tr", "signal-fired")[-2].text
    assert "Funding" in funding
    assert "From the market record." in funding
    assert "an ADL first reaches you" in page.find("what-triggers").text
    assert "needs" in without.find("what-triggers").text


def test_full_slots_are_told_in_their_section_and_given_back() -> None:
    """Where no slot for a book is free, that section says so and the others stand; afterwards no slot is held."""
    with (
        RunningServer(Settings(log_level="error"), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, headers=BROWSER, timeout=60.0) as client,
    ):
        pool = server.app.context.pools.books
        pool.taken = pool.total
        page = read_page(client.get("/page", params=CHAIN).text)
        pool.taken = 0
        again = read_page(client.get("/page", params=CHAIN).text)
        taken = {each.name: each.taken for each in server.app.context.pools if each.name != "connections"}
    assert "Too many books in progress" in page.find("what-triggers").text
    assert "8 of 10" in page.find("answer").text
    assert "an ADL first reaches you" in again.find("what-triggers").text
    assert taken == {"requests": 0, "batches": 0, "books": 0}


def test_defect_is_a_page_that_reveals_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in the API is logged and counted as any, and shown as a problem without a word of it."""

    def fail(*_args: Any, **_named: Any) -> None:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(score, "answer_score", fail)
    log = io.StringIO()
    with (
        RunningServer(Settings(), log=log) as server,
        httpx.Client(base_url=server.url, headers=BROWSER, timeout=60.0) as client,
    ):
        response = client.get("/page", params=WORKED)
        metrics = client.get("/metrics").text
    assert response.status_code == 500
    page = read_page(response.text)
    assert "A defect in the service" in page.find("errors").text
    assert page.find("size").attributes["value"] == "10"
    assert "secret" not in response.text
    assert "ZeroDivisionError" in log.getvalue()
    assert 'adlrisk_problems_total{type="internal-error"} 1.0' in metrics


def test_answers_are_the_same_over_http_and_in_process(client: httpx.Client) -> None:
    """What the page's JSON says is what the API sends, byte for byte."""
    exchange = client.get("/page", params={**WORKED, "as": "json"}).json()[0]
    over_http = client.post("/score", json=exchange["request"])
    assert json.dumps(exchange["answer"]) == json.dumps(over_http.json())


def test_pages_let_other_requests_go_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its calls and between its parts a page gives other requests a turn, so that none waits for all of it."""
    with (
        RunningServer(Settings(log_level="error"), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, headers=BROWSER, timeout=60.0) as client,
    ):
        turns = server.app.context.turns
        wait, waited = turns.wait, []

        async def count() -> None:
            waited.append(1)
            await wait()

        monkeypatch.setattr(turns, "wait", count)
        client.get("/page", params=WORKED)
        calls = len(client.get("/page", params={**WORKED, "as": "json"}).json())
    sections, groups = 6, len(GROUPS)
    assert len(waited) >= 2 * calls + sections + groups
