"""Faults of venues: each fault has its outcome, and each corrupted field is left out with its reason."""

import asyncio
import socket
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from adlrisk.collect.adapters.exchange import CcxtExchange, open_exchange
from adlrisk.collect.adapters.observation import CallName, FetchError, LeftOutField, Observation, Outcome, Why
from adlrisk.domain.position.market import MarketRecord
from support.collect import fake_venue
from support.collect.fake_venue import FakeVenue, Fault, Now
from support.collect.fake_venues import FAKES, LINEAR, MARKET, Venues, forget_answers, set_timeout

FAULTS: Final[dict[str, tuple[Fault, Outcome, float | None]]] = {
    "too often": (fake_venue.RATE_LIMITED, "rate-limited", 7.0),
    "banned": (fake_venue.BANNED, "rate-limited", 120.0),
    "broken": (fake_venue.BROKEN, "unavailable", None),
    "overloaded": (fake_venue.OVERLOADED, "unavailable", 3.0),
    "bad gateway": (fake_venue.BAD_GATEWAY, "unavailable", None),
    "maintenance": (fake_venue.MAINTENANCE, "unavailable", None),
    "cut off": (fake_venue.CUT, "unavailable", None),
    "silent": (fake_venue.STALLED, "timeout", None),
    "forbidden": (fake_venue.FORBIDDEN, "refused", None),
    "broken JSON": (fake_venue.GARBAGE, "unreadable", None),
    "no JSON": (fake_venue.NOT_JSON, "unreadable", None),
    "nothing": (fake_venue.EMPTY, "unreadable", None),
    "another shape": (Fault(body='{"prices": [1, 2, 3]}'), "unreadable", None),
    "a bare number": (Fault(body="[60000.0]"), "unreadable", None),
}


def failure(venues: Venues, fake: FakeVenue, fault: Fault) -> FetchError:
    """The error of a call with that fault at every path, once markets are loaded."""

    async def ask(exchange: CcxtExchange) -> FetchError:
        await exchange.load_markets()
        fake.faults["*"] = fault
        if fault.stall:
            set_timeout(exchange, seconds=0.3)
        with pytest.raises(FetchError) as caught:
            await exchange.fetch("mark", MARKET[fake.venue], now=datetime.now(UTC))
        return caught.value

    return venues.use_exchange(fake, ask)


@pytest.mark.parametrize("venue", FAKES)
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_outcome(venues: Venues, venue: str, name: str) -> None:
    """Each fault leads to its outcome, with the wait that the venue asked for."""
    fault, outcome, wait = FAULTS[name]
    error = failure(venues, venues[venue], fault)
    assert (error.outcome, error.retry_after_seconds) == (outcome, wait)


