"""Audit log: every change has a line and a count, with who made it and the values before and after."""

import asyncio
import hashlib
import io
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from adlrisk.api.app import create_app
from adlrisk.api.dispatch.audit_log import Author
from adlrisk.api.dispatch.shown_values import show_change
from adlrisk.api.limits.api_keys import digest_key
from adlrisk.api.limits.key_rotation import KeysUsable
from adlrisk.domain.position.market import MarketRecord
from adlrisk.settings import Settings
from adlrisk.telemetry.log_output import StreamOutput
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.changes import FieldChange, RecordChange, VenueChange
from adlrisk.venues.live_rules import LiveRules
from adlrisk.venues.market_records import MarketKey, StoredRecord
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.store import StoreError
from support.pages import BROWSER, WORKED
from support.redis_servers import RedisServer
from support.running import (
    ADMIN_KEY,
    API_KEY,
    WEDNESDAY,
    WRITE_KEY,
    RunningServer,
    assert_problem,
    example,
)
from support.sockets import seen

NAMED: dict[str, Any] = {
    "admin_keys": f"ops:{digest_key(ADMIN_KEY)}",
    "write_keys": f"desk:{digest_key(WRITE_KEY)}",
}
CATALOGUE = load_catalogue()
MARKET = "/venues/binance/markets/BTCUSDT"


@contextmanager
def audited(**settings: Any) -> Iterator[tuple[RunningServer, httpx.Client]]:
    with (
        RunningServer(Settings(**NAMED | settings), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, headers={"x-api-key": ADMIN_KEY}, timeout=30) as client,
    ):
        yield server, client


Audited = tuple[RunningServer, httpx.Client]


@pytest.fixture(scope="module")
def _shared() -> Iterator[Audited]:
    with audited() as both:
        yield both


@pytest.fixture
def service(_shared: Audited) -> Audited:
    """A service that the tests share, each with venues or symbols of its own, and an empty log."""
    _shared[0].log.seek(0)
    _shared[0].log.truncate()
    return _shared


def lines(server: RunningServer, event: str = "change") -> list[dict[str, Any]]:
    return [line for line in server.log_lines() if line["event"] == event]


def counted(server: RunningServer, **labels: str) -> float:
    return seen(server, "adlrisk_changes_total", **labels)


def test_a_change_of_parameters_has_a_line(service: Audited) -> None:
    """Venue, fields with their values before and after, both revisions, request, key and address."""
    server, client = service
    before = client.get("/venues/binance").json()
    sent = {"score": {"leverage": 12.0, "profit": 0.5}, "maintenance_margin_rate": 0.02}
    after = client.patch("/venues/binance", json=sent, headers={"x-request-id": "change-1"}).json()
    (line,) = lines(server)
    count = counted(server, venue="binance", kind="patch", key="ops")
    assert {name: line[name] for name in line if name != "timestamp"} == {
        "event": "change",
        "level": "info",
        "kind": "patch",
        "venue": "binance",
        "changes": [
            {"field": "maintenance_margin_rate", "old": None, "new": 0.02},
            {"field": "score.leverage", "old": before["score"]["leverage"], "new": 12.0},
            {"field": "score.profit", "old": before["score"]["profit"], "new": 0.5},
        ],
        "revision_before": before["venue"]["revision"],
        "revision_after": after["venue"]["revision"],
        "outcome": "done",
        "key": "ops",
        "client": "127.0.0.1",
        "request_id": "change-1",
    }
    assert count == 1


def test_a_reset_has_a_line(service: Audited) -> None:
    """With the values that the override had, and those of the card."""
    server, client = service
    own = client.get("/venues/okx").json()["score"]["leverage"]
    client.patch("/venues/okx", json={"score": {"leverage": 3.0}}).raise_for_status()
    client.delete("/venues/okx/override").raise_for_status()
    patched, reset = lines(server)
    count = counted(server, venue="okx", kind="reset", key="ops")
    assert reset["kind"] == "reset"
    assert reset["changes"] == [{"field": "score.leverage", "old": 3.0, "new": own}]
    assert reset["revision_before"] == patched["revision_after"]
    assert reset["revision_after"] == patched["revision_before"]
    assert count == 1


