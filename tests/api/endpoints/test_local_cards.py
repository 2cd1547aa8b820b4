"""A service with cards of its operators' own: scores, books, document and changes go by them, with the age of facts."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.app import create_app
from adlrisk.settings import Settings, SettingsError
from support.running import ADMIN_KEY, WRITABLE, RunningServer, example

OWN = """
id = "{id}"
name = "Own"
kind = "exchange"
contracts = ["linear"]
mechanism = "queue"
confidence = "approximation"
[ranking]
formula = "value_ratio_leverage"
[[sources]]
title = "A desk's own notes"
where = "the desk"
read = 2024-11-18
"""
BOOK: dict[str, Any] = {
    "mark_price": 110,
    "positions": [{"id": "a", "side": "long", "size": 1, "entry_price": 100, "margin": 20}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for id_ in ("own_venue", "okx"):
        (tmp_path / f"{id_}.toml").write_text(OWN.format(id=id_))
    return tmp_path


@pytest.fixture
def own(folder: Path) -> Iterator[httpx.Client]:
    settings = msgspec.structs.replace(WRITABLE, cards_dir=str(folder), inline_book_bytes=1024)
    with (
        RunningServer(settings, log=io.StringIO()) as running,
        httpx.Client(base_url=running.url, headers={"x-api-key": ADMIN_KEY}, timeout=60) as client,
    ):
        yield client


def test_scores_and_books_are_by_the_local_cards(own: httpx.Client) -> None:
    """A new venue and a replaced one: the same rule for a score, a small book and one in the worker process."""
    for venue in ("own_venue", "okx"):
        position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 110, "margin": 20}
        scored = own.post("/score", json={"venue": venue, "position": position}).json()
        assert scored["queue"]["formula"] == "value_ratio_leverage"
        assert scored["queue"]["priority"] == pytest.approx(110 / 20)
        card = own.get(f"/venues/{venue}").json()
        assert scored["venue"] == card["venue"]
        assert card["venue"]["source"] == "local"
        for padding in ("", " " * 2048):
            content = msgspec.json.encode({"venue": venue, **BOOK}).decode() + padding
            ranked = own.post("/queue/rank", content=content, headers={"content-type": "application/json"}).json()
            assert (ranked["formula"], ranked["venue"]) == ("value_ratio_leverage", card["venue"])


def test_the_document_knows_the_local_venues(own: httpx.Client) -> None:
    """The list, the enum of the document and an unknown venue's refusal go by the cards in force."""
    assert "own_venue" in {venue["id"] for venue in own.get("/venues").json()["venues"]}
    assert "own_venue" in own.get("/openapi.json").json()["components"]["schemas"]["VenueId"]["enum"]


def test_a_change_of_a_local_card_is_reset_to_the_local_card(own: httpx.Client) -> None:
    """An override applies to the local card, also in the worker process, and its removal restores that card."""
    before = own.get("/venues/okx").json()
    patched = own.patch("/venues/okx", json={"score": {"leverage": 9}}).json()
    assert (patched["name"], patched["venue"]["source"]) == ("Own", "override")
    content = msgspec.json.encode({"venue": "okx", **BOOK}).decode() + " " * 2048
    ranked = own.post("/queue/rank", content=content, headers={"content-type": "application/json"}).json()
    assert ranked["venue"] == patched["venue"]
    assert own.delete("/venues/okx/override").json() == before


def test_a_broken_card_prevents_the_start(folder: Path) -> None:
    """The error names the setting, the file and the field."""
    (folder / "okx.toml").write_text(OWN.format(id="okx").replace("linear", "linnear"))
    with pytest.raises(SettingsError, match=r"ADLRISK_CARDS_DIR: okx.toml: contracts\[0\]"):
        create_app(Settings(cards_dir=str(folder)), log=io.StringIO())


def test_old_facts_show_their_age_in_every_answer(folder: Path) -> None:
    """Three years after its sources were read, a card says so in score, account, book, allocation, list and metric."""
    settings = Settings(cards_dir=str(folder))
    now = datetime(2027, 11, 18, 12, tzinfo=UTC)
    position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 110, "margin": 20}
    bankrupt = {"side": "short", "size": 1, "bankruptcy_price": 110}
    requests: dict[str, dict[str, Any]] = {
        "/score": {"position": position},
        "/account": {"equity": 30, "positions": [{**position, "id": "a"}]},
        "/queue/rank": BOOK,
        "/adl/allocate": {**BOOK, "bankrupt": bankrupt, "fill_price": "mark"},
        "/adl/partial": {"position": position, "close": {"fraction": 0.5}},
        "/fills/classify": {"fills": [{}]},
    }
    with (
        RunningServer(settings, log=io.StringIO(), clock=lambda: now) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        for path, request in requests.items():
            answer = client.post(path, json={"venue": "own_venue", **request}).json()
            assert answer["venue"]["facts_age_days"] == 1095, path
        listed = {venue["id"]: venue for venue in client.get("/venues").json()["venues"]}
        assert (listed["own_venue"]["checked"], listed["own_venue"]["facts_age_days"]) == ("2024-11-18", 1095)
        read_at = datetime(2024, 11, 18, tzinfo=UTC).timestamp()
        gauge = 'adlrisk_venue_sources_timestamp_seconds{venue="own_venue"} '
        (line,) = [line for line in client.get("/metrics").text.splitlines() if line.startswith(gauge)]
        assert float(line.removeprefix(gauge)) == read_at


def test_an_etag_is_of_its_day_but_changes_go_by_the_revision() -> None:
    """Tomorrow's card has another age, so a cached one is out of date; a change with yesterday's ETag still passes."""
    now = datetime(2027, 1, 1, 23, tzinfo=UTC)
    with (
        RunningServer(WRITABLE, log=io.StringIO(), clock=lambda: now) as running,
        httpx.Client(base_url=running.url, headers={"x-api-key": ADMIN_KEY}) as client,
    ):
        etag = client.get("/venues/binance").headers["etag"]
        listed = client.get("/venues").headers["etag"]
        assert client.get("/venues/binance", headers={"if-none-match": etag}).status_code == 304
        now = datetime(2027, 1, 2, 1, tzinfo=UTC)
        assert client.get("/venues/binance", headers={"if-none-match": etag}).status_code == 200
        assert client.get("/venues", headers={"if-none-match": listed}).status_code == 200
        patch = example("venue-patch.request")
        assert client.patch("/venues/binance", json=patch, headers={"if-match": etag}).status_code == 200
        assert client.patch("/venues/binance", json=patch, headers={"if-match": etag}).status_code == 412