@pytest.mark.parametrize("venue", FAKES)
def test_unreachable_venue_is_unavailable(venue: str) -> None:
    """A call to an address where nothing listens ends as unavailable."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

        async def ask() -> FetchError:
            exchange = open_exchange(venue, urls={venue: url})
            try:
                with pytest.raises(FetchError) as caught:
                    await exchange.fetch("mark", MARKET[venue], now=datetime.now(UTC))
            finally:
                await exchange.close()
            return caught.value

        assert asyncio.run(ask()).outcome == "unavailable"


# The venues' own error messages, from their documentation of error codes.
VENUE_ERRORS: Final[list[tuple[str, Fault, Outcome]]] = [
    ("binance", Fault(status=400, body='{"code":-1121,"msg":"Invalid symbol."}'), "refused"),
    ("binance", Fault(status=429, body='{"code":-1003,"msg":"Too many requests"}'), "rate-limited"),
    ("binance", Fault(status=403, body="<html>WAF</html>", content_type="text/html"), "refused"),
    ("bybit", Fault(body='{"retCode":10006,"retMsg":"Too many visits!","result":{}}'), "rate-limited"),
    ("bybit", Fault(status=403, body="Access too frequent", content_type="text/plain"), "rate-limited"),
    ("bybit", Fault(body='{"retCode":10001,"retMsg":"params error: symbol invalid","result":{}}'), "refused"),
    ("okx", Fault(status=429, body='{"code":"50011","msg":"Too Many Requests","data":[]}'), "rate-limited"),
    ("okx", Fault(body='{"code":"50011","msg":"Too Many Requests","data":[]}'), "rate-limited"),
    ("okx", Fault(body='{"code":"51001","msg":"Instrument ID does not exist","data":[]}'), "refused"),
    ("okx", Fault(body='{"code":"50001","msg":"Service temporarily unavailable","data":[]}'), "unavailable"),
    ("okx", Fault(body='{"code":"50004","msg":"Endpoint request timeout","data":[]}'), "timeout"),
    (
        "gate",
        Fault(status=429, body='{"label":"TOO_MANY_REQUESTS","message":"Request Rate limit Exceeded"}'),
        "rate-limited",
    ),
    ("gate", Fault(status=400, body='{"label":"CONTRACT_NOT_FOUND","message":"contract not found"}'), "refused"),
    ("gate", Fault(status=503, body='{"label":"TOO_BUSY","message":"system too busy"}'), "unavailable"),
    ("hyperliquid", Fault(status=422, body="Failed to deserialize the JSON body"), "refused"),
    ("hyperliquid", Fault(body="null"), "unreadable"),
]


@pytest.mark.parametrize(("venue", "fault", "outcome"), VENUE_ERRORS)
def test_error_code_of_venue_has_its_outcome(venues: Venues, venue: str, fault: Fault, outcome: Outcome) -> None:
    """A venue's own error code leads to the outcome that it stands for."""
    assert failure(venues, venues[venue], fault).outcome == outcome


