"""A snapshot of the market records: every call is made once, nothing is stored and no lease is taken."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence

from adlrisk.collect.adapters.observation import CallName, Exchange, FetchError, UnknownMarketError
from adlrisk.collect.observer import Observer
from adlrisk.collect.record.history import MarketHistory
from adlrisk.collect.record.market_record import MarketRecordBuilder
from adlrisk.collect.venue_calls import VenueCalls
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey, StoredRecord
from adlrisk.venues.overrides import UnreadableError


async def take_snapshot(
    exchanges: Sequence[tuple[Exchange, Sequence[str]]],
    *,
    conditions: Mapping[str, Conditions],
    observer: Observer,
) -> dict[MarketKey, StoredRecord]:
    """The records of each exchange's markets, from one answer to each call; ``observer`` receives failures.

    Markets without a record are absent. Closes the exchanges.
    """
    snapshots = await asyncio.gather(
        *(_snapshot_venue(exchange, markets, conditions[exchange.venue], observer) for exchange, markets in exchanges)
    )
    return {key: record for records in snapshots for key, record in records.items()}


async def _snapshot_venue(
    exchange: Exchange, markets: Sequence[str], conditions: Conditions, observer: Observer
) -> dict[MarketKey, StoredRecord]:
    calls = VenueCalls(exchange, observer=observer)
    try:
        await calls.load_markets_once()
        records = await asyncio.gather(
            *(_snapshot_market(exchange, calls, market, conditions, observer) for market in markets)
        )
    except FetchError:
        return {}
    finally:
        await exchange.close()
    return dict(one for one in records if one is not None)


async def _snapshot_market(
    exchange: Exchange, calls: VenueCalls, market: str, conditions: Conditions, observer: Observer
) -> tuple[MarketKey, StoredRecord] | None:
    try:
        key = MarketKey(exchange.venue, exchange.symbol_of(market))
    except UnknownMarketError as error:
        observer.market_unknown(exchange.venue, market, str(error))
        return None
    builder = MarketRecordBuilder(key, market, history=MarketHistory(conditions))

    async def fetch(call: CallName) -> None:
        with contextlib.suppress(FetchError):  # already reported
            builder.add(call, await calls.fetch_once(call, market), now=time.time())

    await asyncio.gather(*(fetch(call) for call in sorted(exchange.calls)))
    try:
        record = builder.build(now=time.time())
    except UnreadableError as error:
        observer.write_finished(*key, is_ok=False, detail=str(error))
        return None
    return None if record is None else (key, record)