def test_a_record_has_a_line(service: Audited) -> None:
    """With venue, symbol, values and times of observation before and after; a repetition has none."""
    server, client = service
    first = {"funding_rate": 0.001, "observed_at": "2026-11-18T11:59:00Z", "source": "ours"}
    client.put(MARKET, json=first, headers={"x-api-key": WRITE_KEY}).raise_for_status()
    client.put(MARKET, json=first | {"observed_at": "2026-11-18T11:59:30Z"}).raise_for_status()
    client.put(MARKET, json={"funding_rate": 0.002, "thin_liquidity": True, "source": "ours"}).raise_for_status()
    made, changed = lines(server)
    counts = [counted(server, venue="binance", kind="record", key=key) for key in ("desk", "ops")]
    assert (made["venue"], made["symbol"], made["key"]) == ("binance", "BTCUSDT", "desk")
    assert made["observed_before"] == "absent"
    assert made["observed_after"] == "2026-11-18T11:59:00Z"
    assert {"field": "funding_rate", "old": None, "new": 0.001} in made["changes"]
    assert changed["changes"] == [
        {"field": "funding_rate", "old": 0.001, "new": 0.002},
        {"field": "thin_liquidity", "old": None, "new": True},
    ]
    assert (changed["observed_before"], changed["observed_after"]) == ("2026-11-18T11:59:30Z", "2026-11-18T12:00:00Z")
    assert counts == [1, 1]


@pytest.mark.parametrize(("level", "form"), [("warning", "json"), ("error", "console")])
def test_no_log_level_hides_a_change(level: Any, form: Any) -> None:
    """Lines of requests are hidden, those of changes are not."""
    with audited(log_level=level, log_format=form) as (server, client):
        client.patch("/venues/okx", json={"score": {"leverage": 3.0}}).raise_for_status()
        written = server.log.getvalue()
    assert "score.leverage" in written
    assert written.count("\n") == 1


def test_a_change_without_effect_is_told_and_not_counted(service: Audited) -> None:
    """A patch that says what is in force already, and a reset of a card as it is: lines without changes."""
    server, client = service
    client.patch("/venues/bybit", json={"score": {"leverage": 3.0}}).raise_for_status()
    client.patch("/venues/bybit", json={"score": {"leverage": 3.0}}).raise_for_status()
    client.delete("/venues/kraken/override").raise_for_status()
    _, again, reset = lines(server)
    counts = [
        counted(server, venue=venue, kind=kind, key="ops") for venue, kind in (("bybit", "patch"), ("kraken", "reset"))
    ]
    for line in (again, reset):
        assert line["changes"] == []
        assert line["revision_before"] == line["revision_after"]
    assert counts == [1, 0]


def test_a_list_is_told_as_a_whole(service: Audited) -> None:
    """Sessions, events and mixes are values: once changed they are told whole, and not again for the same patch."""
    server, client = service
    sessions = [{"from": "Sat 20:00", "to": "Sun 22:00"}]
    mix = [{"leverage": 5.0, "share": 0.5}, {"leverage": 10.0, "share": 0.5}]
    for _ in range(2):
        sent = {"score": {"thin_sessions": sessions}, "leverage_mix": mix}
        client.patch("/venues/deribit", json=sent).raise_for_status()
    first, again = lines(server)
    assert {change["field"]: change["new"] for change in first["changes"]} == {
        "leverage_mix": mix,
        "score.thin_sessions": sessions,
    }
    assert again["changes"] == []


def test_a_value_that_is_pinned_is_told(service: Audited) -> None:
    """A patch with the card's own value changes no answer, and holds when the card changes: its field is named."""
    server, client = service
    own = client.get("/venues/gate").json()["score"]["leverage"]
    client.patch("/venues/gate", json={"score": {"leverage": own}}).raise_for_status()
    (line,) = lines(server)
    assert line["changes"] == [{"field": "score.leverage", "old": own, "new": own}]
    assert line["revision_before"] == line["revision_after"]


