"""Tolerant reading: values of a newer release are used as far as they are known, and their other fields are kept."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.live_rules import LiveRules, UnreadableOverrideError
from adlrisk.venues.market_records import decode_record
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.overrides import UnreadableError, apply_override, decode_override, encode_override
from adlrisk.venues.store import Event, Ignored
from adlrisk.venues.tolerance import drop_unknown_fields

CATALOGUE = load_catalogue()
BINANCE = CATALOGUE["binance"].rules
RECORD = {
    "version": 1,
    "market": {
        "contract": "linear",
        "funding_rate": 0.001,
        "maintenance_tiers": [{"up_to_notional": 50_000, "rate": 0.004}, {"rate": 0.005, "amount": 50}],
        "open_interest": 1_000,
        "entries": [{"price": 60_000, "share": 0.25}, {"price": 61_000, "share": 0.75}],
        "entries_seen": 0.6,
        "size_for_one_percent": 40,
        "volatility": 0.8,
    },
    "observed_at": "2026-11-18T11:59:00Z",
    "source": "a newer collector",
    "ttl_seconds": 60,
}
OVERRIDE = {"score": {"leverage": 9.0, "thin_sessions": [{"from": "Sat 20:00", "to": "Sun 20:00"}]}, "funding": {}}


def with_more(value: Any) -> Any:
    """The same with an additional field in every object."""
    if isinstance(value, dict):
        return {"a_newer_field": {"deep": [1, None]}, **{name: with_more(part) for name, part in value.items()}}
    return [with_more(part) for part in value] if isinstance(value, list) else value


def test_unknown_fields_of_a_record_are_ignored() -> None:
    """Wherever they are, the rest is the record."""
    newer = decode_record(json.dumps(with_more(RECORD)).encode())
    assert newer == decode_record(json.dumps(RECORD).encode())
    assert newer.market.maintenance_tiers[1].amount == 50.0
    assert newer.market.entries[1].share == 0.75


AGGREGATES = ("open_interest", "entries", "entries_seen", "size_for_one_percent", "volatility")


class FormerMarket(msgspec.Struct, forbid_unknown_fields=True):
    """What a release before open interest and its entries knows of a market."""

    contract: str
    funding_rate: float
    maintenance_tiers: list[MaintenanceTier]


class FormerRecord(msgspec.Struct, forbid_unknown_fields=True):
    """A record of that release."""

    version: int
    market: FormerMarket
    observed_at: str
    source: str
    ttl_seconds: float


def test_record_passes_between_this_release_and_the_one_before() -> None:
    """The former reads a record with open interest and entries, which it drops; this one reads a record without."""
    known = drop_unknown_fields(RECORD, FormerRecord)
    former = msgspec.convert(known, FormerRecord)
    assert former.market.funding_rate == 0.001
    record = decode_record(msgspec.json.encode(former))
    assert record.market.maintenance_tiers[0].rate == 0.004
    blank = MarketRecord()
    for name in AGGREGATES:
        assert getattr(record.market, name) == getattr(blank, name), name


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"ttl_seconds": -1},
        {"market": {"funding_rate": "high"}},
        {"market": {"entries": [{"price": 1, "share": 0.5}]}},
        {"market": {"entries": [{"price": 1, "share": 1.0 / 101}] * 101}},
        {"market": {"volatility": 0}},
        {"observed_at": "yesterday"},
    ],
    ids=str,
)
def test_unknown_fields_do_not_excuse_an_invalid_record(wrong: dict[str, Any]) -> None:
    """A known field with an invalid value makes the record unreadable."""
    with pytest.raises(UnreadableError):
        decode_record(json.dumps(with_more({**RECORD, **wrong})).encode())


def test_unknown_fields_of_an_override_are_ignored() -> None:
    """The card is changed by the known fields."""
    newer = decode_override(encode_override(with_more(OVERRIDE)))
    assert apply_override(BINANCE, newer) == apply_override(BINANCE, OVERRIDE)
    assert apply_override(BINANCE, newer).score.leverage == 9.0


@pytest.mark.parametrize(
    "wrong", [{"score": 7}, {"score": {"leverage": -1}}, {"score": {"thin_sessions": [{}]}}], ids=str
)
def test_unknown_fields_do_not_excuse_an_invalid_override(wrong: dict[str, Any]) -> None:
    """A known field with an invalid value makes the override unreadable."""
    with pytest.raises(UnreadableError):
        decode_override(encode_override(with_more(wrong)))


class Remote(MemoryStore):
    """A store that others write to as well."""

    is_local = False


def test_a_patch_keeps_unknown_fields() -> None:
    """An older replica changes the fields it knows; unknown ones stay in the store."""

    async def patched() -> tuple[float, dict[str, Any], list[Event]]:
        store, events = Remote(), list[Event]()
        await store.replace_override("binance", old=None, new=encode_override(with_more(OVERRIDE)))
        live_rules = LiveRules(CATALOGUE, store, on_event=events.append)
        await live_rules.start()
        venue = await live_rules.patch("binance", {"score": {"profit": 0.5}})
        kept = decode_override((await store.read_overrides())["binance"])
        await live_rules.close()
        return venue.rules.score.leverage, kept, events

    leverage, kept, events = asyncio.run(patched())
    assert leverage == 9.0
    assert kept == {**with_more(OVERRIDE), "score": {**with_more(OVERRIDE)["score"], "profit": 0.5}}
    assert not [event for event in events if isinstance(event, Ignored)]


def test_a_patch_does_not_change_a_newer_format() -> None:
    """A value that this version cannot read is not changed."""

    async def patched() -> None:
        store = Remote()
        await store.replace_override("binance", old=None, new=b'{"version":2,"override":{}}')
        await LiveRules(CATALOGUE, store).patch("binance", {"score": {"profit": 0.5}})

    with pytest.raises(UnreadableOverrideError):
        asyncio.run(patched())
