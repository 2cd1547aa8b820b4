"""What goes wrong at a venue: each fault has its outcome, each spoilt field its reason, and none is a number."""

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
from support.collect.fake_venues import FAKES, LINEAR, MARKET, Venues, forget, waits

FAULTS: Final[dict[str, tuple[Fault, Outcome, float | None]]] = {
    "too often": (fake_venue.TOO_OFTEN, "rate-limited", 7.0),
    "banned": (fake_venue.BANNED, "rate-limited", 120.0),
    "broken": (fake_venue.BROKEN, "unavailable", None),
    "overloaded": (fake_venue.OVERLOADED, "unavailable", 3.0),
    "bad gateway": (fake_venue.GATEWAY, "unavailable", None),
    "maintenance": (fake_venue.MAINTENANCE, "unavailable", None),
    "cut off": (fake_venue.CUT, "unavailable", None),
    "silent": (fake_venue.STALL, "timeout", None),
    "forbidden": (fake_venue.FORBIDDEN, "refused", None),
    "broken JSON": (fake_venue.GARBAGE, "unreadable", None),
    "no JSON": (fake_venue.NOT_JSON, "unreadable", None),
    "nothing": (fake_venue.EMPTY, "unreadable", None),
    "another shape": (Fault(body='{"prices": [1, 2, 3]}'), "unreadable", None),
    "a bare number": (Fault(body="[60000.0]"), "unreadable", None),
}


def refusal(venues: Venues, fake: FakeVenue, fault: Fault) -> FetchError:
    """How a call fails with that fault at every path, once the venue is open."""

    async def ask(exchange: CcxtExchange) -> FetchError:
        await exchange.load_markets()
        fake.faults["*"] = fault
        if fault.stall:
            waits(exchange, seconds=0.3)
        with pytest.raises(FetchError) as caught:
            await exchange.fetch("mark", MARKET[fake.venue], now=datetime.now(UTC))
        return caught.value

    return venues.talk(fake, ask)


@pytest.mark.parametrize("venue", FAKES)
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_outcome(venues: Venues, venue: str, name: str) -> None:
    """Whatever a venue does in place of answering is one of the outcomes, with the wait that it asked for."""
    fault, outcome, wait = FAULTS[name]
    error = refusal(venues, venues[venue], fault)
    assert (error.outcome, error.retry_after_seconds) == (outcome, wait)


@pytest.mark.parametrize("venue", FAKES)
def test_a_venue_that_cannot_be_reached_is_unavailable(venue: str) -> None:
    """Nothing listens where the venue should be."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        async def ask() -> FetchError:
            exchange = open_exchange(venue, urls={venue: url})
            try:
                with pytest.raises(FetchError) as caught:
                    await exchange.fetch("mark", MARKET[venue], now=datetime.now(UTC))
            finally:
                await exchange.close()
            return caught.value

        assert asyncio.run(ask()).outcome == "unavailable"


# Each venue's own words, by its documentation of error codes.
IN_WORDS: Final[list[tuple[str, Fault, Outcome]]] = [
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
    ("hyperliquid", Fault(status=422, body="Failed to deserialize the JSON body"), "refused"),
    ("hyperliquid", Fault(body="null"), "unreadable"),
]


@pytest.mark.parametrize(("venue", "fault", "outcome"), IN_WORDS)
def test_what_a_venue_says_of_a_failure_is_understood(
    venues: Venues, venue: str, fault: Fault, outcome: Outcome
) -> None:
    """A venue's own code for a failure leads to the outcome that it stands for."""
    assert refusal(venues, venues[venue], fault).outcome == outcome