def test_refused_changes_have_no_line(service: Audited) -> None:
    """Neither an invalid card, another revision, a missing right nor an unknown venue is a change."""
    server, client = service
    refused = [
        client.patch("/venues/bitget", json={"score": {"leverage": -1}}),
        client.patch("/venues/bitget", json={"score": {"leverage": 9}}, headers={"if-match": '"0"'}),
        client.patch("/venues/bitget", json={"score": {"leverage": 9}}, headers={"x-api-key": WRITE_KEY}),
        client.put("/venues/nowhere/markets/X", json={}),
        client.put(MARKET, json={"observed_at": "2020-01-01T00:00:00Z"}),
    ]
    assert [answer.status_code for answer in refused] == [400, 412, 403, 404, 422]
    assert lines(server) == []


def tiers(*rates: float) -> list[dict[str, float]]:
    return [{"up_to_notional": 1000.0 * (number + 1), "rate": rate, "amount": 0.0} for number, rate in enumerate(rates)]


def test_of_large_lists_what_differs_is_told(service: Audited) -> None:
    """Elements that only one of them has, and of each how many it has, its size and its digest."""
    rates = [0.001 * (number + 1) for number in range(40)]
    before, after = tiers(*rates), tiers(*rates[:20], 0.0205, *rates[21:], 0.05)
    server, client = service
    url = MARKET.replace("binance", "okx")
    for sent in (before, after):
        client.put(url, json={"maintenance_tiers": sent}).raise_for_status()
    change = lines(server)[1]["changes"]
    told = [
        {"elements": len(value), "differing": differing, "left_out": 0, **sized(value)}
        for value, differing in ((before, [before[20]]), (after, [after[20], after[40]]))
    ]
    assert change == [{"field": "maintenance_tiers", "old": told[0], "new": told[1]}]


def test_of_lists_that_differ_in_much_a_part_is_told(service: Audited) -> None:
    """A line stays short enough for readers of logs; what was left out is counted, and order counts in the digest."""
    rates = [0.001 * (number + 1) for number in range(50)]
    server, client = service
    client.put(MARKET.replace("binance", "gate"), json={"maintenance_tiers": tiers(*rates)}).raise_for_status()
    (line,) = lines(server)
    (change,) = [change for change in line["changes"] if change["field"] == "maintenance_tiers"]
    told = change["new"]
    assert change["old"] is None
    assert told["differing"] == tiers(*rates)[: len(told["differing"])]
    assert len(told["differing"]) + told["left_out"] == told["elements"] == 50
    assert 0 < len(json.dumps(told["differing"])) < 1200
    assert len(json.dumps(line)) < 3000


def test_differing_elements_are_counted_and_escaped() -> None:
    """One of two equal elements that is gone differs; and no element breaks a line either."""
    events = [{"what": f"{number}\n", "from": "x" * 300} for number in range(4)]
    told = show_change(FieldChange(field="f", old=[events[0], *events], new=events[:3]))
    assert told["old"]["differing"] == [
        {**one, "what": one["what"].replace("\n", "\\u000a")} for one in (events[0], events[3])
    ]
    assert told["new"]["differing"] == []


def sized(value: Any) -> dict[str, Any]:
    content = msgspec.json.encode(value)
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


OVERRIDES = st.fixed_dictionaries(
    {},
    optional={
        "score": st.fixed_dictionaries(
            {},
            optional={
                "leverage": st.sampled_from([None, 5.0, 15.0, 20.0]),
                "thin_sessions": st.sampled_from([None, (), ({"from": "Sat 20:00", "to": "Sun 22:00"},)]),
            },
        ),
        "funding": st.fixed_dictionaries({}, optional={"interval_hours": st.sampled_from([None, 4.0, 8.0])}),
        "maintenance_margin_rate": st.sampled_from([None, 0.01, 0.02]),
        "leverage_mix": st.sampled_from([None, ({"leverage": 5.0, "share": 1.0},)]),
    },
)


