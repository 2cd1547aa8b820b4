"""``PUT`` and ``GET /venues/{venue}/markets/{symbol}``: the market record of a contract."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint, Parameter, Steps
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.api.endpoints.venues.cards import VENUE_IN_PATH, find_venue
from adlrisk.api.endpoints.venues.schema import MarketAnswer, MarketPut
from adlrisk.api.http.problems import ProblemError, field_error, store_unavailable
from adlrisk.domain.position.market import MarketRecord, check_tiers
from adlrisk.venues.market_records import SYMBOL, MarketKey, StoredRecord, is_symbol


async def _handle_put(call: Call) -> MarketAnswer:
    key, sent, now = _parse_key(call), call.body, call.context.clock()
    observed_at = now if sent.observed_at is None else datetime.fromisoformat(sent.observed_at).astimezone(UTC)
    record = StoredRecord(
        market=MarketRecord(**{name: getattr(sent, name) for name in MarketRecord.__struct_fields__}),
        observed_at=observed_at,
        source=sent.source,
        ttl_seconds=sent.ttl_seconds,
    )
    check_tiers(record.market)
    if record.moment_of_use(now) is None:
        detail = (
            "is in the future"
            if observed_at > now
            else "is older than ttl_seconds, so the record has already expired; leave it out to use the current time"
        )
        error = field_error("/observed_at", detail)
        raise ProblemError("observed-out-of-time", f"/observed_at: {detail}", errors=(error,))
    on_change = partial(call.context.audit_log.record_market, author=call.author, request_id=call.request_id)
    await call.context.live_rules.put_record(key, record, now=now, on_change=on_change)
    return _build_answer(key, record, now)


def _handle_get(call: Call) -> Steps[MarketAnswer]:
    key, now = _parse_key(call), call.context.clock()
    records = yield [key]
    record = records[key]
    if isinstance(record, StoredRecord) and record.moment_of_use(now) is not None:
        return _build_answer(key, record, now)
    if record == "unreadable":
        raise store_unavailable(call.context.live_rules.reason or "record unreadable")
    raise ProblemError("unknown-market", f"There is no current record of {key.symbol} at {key.venue}")


def _parse_key(call: Call) -> MarketKey:
    venue, symbol = find_venue(call), call.path["symbol"]
    if not is_symbol(symbol):
        detail = (
            "the symbol in the path must be the venue's own id of the contract, such as `BTCUSDT`: "
            "1 to 64 of A-Z a-z 0-9 : . _ @ -"
        )
        raise ProblemError("invalid-request", detail, errors=(field_error("", detail),))
    return MarketKey(venue.rules.id, symbol)


def _build_answer(key: MarketKey, record: StoredRecord, now: datetime) -> MarketAnswer:
    known = {name: getattr(record.market, name) for name in MarketRecord.__struct_fields__}
    return MarketAnswer(
        venue=key.venue,
        symbol=key.symbol,
        observed_at=format_datetime(record.observed_at),
        age_seconds=max(0.0, (now - record.observed_at).total_seconds()),
        ttl_seconds=record.ttl_seconds,
        source=record.source,
        **known,
    )


_SYMBOL_IN_PATH: Final = Parameter(
    name="symbol",
    place="path",
    description="The venue's own id of the contract.",
    schema={"type": "string", "pattern": f"^{SYMBOL}$"},
    example="BTCUSDT",
)
_COMMON: Final[dict[str, Any]] = {
    "path": "/venues/{venue}/markets/{symbol}",
    "tag": "Venues",
    "parameters": (VENUE_IN_PATH, _SYMBOL_IN_PATH),
}

PUT_MARKET: Final = Endpoint(
    method="PUT",
    operation_id="putMarket",
    access="write",
    summary="Store a market record",
    description="Stores what was observed about a contract until it expires, so that `POST /score` with this `symbol` "
    "can fill in what its request leaves out: funding, the two market flags, what is known of the trigger (ADL, "
    "insurance fund, rating, settlement, open interest), and the maintenance tier of the position. It also keeps what "
    "is known of all positions together: open interest, its entries, the order book's depth, the volatility. "
    "Replaces any earlier record as a whole.",
    handle=_handle_put,
    body=Body(type=MarketPut, limit=lambda context: context.settings.max_score_bytes, examples=("market",)),
    answers={
        200: Answer(
            description="The stored record.",
            type=MarketAnswer,
            links={"getMarket": {"venue": "$request.path.venue", "symbol": "$request.path.symbol"}},
        )
    },
    problems=("unknown-venue", "tiers-out-of-order", "observed-out-of-time", "store-unavailable"),
    **_COMMON,
)

GET_MARKET: Final = Endpoint(
    method="GET",
    operation_id="getMarket",
    access="read",
    summary="Get a market record",
    description="The record that `POST /score` with this `symbol` would use now, and its age.",
    handle=_handle_get,
    answers={200: Answer(description="The record.", type=MarketAnswer)},
    problems=("unknown-venue", "unknown-market", "invalid-request", "store-unavailable"),
    **_COMMON,
)