@pytest.mark.parametrize(
    ("said", "wait"),
    [("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("-5", None), ("99999999", 86400.0), ("", None)],
)
def test_retry_after_is_seconds_or_a_date(venues: Venues, said: str, wait: float | None) -> None:
    """A date that has passed is no wait, at most a day is waited, and what is neither is not taken for a number."""
    fault = Fault(status=429, headers={"Retry-After": said})
    assert refusal(venues, venues["okx"], fault).retry_after_seconds == wait


def test_the_wait_of_one_answer_is_not_another_s(venues: Venues) -> None:
    """Of two questions at the same time each gets the wait of its own answer."""
    fake = venues["okx"]
    fake.faults["/api/v5/public/mark-price"] = Fault(status=429, headers={"Retry-After": "11"})
    fake.faults["/api/v5/public/funding-rate"] = Fault(status=429, headers={"Retry-After": "22"})

    async def ask(exchange: CcxtExchange) -> list[float | None]:
        await exchange.load_markets()
        now = datetime.now(UTC)
        calls: tuple[CallName, CallName] = ("mark", "funding")
        asked = [exchange.fetch(call, LINEAR, now=now) for call in calls]
        errors = await asyncio.gather(*asked, return_exceptions=True)
        return [error.retry_after_seconds for error in errors if isinstance(error, FetchError)]

    assert venues.talk(fake, ask) == [11.0, 22.0]


def test_what_was_listed_stays_while_the_venue_is_away(venues: Venues) -> None:
    """A venue that does not answer when its list is read again is still asked about the contracts it had."""
    fake = venues["okx"]

    async def ask(exchange: CcxtExchange) -> Observation:
        await exchange.load_markets()
        fake.faults["/api/v5/public/instruments"] = fake_venue.BROKEN
        with pytest.raises(FetchError, match="unavailable"):
            await exchange.load_markets()
        return await exchange.fetch("mark", LINEAR, now=datetime.now(UTC))

    assert venues.talk(fake, ask).market.mark_price == 60000.0


class Spoilt(NamedTuple):
    """A field of an answer, and what is left out once it cannot be used."""

    venue: str
    call: CallName
    answer: str
    path: tuple[str | int, ...]
    absurd: tuple[str, ...]
    field: str
    also: tuple[str, ...] = ()  # what is left out with it, as missing
    market: str | None = None
    why: Why | None = None  # whatever is wrong


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
_MARGIN: Final = (0, "marginTables", 0, 1, "marginTiers", 1)
_WITH_THE_RATE: Final = ("funding_interval_hours", "funding_cap")
SPOILT: Final = [
    Spoilt("binance", "mark", _PREMIUM, ("markPrice",), ("0", "-1", "1e16"), "mark_price"),
    Spoilt("binance", "funding", _PREMIUM, ("lastFundingRate",), ("1.5", "-2"), "funding_rate"),
    Spoilt(
        "binance",
        "funding",
        "/fapi/v1/fundingInfo",
        (0, "fundingIntervalHours"),
        ("0", "25", "-8"),
        "funding_interval_hours",
        ("funding_rate",),
    ),
    Spoilt("binance", "funding", "/fapi/v1/fundingInfo", (0, "adjustedFundingRateFloor"), ("-3",), "funding_cap"),
    Spoilt("binance", "insurance", _BALANCE, ("assets", 1, "marginBalance"), ("1e300",), "insurance_fund"),
    Spoilt("binance", "depth", "/fapi/v1/depth", ("bids",), (), "depth"),
    Spoilt("binance", "depth", "/fapi/v1/depth", ("asks", 0, 0), ("0", "-60010", "1e400"), "depth"),
    Spoilt("binance", "depth", "/fapi/v1/depth", ("bids", 1, 1), ("0", "-1"), "depth"),
    Spoilt(
        "binance",
        "contract",
        "/fapi/v1/exchangeInfo",
        ("symbols", 0, "filters", 1, "stepSize"),
        ("0", "-1"),
        "lot_size",
    ),
    Spoilt(
        "binance_coinm",
        "contract",
        "/dapi/v1/exchangeInfo",
        ("symbols", 0, "contractSize"),
        ("0", "-100"),
        "contract_size",
    ),
    Spoilt(
        "binance_coinm",
        "depth",
        "/dapi/v1/exchangeInfo",
        ("symbols", 0, "contractSize"),
        ("0",),
        "depth",
        why="missing",
    ),
    Spoilt("binance", "clock", "/fapi/v1/time", ("serverTime",), ("1700000000", "-1"), "clock"),
    Spoilt("bybit", "mark", _BYBIT_TICKER, (*_TICKER, "markPrice"), ("0",), "mark_price"),
    Spoilt("bybit", "funding", _BYBIT_TICKER, (*_TICKER, "fundingRate"), ("1.1",), "funding_rate"),
    Spoilt(
        "bybit",
        "funding",
        _BYBIT_TICKER,
        (*_TICKER, "fundingIntervalHour"),
        ("0", "480"),
        "funding_interval_hours",
        ("funding_rate",),
    ),
    Spoilt("bybit", "funding", _BYBIT_TICKER, (*_TICKER, "fundingCap"), ("50",), "funding_cap"),
    Spoilt(
        "bybit", "tiers", _LIMITS, ("result", "list", 1, "maintenanceMargin"), ("0", "1", "-0.1"), "maintenance_tiers"
    ),
    Spoilt("bybit", "tiers", _LIMITS, ("result", "list", 1, "riskLimitValue"), ("0", "100"), "maintenance_tiers"),
    Spoilt("bybit", "tiers", _LIMITS, ("result", "list", 1, "mmDeduction"), ("-1", "9999"), "maintenance_tiers"),
    Spoilt("bybit", "tiers", _LIMITS, ("result", "list", 2, "initialMargin"), ("1.25",), "maintenance_tiers"),
    Spoilt("bybit", "insurance", _POOLS, ("result", "list", 1, "balance"), ("1e300",), "insurance_fund"),
    Spoilt("bybit", "adl", _ALERT, (*_TICKER, "balance"), ("1e300",), "pool"),
    Spoilt("bybit", "depth", _BYBIT_BOOK, ("result", "a", 1, 0), ("0",), "depth"),
    Spoilt(
        "bybit",
        "contract",
        "/v5/market/instruments-info?category=linear",
        (*_TICKER, "lotSizeFilter", "qtyStep"),
        ("0",),
        "lot_size",
    ),
    Spoilt("okx", "mark", _OKX_MARK, (*_OKX, "markPx"), ("0",), "mark_price"),
    Spoilt("okx", "tiers", _OKX_MARK, (*_OKX, "markPx"), ("0",), "maintenance_tiers"),
    Spoilt("okx", "funding", _OKX_FUNDING, (*_OKX, "fundingRate"), ("-1.01",), "funding_rate"),
    Spoilt(
        "okx",
        "funding",
        _OKX_FUNDING,
        (*_OKX, "nextFundingTime"),
        ("1700726400000", "1700913600001", "1700740800"),
        "funding_interval_hours",
        ("funding_rate",),
    ),
    Spoilt("okx", "funding", _OKX_FUNDING, (*_OKX, "minFundingRate"), ("-2",), "funding_cap"),
    Spoilt("okx", "insurance", _OKX_FUND, (*_OKX, "details", 1, "balance"), ("1e300",), "insurance_fund"),
    Spoilt("okx", "contract", "/api/v5/public/instruments", (*_OKX, "ctVal"), ("0",), "contract_size"),
    Spoilt("okx", "contract", "/api/v5/public/instruments", (*_OKX, "ctMult"), ("0",), "contract_size"),
    Spoilt("okx", "contract", "/api/v5/public/instruments", (*_OKX, "lotSz"), ("0",), "lot_size"),
    Spoilt("okx", "depth", "/api/v5/public/instruments", (*_OKX, "ctVal"), ("0",), "depth", why="missing"),
    Spoilt("okx", "depth", _OKX_BOOK, (*_OKX, "bids", 0, 1), ("0",), "depth"),
    Spoilt("hyperliquid", "mark", "metaAndAssetCtxs", (1, 0, "markPx"), ("0",), "mark_price"),
    Spoilt("hyperliquid", "funding", "metaAndAssetCtxs", (1, 0, "funding"), ("4",), "funding_rate"),
    Spoilt(
        "hyperliquid", "tiers", "metaAndAssetCtxs", (0, "universe", 0, "marginTableId"), ("0",), "maintenance_tiers"
    ),
    Spoilt("hyperliquid", "tiers", "metaAndAssetCtxs", (0, "universe", 0, "maxLeverage"), ("20",), "maintenance_tiers"),
    Spoilt("hyperliquid", "tiers", "metaAndAssetCtxs", (*_MARGIN, "lowerBound"), ("-1",), "maintenance_tiers"),
    Spoilt("hyperliquid", "tiers", "metaAndAssetCtxs", (*_MARGIN, "maxLeverage"), ("0", "80"), "maintenance_tiers"),
    Spoilt("hyperliquid", "depth", "l2Book?nSigFigs=4", ("levels", 0, 0, "px"), ("0",), "depth"),
]
_KINDS: Final[dict[Why, tuple[object, ...]]] = {
    "missing": (None, ""),
    "mistyped": (True, "n/a", "1_000", {"value": 1}, [60000]),
}


@pytest.mark.parametrize("row", SPOILT, ids=lambda row: f"{row.venue}-{row.call}-{row.path[-1]}-{row.field}")
def test_what_cannot_be_used_is_left_out_with_its_reason(venues: Venues, row: Spoilt) -> None:
    """A field that is missing, of another type or absurd is in no finding, and its name and the reason are."""
    market = row.market or MARKET[row.venue]

    async def ask(exchange: CcxtExchange) -> None:
        await exchange.load_markets()
        sound = await exchange.fetch(row.call, market, now=datetime.now(UTC))
        assert sound.left_out == ()
        for why, value in _cases(row):
            fake.answers = _spoilt(fake.says(), row, value)
            await exchange.load_markets()  # the list of contracts may be what is spoilt
            forget(exchange)
            told = await exchange.fetch(row.call, market, now=datetime.now(UTC))
            assert {left.field: left.why for left in told.left_out} == {
                row.field: row.why or why,
                **dict.fromkeys(row.also, "missing"),
            }, value
            assert told == _without(sound, told.left_out), value

    fake = venues[row.venue]
    venues.talk(fake, ask)


def _cases(row: Spoilt) -> list[tuple[Why, object]]:
    kinds: dict[Why, tuple[object, ...]] = {**_KINDS, "absurd": row.absurd}
    return [(why, value) for why, values in kinds.items() for value in values]


def _spoilt(answers: dict[str, Any], row: Spoilt, value: object) -> dict[str, Any]:
    holder = answers[row.answer]
    for key in row.path[:-1]:
        holder = holder[key]
    assert holder[row.path[-1]] is not value, "nothing is spoilt"
    holder[row.path[-1]] = value
    return answers


def _without(sound: Observation, left_out: tuple[LeftOutField, ...]) -> Observation:
    """The sound finding, as it is when these fields are left out of it."""
    fields = {left.field for left in left_out}
    blank = MarketRecord()
    on_record = {field: getattr(blank, field) for field in fields if hasattr(blank, field)}
    worked_on: dict[str, Any] = {
        _WORKED_ON[field]: {} if field == "depth" else None for field in fields if field in _WORKED_ON
    }
    market = msgspec.structs.replace(sound.market, **on_record)
    return msgspec.structs.replace(sound, market=market, left_out=left_out, **worked_on)


_WORKED_ON: Final = {"depth": "depths", "pool": "pool", "clock": "venue_time"}


# Where each answer says of when it is, and what is left out once that is too long ago; the field itself is not.
AGED: Final = [
    (Spoilt("binance", "mark", _PREMIUM, ("time",), (), "mark_price"), 120.0),
    (Spoilt("binance", "funding", _PREMIUM, ("time",), (), "funding_rate"), 120.0),
    (Spoilt("binance", "depth", "/fapi/v1/depth", ("T",), (), "depth"), 120.0),
    (Spoilt("binance", "insurance", _BALANCE, ("assets", 1, "updateTime"), (), "insurance_fund"), 200_000.0),
    (Spoilt("bybit", "mark", _BYBIT_TICKER, ("time",), (), "mark_price"), 120.0),
    (Spoilt("bybit", "funding", _BYBIT_TICKER, ("time",), (), "funding_rate", _WITH_THE_RATE), 120.0),
    (Spoilt("bybit", "depth", _BYBIT_BOOK, ("result", "ts"), (), "depth"), 120.0),
    (Spoilt("bybit", "insurance", _POOLS, ("result", "updatedTime"), (), "insurance_fund"), 200_000.0),
    (Spoilt("bybit", "adl", _ALERT, ("result", "updatedTime"), (), "pool"), 240.0),
    (Spoilt("okx", "mark", _OKX_MARK, (*_OKX, "ts"), (), "mark_price"), 120.0),
    (Spoilt("okx", "tiers", _OKX_MARK, (*_OKX, "ts"), (), "maintenance_tiers"), 120.0),
    (Spoilt("okx", "funding", _OKX_FUNDING, (*_OKX, "ts"), (), "funding_rate", _WITH_THE_RATE), 120.0),
    (Spoilt("okx", "depth", _OKX_BOOK, (*_OKX, "ts"), (), "depth"), 120.0),
    (Spoilt("hyperliquid", "depth", "l2Book?nSigFigs=4", ("time",), (), "depth"), 120.0),
]


@pytest.mark.parametrize(("row", "age"), AGED, ids=[f"{row.venue}-{row.call}" for row, _ in AGED])
def test_what_is_old_is_left_out_as_stale(venues: Venues, row: Spoilt, age: float) -> None:
    """Numbers of minutes ago are not numbers of now, and numbers of a time to come are absurd."""
    fake = venues[row.venue]
    fake.answers = _spoilt(fake.says(), row, Now(seconds=-age))
    stale = venues.found(fake, row.call)
    fake.answers = _spoilt(fake.says(), row, Now(seconds=age))
    ahead = venues.found(fake, row.call)
    fields = {row.field, *row.also}
    assert {left.field: left.why for left in stale.left_out} == dict.fromkeys(fields, "stale")
    assert {left.field: left.why for left in ahead.left_out} == dict.fromkeys(fields, "absurd")
    known = msgspec.structs.asdict(stale.market) | {"depth": stale.depths, "pool": stale.pool}
    assert not any(known[field] for field in fields)


BOOKS: Final[list[tuple[str, list[list[str]], list[list[str]], Why]]] = [
    ("nobody buys", [], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("nobody sells", [["59990", "1"], ["59000", "1"]], [], "absurd"),
    ("crossed", [["60020", "1"], ["59000", "1"]], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("locked", [["60010", "1"], ["59000", "1"]], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("bids rise", [["59000", "1"], ["59990", "1"]], [["60010", "1"], ["61000", "1"]], "absurd"),
    ("a price twice", [["59990", "1"], ["59000", "1"]], [["60010", "1"], ["60010", "1"], ["61000", "1"]], "absurd"),
    ("bids end too early", [["59990", "1"], ["59982", "1"]], [["60010", "1"], ["61000", "1"]], "missing"),
    ("asks end too early", [["59990", "1"], ["59000", "1"]], [["60010", "1"], ["60018", "1"]], "missing"),
    ("a level without a size", [["59990"], ["59000", "1"]], [["60010", "1"], ["61000", "1"]], "mistyped"),
]


@pytest.mark.parametrize(("bids", "asks", "why"), [row[1:] for row in BOOKS], ids=[row[0] for row in BOOKS])
def test_a_book_that_says_too_little_gives_no_depth(venues: Venues, bids: list[Any], asks: list[Any], why: Why) -> None:
    """An empty, crossed or unsorted book is absurd; one that ends before 0.03 % tells only the least there is."""
    fake = venues["binance"]
    fake.answers["/fapi/v1/depth"] |= {"bids": bids, "asks": asks}
    assert venues.found(fake, "depth") == Observation(left_out=(LeftOutField(field="depth", why=why),))


def test_a_level_at_one_percent_counts(venues: Venues) -> None:
    """The band includes its border: mid 60000, a bid at 59400 and an ask at 60600."""
    fake = venues["binance"]
    bids = [["59990", "1"], ["59400", "1"], ["59399", "9"]]
    asks = [["60010", "1"], ["60600", "1"], ["60601", "9"]]
    fake.answers["/fapi/v1/depth"] |= {"bids": bids, "asks": asks}
    assert venues.found(fake, "depth").depths[100] == 59990.0 + 59400.0


def test_a_book_is_told_as_far_as_it_reaches(venues: Venues) -> None:
    """Bids that end 0.2 % from mid tell the bands before, and of 0.3 % and 1 % only the least there is: nothing."""
    fake = venues["binance"]
    bids = [["59990", "1"], ["59950", "2"], ["59880", "4"]]
    asks = [["60010", "3"], ["61000", "9"]]
    fake.answers["/fapi/v1/depth"] |= {"bids": bids, "asks": asks}
    assert venues.found(fake, "depth").depths == {10: 59990.0 + 2 * 59950.0, 3: 59990.0}


ELSEWHERE: Final = [
    (Spoilt("binance", "mark", _PREMIUM, ("symbol",), (), "mark_price"), "ETHUSDT"),
    (Spoilt("binance", "insurance", _BALANCE, ("assets", 1, "asset"), (), "insurance_fund"), "BNFCR"),
    (Spoilt("binance", "insurance", _BALANCE, ("symbols", 0), (), "insurance_fund"), "BTCUSDC"),
    (Spoilt("bybit", "mark", _BYBIT_TICKER, (*_TICKER, "symbol"), (), "mark_price"), "BTCPERP"),
    (Spoilt("bybit", "insurance", _POOLS, ("result", "list", 1, "symbols"), (), "insurance_fund"), "XBTCUSDT"),
    (Spoilt("bybit", "insurance", _POOLS, ("result", "list", 1, "coin"), (), "insurance_fund"), "USDC"),
    (Spoilt("bybit", "adl", _ALERT, (*_TICKER, "symbol"), (), "pool"), "ETHUSDT"),
    (Spoilt("okx", "mark", _OKX_MARK, (*_OKX, "instId"), (), "mark_price"), "BTC-USDC-SWAP"),
    (Spoilt("okx", "insurance", _OKX_FUND, (*_OKX, "instFamily"), (), "insurance_fund"), "BTC-USD"),
    (Spoilt("hyperliquid", "mark", "metaAndAssetCtxs", (0, "universe", 0, "name"), (), "mark_price"), "ETH"),
]


@pytest.mark.parametrize(("row", "other"), ELSEWHERE)
def test_an_answer_about_another_contract_says_nothing(venues: Venues, row: Spoilt, other: str) -> None:
    """What a venue says of another contract, coin or pool is not taken for the one that was asked about."""

    async def ask(exchange: CcxtExchange) -> Observation:
        await exchange.load_markets()
        fake.answers = _spoilt(fake.says(), row, other)
        return await exchange.fetch(row.call, MARKET[row.venue], now=datetime.now(UTC))

    fake = venues[row.venue]
    assert venues.talk(fake, ask) == Observation(left_out=(LeftOutField(field=row.field, why="missing"),))