@settings(max_examples=30)  # a catalogue is built for each change
@given(before=OVERRIDES, patch=OVERRIDES, resets=st.booleans())
def test_every_difference_is_told(before: dict[str, Any], patch: dict[str, Any], *, resets: bool) -> None:
    """No field that differs in force is missing, and each has the values of the cards before and after."""

    async def change() -> VenueChange:
        changes = list[VenueChange]()
        live_rules = LiveRules(CATALOGUE, MemoryStore())
        await live_rules.patch("okx", before)
        if resets:
            await live_rules.reset("okx", on_change=changes.append)
        else:
            await live_rules.patch("okx", patch, on_change=changes.append)
        return changes[0]

    made = asyncio.run(change())
    cards = [flatten(msgspec.json.decode(msgspec.json.encode(venue.rules))) for venue in (made.before, made.after)]
    differing = {name for name in {**cards[0], **cards[1]} if cards[0].get(name) != cards[1].get(name)}
    told = {field.field: field for field in made.fields}
    assert differing <= set(told)
    for name, field in told.items():
        assert msgspec.json.encode([field.old, field.new]) == msgspec.json.encode([card.get(name) for card in cards])


def flatten(card: dict[str, Any], start: str = "") -> dict[str, Any]:
    """The values of a card by path; lists are values."""
    found: dict[str, Any] = {}
    for name, value in card.items():
        found |= flatten(value, f"{start}{name}.") if isinstance(value, dict) else {f"{start}{name}": value}
    return found


@pytest.mark.parametrize("text", ["one\ntwo", "\x1b[2J", "\x7f", "\x85", "\x9b2J", "\u2028", "é \x00"])
def test_texts_of_callers_break_no_line(service: Audited, text: str) -> None:
    """Whatever ends a line for some reader, or commands a terminal, is escaped; other text stays."""
    server, client = service
    client.put(MARKET.replace("binance", "bitmex"), json={"source": text}).raise_for_status()
    (line,) = server.log.getvalue().split("\n", 1)[0].splitlines()
    (told,) = [change["new"] for change in json.loads(line)["changes"] if change["field"] == "source"]
    assert told.isprintable()
    assert ("é" in told) is ("é" in text)
    assert f"\\u{ord(next(letter for letter in text if not letter.isprintable())):04x}" in told


