"""Every venue asked once, for a look at what would go on record. Nothing is kept, and no lease is taken."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence

from adlrisk.collect.adapters.observation import CallName, Exchange, FetchError, UnknownMarketError
from adlrisk.collect.observer import Watching
from adlrisk.collect.record.history import Trail
from adlrisk.collect.record.market_record import MarketState
from adlrisk.collect.venue_calls import Asking
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey, StoredRecord
from adlrisk.venues.overrides import UnreadableError


async def look(
    exchanges: Sequence[tuple[Exchange, Sequence[str]]],
    *,
    conditions: Mapping[str, Conditions],
    watching: Watching,
) -> dict[MarketKey, StoredRecord]:
    """The records of the markets of each venue, as far as they can be made at once; what fails is told."""
    found = await asyncio.gather(
        *(_look_at(exchange, markets, conditions[exchange.venue], watching) for exchange, markets in exchanges)
    )
    return {key: record for records in found for key, record in records.items()}


async def _look_at(
    exchange: Exchange, markets: Sequence[str], conditions: Conditions, watching: Watching
) -> dict[MarketKey, StoredRecord]:
    asking = Asking(exchange, watching=watching)
    try:
        await asking.open_once()
        records = await asyncio.gather(*(_record(exchange, asking, market, conditions, watching) for market in markets))
    except FetchError:
        return {}
    finally:
        await exchange.close()
    return dict(one for one in records if one is not None)


async def _record(
    exchange: Exchange, asking: Asking, market: str, conditions: Conditions, watching: Watching
) -> tuple[MarketKey, StoredRecord] | None:
    try:
        key = MarketKey(exchange.venue, exchange.symbol_of(market))
    except UnknownMarketError as error:
        watching.market_unknown(exchange.venue, market, str(error))
        return None
    state = MarketState(key, market, trail=Trail(conditions))

    async def take(call: CallName) -> None:
        with contextlib.suppress(FetchError):  # it was told
            state.take(call, await asking.ask_once(call, market), now=time.time())

    await asyncio.gather(*(take(call) for call in sorted(exchange.calls)))
    try:
        record = state.record(now=time.time())
    except UnreadableError as error:
        watching.wrote(*key, is_kept=False, detail=str(error))
        return None
    return None if record is None else (key, record)