@pytest.mark.parametrize(
    ("header", "wait"),
    [("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("-5", None), ("99999999", 86400.0), ("", None)],
)
def test_retry_after_is_seconds_or_a_date(venues: Venues, header: str, wait: float | None) -> None:
    """A past date means no wait, the longest wait is a day, and anything else is ignored."""
    fault = Fault(status=429, headers={"Retry-After": header})
    assert failure(venues, venues["okx"], fault).retry_after_seconds == wait


def test_concurrent_answers_keep_their_own_wait(venues: Venues) -> None:
    """Of two concurrent calls each gets the wait of its own answer."""
    fake = venues["okx"]
    fake.faults["/api/v5/public/mark-price"] = Fault(status=429, headers={"Retry-After": "11"})
    fake.faults["/api/v5/public/funding-rate"] = Fault(status=429, headers={"Retry-After": "22"})

    async def ask(exchange: CcxtExchange) -> list[float | None]:
        await exchange.load_markets()
        now = datetime.now(UTC)
        calls: tuple[CallName, CallName] = ("mark", "funding")
        fetches = [exchange.fetch(call, LINEAR, now=now) for call in calls]
        errors = await asyncio.gather(*fetches, return_exceptions=True)
        return [error.retry_after_seconds for error in errors if isinstance(error, FetchError)]

    assert venues.use_exchange(fake, ask) == [11.0, 22.0]


def test_list_of_contracts_survives_a_failed_reload(venues: Venues) -> None:
    """If reloading the list of contracts fails, calls about the contracts of the previous list still work."""
    fake = venues["okx"]

    async def ask(exchange: CcxtExchange) -> Observation:
        await exchange.load_markets()
        fake.faults["/api/v5/public/instruments"] = fake_venue.BROKEN
        with pytest.raises(FetchError, match="unavailable"):
            await exchange.load_markets()
        return await exchange.fetch("mark", LINEAR, now=datetime.now(UTC))

    assert venues.use_exchange(fake, ask).market.mark_price == 60000.0


class BadField(NamedTuple):
    """A field of an answer, and the field that is left out when it is corrupted."""

    venue: str
    call: CallName
    answer: str
    path: tuple[str | int, ...]
    absurd: tuple[str, ...]
    field: str
    also: tuple[str, ...] = ()  # left out with it, as missing
    market: str | None = None
    why: Why | None = None  # the reason, whatever the corruption


_TICKER: Final = ("result", "list", 0)
_OKX: Final = ("data", 0)
_PREMIUM: Final = "/fapi/v1/premiumIndex?symbol=BTCUSDT"
_BALANCE: Final = "/fapi/v1/insuranceBalance"
_BYBIT_TICKER: Final = "/v5/market/tickers?symbol=BTCUSDT"
_BYBIT_BOOK: Final = "/v5/market/orderbook?symbol=BTCUSDT"
_LIMITS: Final = "/v5/market/risk-limit?symbol=BTCUSDT"
_POOLS: Final = "/v5/market/insurance"
_ALERT: Final = "/v5/market/adlAlert"
_OKX_MARK: Final = "/api/v5/public/mark-price?instId=BTC-USDT-SWAP"
_OKX_FUNDING: Final = "/api/v5/public/funding-rate?instId=BTC-USDT-SWAP"
_OKX_BOOK: Final = "/api/v5/market/books-full?instId=BTC-USDT-SWAP"
_OKX_FUND: Final = "/api/v5/public/insurance-fund?instFamily=BTC-USDT"
_OKX_INTEREST: Final = "/api/v5/public/open-interest?instId=BTC-USDT-SWAP"
_RISK: Final = "/fapi/v1/symbolAdlRisk"
_GATE: Final = "/api/v4/futures/usdt/contracts/BTC_USDT"
_GATE_LIST: Final = "/api/v4/futures/usdt/contracts"
_GATE_TIERS: Final = "/api/v4/futures/usdt/risk_limit_tiers?contract=BTC_USDT"
_GATE_FUND: Final = "/api/v4/futures/usdt/insurance"
_GATE_BOOK: Final = "/api/v4/futures/usdt/order_book"
_GATE_RISK: Final = "/api/v4/futures/usdt/adl_risk_states"
_MARGIN: Final = (0, "marginTables", 0, 1, "marginTiers", 1)
_WITH_THE_RATE: Final = ("funding_interval_hours", "funding_cap")
BAD_FIELDS: Final = [
    BadField("binance", "mark", _PREMIUM, ("markPrice",), ("0", "-1", "1e16"), "mark_price"),
    BadField("binance", "funding", _PREMIUM, ("lastFundingRate",), ("1.5", "-2"), "funding_rate"),
    BadField(
        "binance",
        "funding",
        "/fapi/v1/fundingInfo",
        (0, "fundingIntervalHours"),
        ("0", "25", "-8"),
        "funding_interval_hours",
        ("funding_rate",),
    ),
    BadField("binance", "funding", "/fapi/v1/fundingInfo", (0, "adjustedFundingRateFloor"), ("-3",), "funding_cap"),
    BadField("binance", "insurance", _BALANCE, ("assets", 1, "marginBalance"), ("1e300",), "insurance_fund"),
    BadField("binance", "rating", _RISK, ("adlRisk",), (), "adl_rating"),
    BadField("binance", "open_interest", "/fapi/v1/openInterest", ("openInterest",), ("-1", "1e300"), "open_interest"),
    BadField("binance", "depth", "/fapi/v1/depth", ("bids",), (), "depth"),
    BadField("binance", "depth", "/fapi/v1/depth", ("asks", 0, 0), ("0", "-60010", "1e400"), "depth"),
    BadField("binance", "depth", "/fapi/v1/depth", ("bids", 1, 1), ("0", "-1"), "depth"),
    BadField(
        "binance",
        "contract",
        "/fapi/v1/exchangeInfo",
        ("symbols", 0, "filters", 1, "stepSize"),
        ("0", "-1"),
        "lot_size",
    ),
    BadField(
        "binance_coinm",
        "contract",
        "/dapi/v1/exchangeInfo",
        ("symbols", 0, "contractSize"),
        ("0", "-100"),
        "contract_size",
    ),
    BadField(
        "binance_coinm",
        "depth",
        "/dapi/v1/exchangeInfo",
        ("symbols", 0, "contractSize"),
        ("0",),
        "depth",
        why="missing",
    ),
    BadField("binance_coinm", "open_interest", "/dapi/v1/openInterest", ("openInterest",), ("-1",), "open_interest"),
    BadField("binance", "clock", "/fapi/v1/time", ("serverTime",), ("1700000000", "-1"), "clock"),
    BadField("bybit", "mark", _BYBIT_TICKER, (*_TICKER, "markPrice"), ("0",), "mark_price"),
    BadField("bybit", "funding", _BYBIT_TICKER, (*_TICKER, "fundingRate"), ("1.1",), "funding_rate"),
    BadField(
        "bybit",
        "funding",
        _BYBIT_TICKER,
        (*_TICKER, "fundingIntervalHour"),
        ("0", "480"),
        "funding_interval_hours",
        ("funding_rate",),
    ),
    BadField("bybit", "funding", _BYBIT_TICKER, (*_TICKER, "fundingCap"), ("50",), "funding_cap"),
    BadField(
        "bybit", "tiers", _LIMITS, ("result", "list", 1, "maintenanceMargin"), ("0", "1", "-0.1"), "maintenance_tiers"
    ),
    BadField("bybit", "tiers", _LIMITS, ("result", "list", 1, "riskLimitValue"), ("0", "100"), "maintenance_tiers"),
    BadField("bybit", "tiers", _LIMITS, ("result", "list", 1, "mmDeduction"), ("-1", "9999"), "maintenance_tiers"),
    BadField("bybit", "tiers", _LIMITS, ("result", "list", 2, "initialMargin"), ("1.25",), "maintenance_tiers"),
    BadField("bybit", "insurance", _POOLS, ("result", "list", 1, "balance"), ("1e300",), "insurance_fund"),
    BadField("bybit", "adl", _ALERT, (*_TICKER, "balance"), ("1e300",), "pool"),
    BadField("bybit", "open_interest", _BYBIT_TICKER, (*_TICKER, "singleOpenInterest"), ("-1",), "open_interest"),
    BadField("bybit", "depth", _BYBIT_BOOK, ("result", "a", 1, 0), ("0",), "depth"),
    BadField(
        "bybit",
        "contract",
        "/v5/market/instruments-info?category=linear",
        (*_TICKER, "lotSizeFilter", "qtyStep"),
        ("0",),
        "lot_size",
    ),
    BadField("okx", "mark", _OKX_MARK, (*_OKX, "markPx"), ("0",), "mark_price"),
    BadField("okx", "tiers", _OKX_MARK, (*_OKX, "markPx"), ("0",), "maintenance_tiers"),
    BadField("okx", "funding", _OKX_FUNDING, (*_OKX, "fundingRate"), ("-1.01",), "funding_rate"),
    BadField(
        "okx",
        "funding",
        _OKX_FUNDING,
        (*_OKX, "nextFundingTime"),
        ("1700726400000", "1700913600001", "1700740800"),
        "funding_interval_hours",
        ("funding_rate",),
    ),
    BadField("okx", "funding", _OKX_FUNDING, (*_OKX, "minFundingRate"), ("-2",), "funding_cap"),
    BadField("okx", "insurance", _OKX_FUND, (*_OKX, "details", 1, "balance"), ("1e300",), "insurance_fund"),
    BadField("okx", "open_interest", _OKX_INTEREST, (*_OKX, "oi"), ("-1",), "open_interest"),
    BadField("okx", "contract", "/api/v5/public/instruments", (*_OKX, "ctVal"), ("0",), "contract_size"),
    BadField("okx", "contract", "/api/v5/public/instruments", (*_OKX, "ctMult"), ("0",), "contract_size"),
    BadField("okx", "contract", "/api/v5/public/instruments", (*_OKX, "lotSz"), ("0",), "lot_size"),
    BadField("okx", "depth", "/api/v5/public/instruments", (*_OKX, "ctVal"), ("0",), "depth", why="missing"),
    BadField("okx", "depth", _OKX_BOOK, (*_OKX, "bids", 0, 1), ("0",), "depth"),
    BadField("gate", "mark", _GATE, ("mark_price",), ("0", "-1"), "mark_price"),
    BadField("gate", "funding", _GATE, ("funding_rate",), ("1.5",), "funding_rate"),
    BadField(
        "gate", "funding", _GATE, ("funding_interval",), ("0", "90000"), "funding_interval_hours", ("funding_rate",)
    ),
    BadField("gate", "funding", _GATE, ("funding_rate_limit",), ("3",), "funding_cap"),
    BadField("gate", "open_interest", _GATE, ("position_size",), ("-1",), "open_interest"),
    BadField("gate", "contract", _GATE_LIST, (0, "quanto_multiplier"), ("0", "-1"), "contract_size"),
    BadField("gate", "tiers", _GATE_TIERS, (1, "maintenance_rate"), ("0", "1", "0.001"), "maintenance_tiers"),
    BadField("gate", "tiers", _GATE_TIERS, (1, "risk_limit"), ("0", "1000000"), "maintenance_tiers"),
    BadField("gate", "tiers", _GATE_TIERS, (1, "deduction"), ("-1",), "maintenance_tiers"),
    BadField("gate", "tiers", _GATE_TIERS, (1, "initial_rate"), ("1",), "maintenance_tiers"),
    BadField("gate", "insurance", _GATE_FUND, (1, "b"), ("1e300",), "insurance_fund"),
    BadField("gate", "rating", _GATE_RISK, ("states", "BTC_USDT", "state"), (), "adl_rating"),
    BadField("gate", "depth", _GATE_BOOK, ("bids",), (), "depth"),
    BadField("gate", "depth", _GATE_BOOK, ("asks", 0, "p"), ("0",), "depth"),
    BadField("gate", "depth", _GATE_BOOK, ("bids", 1, "s"), ("0", "-5"), "depth"),
    BadField("gate", "clock", "/api/v4/spot/time", ("server_time",), ("1700000000",), "clock"),
    BadField("hyperliquid", "open_interest", "metaAndAssetCtxs", (1, 0, "openInterest"), ("-1",), "open_interest"),
    BadField("hyperliquid", "mark", "metaAndAssetCtxs", (1, 0, "markPx"), ("0",), "mark_price"),
    BadField("hyperliquid", "funding", "metaAndAssetCtxs", (1, 0, "funding"), ("4",), "funding_rate"),
    BadField(
        "hyperliquid", "tiers", "metaAndAssetCtxs", (0, "universe", 0, "marginTableId"), ("0",), "maintenance_tiers"
    ),
    BadField(
        "hyperliquid", "tiers", "metaAndAssetCtxs", (0, "universe", 0, "maxLeverage"), ("20",), "maintenance_tiers"
    ),
    BadField("hyperliquid", "tiers", "metaAndAssetCtxs", (*_MARGIN, "lowerBound"), ("-1",), "maintenance_tiers"),
    BadField("hyperliquid", "tiers", "metaAndAssetCtxs", (*_MARGIN, "maxLeverage"), ("0", "80"), "maintenance_tiers"),
    BadField("hyperliquid", "depth", "l2Book?nSigFigs=4", ("levels", 0, 0, "px"), ("0",), "depth"),
]
_KINDS: Final[dict[Why, tuple[object, ...]]] = {
    "missing": (None, ""),
    "mistyped": (True, "n/a", "1_000", {"value": 1}, [60000]),
}


@pytest.mark.parametrize("row", BAD_FIELDS, ids=lambda row: f"{row.venue}-{row.call}-{row.path[-1]}-{row.field}")
def test_corrupted_field_is_left_out_with_its_reason(venues: Venues, row: BadField) -> None:
    """A field that is missing, mistyped or absurd is left out of the observation, with its name and the reason."""
    market = row.market or MARKET[row.venue]

    async def ask(exchange: CcxtExchange) -> None:
        await exchange.load_markets()
        intact = await exchange.fetch(row.call, market, now=datetime.now(UTC))
        assert intact.left_out == ()
        for why, value in _cases(row):
            fake.answers = _corrupt(fake.initial_answers(), row, value)
            await exchange.load_markets()  # the list of contracts may be what is corrupted
            forget_answers(exchange)
            observation = await exchange.fetch(row.call, market, now=datetime.now(UTC))
            assert {field.field: field.why for field in observation.left_out} == {
                row.field: row.why or why,
                **dict.fromkeys(row.also, "missing"),
            }, value
            assert observation == _without(intact, observation.left_out), value

    fake = venues[row.venue]
    venues.use_exchange(fake, ask)


def _cases(row: BadField) -> list[tuple[Why, object]]:
    kinds: dict[Why, tuple[object, ...]] = {**_KINDS, "absurd": row.absurd}
    return [(why, value) for why, values in kinds.items() for value in values]


def _corrupt(answers: dict[str, Any], row: BadField, value: object) -> dict[str, Any]:
    holder = answers[row.answer]
    for key in row.path[:-1]:
        holder = holder[key]
    assert holder[row.path[-1]] is not value, "nothing is corrupted"
    holder[row.path[-1]] = value
    return answers


def _without(intact: Observation, left_out: tuple[LeftOutField, ...]) -> Observation:
    """The intact observation without these fields."""
    fields = {field.field for field in left_out}
    blank = MarketRecord()
    record_fields = {field: getattr(blank, field) for field in fields if field in blank.__struct_fields__}
    processed: dict[str, Any] = {
        name: {} if field == "depth" else None for field in fields for name in _PROCESSED.get(field, ())
    }
    market = msgspec.structs.replace(intact.market, **record_fields)
    return msgspec.structs.replace(intact, market=market, left_out=left_out, **processed)


_PROCESSED: Final = {
    "depth": ("depths", "depth_sizes"),
    "pool": ("pool",),
    "insurance_fund": ("fund",),
    "open_interest": ("open_interest",),
    "clock": ("venue_time",),
}


_IN_SECONDS: Final = {"t", "current"}  # Gate's

# The timestamp of each answer, and the field that is left out once it is too old.
AGED: Final = [
    (BadField("binance", "mark", _PREMIUM, ("time",), (), "mark_price"), 120.0),
    (BadField("binance", "funding", _PREMIUM, ("time",), (), "funding_rate"), 120.0),
    (BadField("binance", "depth", "/fapi/v1/depth", ("T",), (), "depth"), 120.0),
    (BadField("binance", "insurance", _BALANCE, ("assets", 1, "updateTime"), (), "insurance_fund"), 200_000.0),
    (BadField("binance", "rating", _RISK, ("updateTime",), (), "adl_rating"), 6_000.0),
    (BadField("binance", "open_interest", "/fapi/v1/openInterest", ("time",), (), "open_interest"), 700.0),
    (BadField("binance_coinm", "open_interest", "/dapi/v1/openInterest", ("time",), (), "open_interest"), 700.0),
    (BadField("bybit", "open_interest", _BYBIT_TICKER, ("time",), (), "open_interest"), 120.0),
    (BadField("bybit", "mark", _BYBIT_TICKER, ("time",), (), "mark_price"), 120.0),
    (BadField("bybit", "funding", _BYBIT_TICKER, ("time",), (), "funding_rate", _WITH_THE_RATE), 120.0),
    (BadField("bybit", "depth", _BYBIT_BOOK, ("result", "ts"), (), "depth"), 120.0),
    (BadField("bybit", "insurance", _POOLS, ("result", "updatedTime"), (), "insurance_fund"), 200_000.0),
    (BadField("bybit", "adl", _ALERT, ("result", "updatedTime"), (), "pool"), 240.0),
    (BadField("okx", "mark", _OKX_MARK, (*_OKX, "ts"), (), "mark_price"), 120.0),
    (BadField("okx", "tiers", _OKX_MARK, (*_OKX, "ts"), (), "maintenance_tiers"), 120.0),
    (BadField("okx", "funding", _OKX_FUNDING, (*_OKX, "ts"), (), "funding_rate", _WITH_THE_RATE), 120.0),
    (BadField("okx", "open_interest", _OKX_INTEREST, (*_OKX, "ts"), (), "open_interest"), 120.0),
    (BadField("okx", "depth", _OKX_BOOK, (*_OKX, "ts"), (), "depth"), 120.0),
    (BadField("gate", "insurance", _GATE_FUND, (1, "t"), (), "insurance_fund"), 200_000.0),
    (BadField("gate", "rating", _GATE_RISK, ("states", "BTC_USDT", "calculated_at_ms"), (), "adl_rating"), 400.0),
    (BadField("gate", "depth", _GATE_BOOK, ("current",), (), "depth"), 120.0),
    (BadField("hyperliquid", "depth", "l2Book?nSigFigs=4", ("time",), (), "depth"), 120.0),
]


@pytest.mark.parametrize(("row", "age"), AGED, ids=[f"{row.venue}-{row.call}" for row, _ in AGED])
def test_old_answer_is_left_out_as_stale(venues: Venues, row: BadField, age: float) -> None:
    """Values that are minutes old are stale, and values from the future are absurd."""
    fake = venues[row.venue]
    unit = 1.0 if row.path[-1] in _IN_SECONDS else 0.001
    fake.answers = _corrupt(fake.initial_answers(), row, Now(seconds=-age, unit=unit))
    stale = venues.observe(fake, row.call)
    fake.answers = _corrupt(fake.initial_answers(), row, Now(seconds=age, unit=unit))
    ahead = venues.observe(fake, row.call)
    fields = {row.field, *row.also}
    assert {field.field: field.why for field in stale.left_out} == dict.fromkeys(fields, "stale")
    assert {field.field: field.why for field in ahead.left_out} == dict.fromkeys(fields, "absurd")
    known = msgspec.structs.asdict(stale.market) | {
        "depth": stale.depths,
        "pool": stale.pool,
        "open_interest": stale.open_interest,
    }
    assert not any(known[field] for field in fields)


BOOKS: Final[list[tuple[str, list[list[str]], list[list[str]], Why]]] = [
    ("no bids", [], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("no asks", [["59990", "1"], ["59000", "1"]], [], "absurd"),
    ("crossed", [["60020", "1"], ["59000", "1"]], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("locked", [["60010", "1"], ["59000", "1"]], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("bids rise", [["59000", "1"], ["59990", "1"]], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("a price twice", [["59990", "1"], ["59000", "1"]], [["60010", "1"], ["60010", "1"], ["61000", "1"]], "absurd"),
    ("bids end too early", [["59990", "1"], ["59982", "1"]], [["60010", "1"], ["61000", "1"]], "missing"),
    ("asks end too early", [["59990", "1"], ["59000", "1"]], [["60010", "1"], ["60018", "1"]], "missing"),
    ("a level without a size", [["59990"], ["59000", "1"]], [["60010", "1"], ["61000", "1"]], "mistyped"),
]


@pytest.mark.parametrize(("bids", "asks", "why"), [row[1:] for row in BOOKS], ids=[row[0] for row in BOOKS])
def test_invalid_or_short_book_gives_no_depth(venues: Venues, bids: list[Any], asks: list[Any], why: Why) -> None:
    """An empty, crossed or unsorted book is absurd; one that ends before 0.03 % gives only a lower bound."""
    fake = venues["binance"]
    fake.answers["/fapi/v1/depth"] |= {"bids": bids, "asks": asks}
    assert venues.observe(fake, "depth") == Observation(left_out=(LeftOutField(field="depth", why=why),))


def test_level_at_the_border_of_a_band_counts(venues: Venues) -> None:
    """A band includes its border: at a mid of 60000, a bid at 59400 and an ask at 60600 are within 1 %."""
    fake = venues["binance"]
    bids = [["59990", "1"], ["59400", "1"], ["59399", "9"]]
    asks = [["60010", "1"], ["60600", "1"], ["60601", "9"]]
    fake.answers["/fapi/v1/depth"] |= {"bids": bids, "asks": asks}
    assert venues.observe(fake, "depth").depths[100] == 59990.0 + 59400.0


def test_depth_is_measured_within_bands_the_book_reaches(venues: Venues) -> None:
    """Bids that end 0.2 % from mid give the depths of the narrower bands, and none for 0.3 % and 1 %."""
    fake = venues["binance"]
    bids = [["59990", "1"], ["59950", "2"], ["59880", "4"]]
    asks = [["60010", "3"], ["61000", "9"]]
    fake.answers["/fapi/v1/depth"] |= {"bids": bids, "asks": asks}
    assert venues.observe(fake, "depth").depths == {10: 59990.0 + 2 * 59950.0, 3: 59990.0}


OTHER_CONTRACTS: Final = [
    (BadField("binance", "mark", _PREMIUM, ("symbol",), (), "mark_price"), "ETHUSDT"),
    (BadField("binance", "insurance", _BALANCE, ("assets", 1, "asset"), (), "insurance_fund"), "BNFCR"),
    (BadField("binance", "insurance", _BALANCE, ("symbols", 0), (), "insurance_fund"), "BTCUSDC"),
    (BadField("bybit", "mark", _BYBIT_TICKER, (*_TICKER, "symbol"), (), "mark_price"), "BTCPERP"),
    (BadField("bybit", "insurance", _POOLS, ("result", "list", 1, "symbols"), (), "insurance_fund"), "XBTCUSDT"),
    (BadField("bybit", "insurance", _POOLS, ("result", "list", 1, "coin"), (), "insurance_fund"), "USDC"),
    (BadField("bybit", "adl", _ALERT, (*_TICKER, "symbol"), (), "pool"), "ETHUSDT"),
    (BadField("okx", "mark", _OKX_MARK, (*_OKX, "instId"), (), "mark_price"), "BTC-USDC-SWAP"),
    (BadField("okx", "insurance", _OKX_FUND, (*_OKX, "instFamily"), (), "insurance_fund"), "BTC-USD"),
    (BadField("binance", "rating", _RISK, ("symbol",), (), "adl_rating"), "ETHUSDT"),
    (BadField("binance", "open_interest", "/fapi/v1/openInterest", ("symbol",), (), "open_interest"), "ETHUSDT"),
    (BadField("okx", "open_interest", _OKX_INTEREST, (*_OKX, "instId"), (), "open_interest"), "BTC-USDC-SWAP"),
    (BadField("gate", "mark", _GATE, ("name",), (), "mark_price"), "ETH_USDT"),
    (BadField("gate", "rating", _GATE_RISK, ("settle",), (), "adl_rating"), "btc"),
    (BadField("gate", "open_interest", _GATE, ("name",), (), "open_interest"), "ETH_USDT"),
    (BadField("hyperliquid", "mark", "metaAndAssetCtxs", (0, "universe", 0, "name"), (), "mark_price"), "ETH"),
]


@pytest.mark.parametrize(("row", "other"), OTHER_CONTRACTS)
def test_answer_about_another_contract_is_missing(venues: Venues, row: BadField, other: str) -> None:
    """An answer about another contract, coin or pool is not used for the requested one."""

    async def ask(exchange: CcxtExchange) -> Observation:
        await exchange.load_markets()
        fake.answers = _corrupt(fake.initial_answers(), row, other)
        return await exchange.fetch(row.call, MARKET[row.venue], now=datetime.now(UTC))

    fake = venues[row.venue]
    assert venues.use_exchange(fake, ask) == Observation(left_out=(LeftOutField(field=row.field, why="missing"),))