def test_a_change_has_an_address(service: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is gone before it was accepted has none any more: what it has sent is not done."""
    server, client = service
    is_held, accepts = threading.Event(), threading.Event()
    body = b'{"score": {"leverage": 7.5}}'
    patch = b"PATCH /venues/htx HTTP/1.1\r\nhost: x\r\nx-api-key: %s\r\ncontent-type: application/json\r\n"

    def hold() -> datetime:
        is_held.set()
        accepts.wait(10.0)
        return WEDNESDAY

    monkeypatch.setattr(server.app.context, "clock", hold)
    waiting = threading.Thread(target=lambda: httpx.get(f"{server.url}/venues/okx/markets/X", timeout=30))
    waiting.start()  # holds up the event loop, so that nobody is accepted
    assert is_held.wait(10.0)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
        connection.sendall(patch % ADMIN_KEY.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)
    accepts.set()
    waiting.join()
    client.patch("/venues/mexc", json={"score": {"leverage": 7.5}}).raise_for_status()
    assert [(line["venue"], line["client"]) for line in lines(server)] == [("mexc", "127.0.0.1")]
    assert client.get("/venues/htx").json()["score"]["leverage"] != 7.5


def test_the_counters_of_changes_begin_at_zero() -> None:
    """Those that each key may make: else Prometheus would not see the first one."""
    registry = create_app(Settings(**NAMED), log=io.StringIO()).context.metrics.registry
    found = {
        (kind, key): registry.get_sample_value("adlrisk_changes_total", {"venue": "okx", "kind": kind, "key": key})
        for kind in ("patch", "reset", "record")
        for key in ("ops", "desk")
    }
    assert {pair for pair, value in found.items() if value == 0.0} == {
        ("patch", "ops"), ("reset", "ops"), ("record", "ops"), ("record", "desk"),
    }  # fmt: skip


def test_the_series_of_names_that_are_gone_end() -> None:
    """Those of changes too, once keys have changed twice; a name that stays keeps its counts."""
    context = create_app(Settings(**NAMED), log=io.StringIO()).context
    keys, registry = context.api_keys.configured, context.metrics.registry

    def count(name: str) -> float | None:
        labels = {"venue": "okx", "kind": "record", "key": name}
        return registry.get_sample_value("adlrisk_changes_total", labels)

    context.metrics.count_change(venue="okx", kind="record", key="desk")
    context.metrics.count_change(venue="okx", kind="record", key="ops")
    for name in ("new", "newer"):
        context.api_keys.replace([key._replace(name=name) if key.name != "desk" else key for key in keys])
        assert (count("ops"), count("new"), count("desk")) == ((1.0 if name == "new" else None), 0.0, 1.0)
    context.api_keys.replace(keys)
    assert (count("ops"), count("new"), count("newer"), count("desk")) == (0.0, None, 0.0, 1.0)


def test_lines_of_changes_are_the_last_to_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """They alone must stay: those of requests and of the service anybody can cause."""
    written: list[bool] = []

    class Output(StreamOutput):
        def write(self, lines: bytes, *, must_stay: bool = False) -> None:
            written.append(must_stay)
            super().write(lines)

    monkeypatch.setattr("adlrisk.api.app.standard_output", lambda: Output(io.StringIO()))
    context = create_app(Settings(**NAMED)).context
    context.audit_log.record_keys(KeysUsable())
    context.logger.warning("anything")
    assert written == [True, False]


# Keys in access lines and in the count of callers turned away.


def test_access_lines_name_the_key() -> None:
    """The caller's name, `unknown` for a key that is not configured, and no such field without a key."""
    with audited(api_keys=f"bot:{digest_key(API_KEY)}") as (server, client):
        body = example("score.request")
        for key in (API_KEY, API_KEY, ADMIN_KEY, "nonsense"):
            client.post("/score", json=body, headers={"x-api-key": key})
        client.post("/score", json=body, headers={"x-api-key": "", "authorization": f"Bearer {API_KEY}"})
        httpx.post(f"{server.url}/score", json=body)
    keys = [line.get("key", "-") for line in lines(server, "request")]  # once it has ended: they come after the answers
    assert sorted(keys) == ["-", "bot", "bot", "bot", "ops", "unknown"]


def test_callers_turned_away_are_counted_by_name() -> None:
    """401, 403 and 429 by the key's name; series of all configured names exist from the start."""
    with audited(api_keys=f"bot:{digest_key(API_KEY)}", rate_limit="2/hour") as (server, client):
        name = "adlrisk_callers_turned_away_total"
        registry = server.app.context.metrics.registry
        for key in ("bot", "desk", "ops", "unknown", "none"):
            assert [
                registry.get_sample_value(name, {"key": key, "status": status}) for status in ("401", "403", "429")
            ] == [0, 0, 0]
        for _ in range(3):
            client.put(MARKET, json={}, headers={"x-api-key": API_KEY})
        client.get("/venues", headers={"x-api-key": "nonsense"})
        httpx.get(f"{server.url}/venues")
    found = {
        (sample.labels["key"], sample.labels["status"]): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == name and sample.value
    }
    assert found == {("bot", "403"): 2, ("bot", "429"): 1, ("unknown", "401"): 1, ("none", "401"): 1}


def test_a_service_without_keys_names_nobody() -> None:
    """A gateway's token is nothing to it."""
    with RunningServer(Settings(), log=io.StringIO()) as server:
        httpx.get(f"{server.url}/venues", headers={"authorization": "Bearer of-a-gateway"})
    (line,) = lines(server, "request")
    assert "key" not in line


@pytest.mark.parametrize(("sent", "name"), [(API_KEY, "bot"), ("nonsense", "unknown")])
def test_the_form_of_the_page_names_the_key(sent: str, name: str) -> None:
    """A key that comes in the page's form is in the line of the page, as any other."""
    with audited(api_keys=f"bot:{digest_key(API_KEY)}") as (server, _):
        form = {field: (None, text) for field, text in {**WORKED, "key": sent}.items()}
        httpx.post(f"{server.url}/page", files=form, headers=BROWSER)
    (line,) = lines(server, "request")
    assert line["key"] == name


# Values before and after, while others change the same.


class Shared(MemoryStore):
    """A store of two replicas, in which others have their turn within each call."""

    is_local = False

    async def read_overrides(self) -> Any:
        found = await super().read_overrides()
        await asyncio.sleep(0)
        return found

    async def exchange_market(self, *given: Any, **named: Any) -> bytes | None:
        await asyncio.sleep(0)
        replaced = await super().exchange_market(*given, **named)
        await asyncio.sleep(0)
        return replaced

    async def changes(self) -> Any:
        await asyncio.sleep(3600)
        yield


def test_concurrent_changes_form_a_chain() -> None:
    """Of patches by two replicas at once, each one's values before are those after the one before it."""
    store, changes = Shared(), list[VenueChange]()
    replicas = [LiveRules(load_catalogue(), store) for _ in range(2)]

    async def patches() -> None:
        await asyncio.gather(
            *(
                replicas[number % 2].patch("okx", {"score": {"leverage": 20.0 + number}}, on_change=changes.append)
                for number in range(8)
            )
        )

    asyncio.run(patches())
    assert len(changes) == 8
    fields = [change.fields for change in changes]
    assert [len(one) for one in fields] == [1] * 8
    pairs = [(one[0].old, one[0].new) for one in fields]
    assert pairs[0][0] == load_catalogue()["okx"].rules.score.leverage
    assert [old for old, _ in pairs[1:]] == [new for _, new in pairs[:-1]]
    assert {new for _, new in pairs} == {20.0 + number for number in range(8)}
    assert [change.before.revision for change in changes[1:]] == [change.after.revision for change in changes[:-1]]


def test_many_changes_of_a_venue_are_all_made() -> None:
    """Those of one replica wait for each other, however many they are: none is refused since others came first."""
    live_rules, changes = LiveRules(load_catalogue(), Shared()), list[VenueChange]()

    async def patches() -> None:
        patched = (
            live_rules.patch("okx", {"score": {"leverage": 20.0 + n}}, on_change=changes.append) for n in range(40)
        )
        await asyncio.gather(*patched)

    asyncio.run(patches())
    assert [change.fields[0].new for change in changes] == [20.0 + number for number in range(40)]


def test_a_change_that_others_always_come_before_is_told_as_that(
    service: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was changed, the store is well, and another attempt may succeed: 409 with Retry-After, and no line."""
    server, client = service

    async def lose(*_: Any, **_named: Any) -> bool:
        return False

    monkeypatch.setattr(MemoryStore, "replace_override", lose)
    answers = [client.patch("/venues/okx", json={"score": {"leverage": 3.0}}), client.delete("/venues/okx/override")]
    for answer in answers:
        problem = assert_problem(answer, "change-contended", 409)
        assert "nothing was changed" in problem["detail"]
        assert answer.headers["retry-after"] == "1"
    assert lines(server) == []


def record(rate: float) -> StoredRecord:
    market = MarketRecord(funding_rate=rate)
    return StoredRecord(market=market, observed_at=WEDNESDAY, source="test", ttl_seconds=600.0)


def rates_of(changes: list[RecordChange]) -> list[tuple[Any, Any]]:
    """The funding rates before and after of each change, first the one of the first record."""
    return [(change.fields[0].old, change.fields[0].new) for change in changes]


def assert_is_chain(pairs: list[tuple[Any, Any]], *, length: int) -> None:
    """Assert that the changes, in some order, lead from nothing through every value once."""
    after, reached, seen_values = dict(pairs), None, []
    while reached in after:
        reached = after.pop(reached)
        seen_values.append(reached)
    assert len(pairs) == len(seen_values) == length


def test_concurrent_records_form_a_chain() -> None:
    """Of records put by two replicas at once, each replaces the one whose values are told as the old ones."""
    store, changes = Shared(), list[RecordChange]()
    replicas = [LiveRules(load_catalogue(), store) for _ in range(2)]

    async def puts() -> None:
        key = MarketKey("okx", "X")
        await asyncio.gather(
            *(
                replicas[number % 2].put_record(key, record(number / 1000), now=WEDNESDAY, on_change=changes.append)
                for number in range(8)
            )
        )

    asyncio.run(puts())
    assert_is_chain(rates_of(changes), length=8)


def test_changes_over_two_replicas_with_redis_form_a_chain(tmp_path: Path) -> None:
    """The same over HTTP with a real server: patches and records, told by whichever replica made them."""

    async def send(urls: list[str]) -> None:
        async with httpx.AsyncClient(headers={"x-api-key": ADMIN_KEY}, timeout=30) as client:
            patches = [
                client.patch(f"{urls[number % 2]}/venues/okx", json={"score": {"leverage": 20 + number}})
                for number in range(6)
            ]
            puts = [
                client.put(f"{urls[number % 2]}{MARKET}", json={"funding_rate": number / 1000}) for number in range(6)
            ]
            for answer in await asyncio.gather(*patches, *puts):
                answer.raise_for_status()

    patient = {"redis_patience_seconds": 5.0, "redis_deadline_seconds": 5.0}
    with RedisServer(tmp_path / "redis") as redis, audited(redis_url=redis.url, **patient) as (one, _):  # noqa: SIM117
        with audited(redis_url=redis.url, **patient) as (other, client):
            own = client.get("/venues/okx").json()["score"]["leverage"]
            asyncio.run(send([one.url, other.url]))
            told = lines(one) + lines(other)
    pairs: dict[str, list[tuple[Any, Any]]] = {"patch": [], "record": []}
    for line in told:
        (change,) = [change for change in line["changes"] if change["field"] in ("score.leverage", "funding_rate")]
        pairs[line["kind"]].append((None if change["old"] == own else change["old"], change["new"]))
    assert_is_chain(pairs["patch"], length=6)
    assert_is_chain(pairs["record"], length=6)


class Failing(MemoryStore):
    """A store that makes changes and does not say so."""

    error: BaseException = StoreError("store-slow")

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        await super().replace_override(venue, old=old, new=new)
        raise self.error

    async def exchange_market(self, *given: Any, **named: Any) -> bytes | None:
        await super().exchange_market(*given, **named)
        raise self.error


@pytest.mark.parametrize(
    ("error", "outcomes"),
    [
        (StoreError("store-slow"), ["unknown", "unknown"]),
        (StoreError("store-unreachable"), ["unknown", "unknown"]),
        (asyncio.CancelledError(), ["unknown", "unknown"]),
        (StoreError("store-read-only"), []),
        (StoreError("store-denied"), []),
    ],
)
def test_a_change_without_an_answer_is_told_as_unknown(
    error: BaseException, outcomes: list[Literal["unknown"]]
) -> None:
    """It may have been made; where the store says that it was not, there is no change to tell."""
    store, changes = Failing(), list[Any]()
    store.error = error
    live_rules = LiveRules(load_catalogue(), store)

    async def change(which: Any) -> None:
        with pytest.raises(type(error)):
            await which

    async def both() -> None:
        await change(live_rules.patch("okx", {"score": {"leverage": 9.0}}, on_change=changes.append))
        await change(live_rules.put_record(MarketKey("okx", "X"), record(0.1), now=WEDNESDAY, on_change=changes.append))

    asyncio.run(both())
    assert [one.outcome for one in changes] == outcomes


def test_a_change_without_an_answer_is_not_counted() -> None:
    """Its line says that the outcome is unknown; the counter has only what was surely made."""
    log, store = io.StringIO(), Failing()
    context = create_app(Settings(**NAMED), log=log).context
    record_venue = partial(context.audit_log.record_venue, author=Author("ops", None), request_id="r-1")

    async def patch() -> None:
        with pytest.raises(StoreError):
            await LiveRules(CATALOGUE, store).patch("okx", {"score": {"leverage": 9.0}}, on_change=record_venue)

    asyncio.run(patch())
    line = json.loads(log.getvalue())
    assert (line["outcome"], line["key"], line["client"], line["request_id"]) == ("unknown", "ops", None, "r-1")
    own = CATALOGUE["okx"].rules.score.leverage
    assert line["changes"] == [{"field": "score.leverage", "old": own, "new": 9.0}]  # what was tried
    labels = {"venue": "okx", "kind": "patch", "key": "ops"}
    assert context.metrics.registry.get_sample_value("adlrisk_changes_total", labels) == 0.0


def test_an_unreadable_override_is_told_when_it_is_removed() -> None:
    """Its values are not known; that it could not be read is."""
    store, changes = MemoryStore(), list[VenueChange]()

    async def reset() -> None:
        await store.replace_override("okx", old=None, new=b"nonsense")
        await LiveRules(load_catalogue(), store).reset("okx", on_change=changes.append)

    asyncio.run(reset())
    ((field,),) = [change.fields for change in changes]
    assert (field.field, field.old, field.new) == ("override", "unreadable", None)


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_unknown_value_is_not_told_as_none(form: Any) -> None:
    """Of the record before, which the store did not tell, no field has an old value, not even none; times are ISO."""
    log = io.StringIO()
    context = create_app(Settings(log_format=form, **NAMED), log=log).context
    record_market = partial(context.audit_log.record_market, author=Author("ops", None), request_id="r-1")
    live_rules = LiveRules(CATALOGUE, Failing())

    async def put() -> None:
        with pytest.raises(StoreError):
            await live_rules.put_record(MarketKey("okx", "X"), record(0.1), now=WEDNESDAY, on_change=record_market)

    asyncio.run(put())
    if form == "console":
        assert "datetime" not in log.getvalue()
        assert "2026-11-18T12:00:00Z" in log.getvalue()
        return
    line = json.loads(log.getvalue())
    assert {"field": "funding_rate", "new": 0.1} in line["changes"]
    assert all("old" not in change for change in line["changes"])
    assert (line["observed_before"], line["observed_after"]) == ("unknown", "2026-11-18T12:00:00Z")


def test_a_record_that_cannot_be_read_has_no_old_values() -> None:
    """It held something, nobody knows what: `unreadable`, and no old values."""
    store, changes = MemoryStore(), list[RecordChange]()
    key = MarketKey("okx", "X")

    async def put() -> None:
        await store.exchange_market(key, b"nonsense", ttl_seconds=60.0)
        await LiveRules(CATALOGUE, store).put_record(key, record(0.1), now=WEDNESDAY, on_change=changes.append)

    asyncio.run(put())
    ((before, fields),) = [(change.before, change.fields) for change in changes]
    assert before == "unreadable"
    assert {field.old for field in fields} == {UNSET}


def test_an_expired_record_is_absent() -> None:
    """A record that is put when the one before it has expired replaces none."""
    now, changes = 0.0, list[RecordChange]()
    store = MemoryStore(clock=lambda: now)
    live_rules = LiveRules(load_catalogue(), store)

    async def put(rate: float) -> None:
        await live_rules.put_record(MarketKey("okx", "X"), record(rate), now=WEDNESDAY, on_change=changes.append)

    asyncio.run(put(0.1))
    now = timedelta(seconds=601).total_seconds()
    asyncio.run(put(0.2))
    assert [change.before for change in changes] == ["absent", "absent"]
