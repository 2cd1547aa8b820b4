"""Every call of every venue: the observation that the real ccxt and our parsing make of made-up answers.

Expected numbers are calculated by hand from the fakes' data. Mid is 60000 in all order books, so that 1 % of it is
from 59400 to 60600.
"""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from unittest.mock import ANY

import pytest

from adlrisk.collect.adapters import SOURCES
from adlrisk.collect.adapters.exchange import COLLECTABLE, open_exchange, parse_urls
from adlrisk.collect.adapters.observation import (
    CallName,
    FetchError,
    FundReading,
    InsurancePool,
    LeftOutField,
    Observation,
    UnknownMarketError,
    Why,
)
from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from support.collect.fake_venue import FakeVenue, Now
from support.collect.fake_venues import INVERSE, LINEAR, USDC, Venues, new_exchange, use_exchange


def tier(up_to: float | None, rate: float, amount: float = 0.0) -> MaintenanceTier:
    return MaintenanceTier(up_to_notional=up_to, rate=rate, amount=amount)


def record(**fields: Any) -> Observation:
    return Observation(market=MarketRecord(**fields))


def depths_within(percent: float, nearer: float, *, contracts: tuple[float, float]) -> Observation:
    """Depths in quote currency and in contracts: one within 1 %, and another within each narrower band."""
    within, near = contracts
    return Observation(
        depths={100: percent, 30: nearer, 10: nearer, 3: nearer},
        depth_sizes={100: within, 30: near, 10: near, 3: near},
    )


def interest(contracts: float) -> Observation:
    """Open interest in contracts of one side."""
    return Observation(market=MarketRecord(open_interest=contracts), open_interest=contracts)


# Bids within 1 %: 59990·2 + 59700·1 = 179680; asks: 60010·1.5 + 60300·2 = 210615. OKX has the same in contracts of
# 0.01, Gate in contracts of 0.0001. Inverse: 300 + 50 contracts of 100 on the one side, 200 + 100 on the other (OKX:
# 200 + 100 and 150 + 200; Gate: contracts of 1, 60000·(2 + 1) and 60000·(1.5 + 2)). The first level of each side alone
# is within all narrower bands: 60010·1.5, 200 contracts of 100 (OKX: 150).
EXPECTED: list[tuple[str, str, dict[CallName, Observation]]] = [
    (
        "binance",
        LINEAR,
        {
            "contract": record(contract="linear", contract_size=1.0, lot_size=0.001),
            "funding": record(funding_rate=-0.00042, funding_interval_hours=4.0, funding_cap=0.03),
            "mark": record(mark_price=60000.5),
            "depth": depths_within(179680.0, 90015.0, contracts=(3.0, 1.5)),
            "insurance": Observation(
                market=MarketRecord(insurance_fund=793930579.315848), fund=FundReading(at=ANY, contracts=2)
            ),
            "rating": record(adl_rating="medium"),
            "open_interest": interest(10659.509),
        },
    ),
    (
        "binance",
        "ETH/USDT:USDT",  # not in fundingInfo: the card has the interval
        {
            "contract": record(contract="linear", contract_size=1.0, lot_size=0.01),
            "funding": record(funding_rate=0.0001),
            "mark": record(mark_price=3000.25),
        },
    ),
    (
        "binance_coinm",
        INVERSE,
        {
            "contract": record(contract="inverse", contract_size=100.0, lot_size=1.0),
            "funding": record(funding_rate=0.0001),
            "mark": record(mark_price=60000.5),
            "depth": depths_within(30000.0, 20000.0, contracts=(300.0, 200.0)),
            "open_interest": interest(15004.0),
        },
    ),
    (
        "binance_coinm",
        "ETH/USD:ETH",
        {
            "contract": record(contract="inverse", contract_size=10.0, lot_size=1.0),
            "funding": record(funding_rate=0.0001, funding_interval_hours=4.0, funding_cap=0.025),
            "mark": record(mark_price=3000.25),
        },
    ),
    (
        "bybit",
        LINEAR,
        {
            "contract": record(contract="linear", contract_size=1.0, lot_size=0.001),
            "tiers": record(
                maintenance_tiers=(
                    tier(2_000_000.0, 0.005),
                    tier(2_600_000.0, 0.0056, 1200.0),
                    tier(3_200_000.0, 0.0062, 2760.0),
                )
            ),
            "funding": record(funding_rate=-0.001034, funding_interval_hours=4.0, funding_cap=0.005),
            "mark": record(mark_price=60000.5),
            "depth": depths_within(179680.0, 90015.0, contracts=(3.0, 1.5)),
            "insurance": record(insurance_fund=902178.57602476),
            "open_interest": interest(186_752_054.0),  # of a single side
            "adl": Observation(
                pool=InsurancePool(
                    balance=92203504694.99632,
                    pnl_ratio=-0.260973,
                    trigger_balance=10000.0,
                    starts_at=-0.3,
                    stops_above=-0.25,
                )
            ),
        },
    ),
    (
        "bybit",
        INVERSE,
        {
            # The smallest order is 10; the contract is of 1 USD all the same.
            "contract": record(contract="inverse", contract_size=1.0, lot_size=1.0),
            "tiers": record(maintenance_tiers=(tier(150.0, 0.005), tier(300.0, 0.01, 0.75))),
            "depth": depths_within(30000.0, 20000.0, contracts=(30_000.0, 20_000.0)),
            # The pool is the contract's own, whose balance holds at the answer's time.
            "insurance": Observation(
                market=MarketRecord(insurance_fund=61.73143554), fund=FundReading(at=ANY, contracts=1)
            ),
            "open_interest": interest(186_752_054.0),
        },
    ),
    (
        "okx",
        LINEAR,
        {
            "contract": record(contract="linear", contract_size=0.01, lot_size=0.1),
            # 500 and 1500 contracts of 0.01 BTC at 60000.
            "tiers": record(maintenance_tiers=(tier(300_000.0, 0.004), tier(900_000.0, 0.005))),
            "funding": record(funding_rate=0.0001875391284828, funding_interval_hours=4.0, funding_cap=0.0075),
            "mark": record(mark_price=60000.0),
            "depth": depths_within(179680.0, 90015.0, contracts=(300.0, 150.0)),
            "insurance": record(insurance_fund=25000000.5),
            "open_interest": interest(2125419.0),
        },
    ),
    (
        "okx",
        INVERSE,
        {
            "contract": record(contract="inverse", contract_size=100.0, lot_size=1.0),
            # 500 and 1500 contracts of 100 USD at 60000, in BTC.
            "tiers": record(maintenance_tiers=(tier(500 * (100 / 60000), 0.004), tier(2.5, 0.005))),
            "depth": depths_within(30000.0, 15000.0, contracts=(300.0, 150.0)),
            "insurance": record(insurance_fund=800.25),
        },
    ),
    (
        "gate",
        LINEAR,
        {
            "contract": record(contract="linear", contract_size=0.0001, lot_size=1.0),
            "tiers": record(maintenance_tiers=(tier(1_000_000.0, 0.004), tier(2_000_000.0, 0.005, 1000.0))),
            "funding": record(funding_rate=-0.00042, funding_interval_hours=8.0, funding_cap=0.003),
            "mark": record(mark_price=60000.5),
            "depth": depths_within(179680.0, 90015.0, contracts=(30_000.0, 15_000.0)),
            "insurance": record(insurance_fund=83055820.5),
            "rating": record(adl_rating="low"),
            "open_interest": interest(373504107.0),
        },
    ),
    (
        "gate",
        INVERSE,
        {
            "contract": record(contract="inverse", contract_size=1.0, lot_size=1.0),
            "tiers": record(maintenance_tiers=(tier(100.0, 0.005),)),
            # Contracts of 1 USD: 60000·(2 + 1) bid, 60000·1.5 the first ask.
            "depth": depths_within(180_000.0, 90_000.0, contracts=(180_000.0, 90_000.0)),
            "insurance": record(insurance_fund=523.25),
            "rating": record(adl_rating="high"),
        },
    ),
    (
        "hyperliquid",
        USDC,
        {
            "contract": record(contract="linear", contract_size=1.0, lot_size=0.00001),
            # 1/(2·40) and 1/(2·20); 150 million times the difference.
            "tiers": record(maintenance_tiers=(tier(150_000_000.0, 0.0125), tier(None, 0.025, 1_875_000.0))),
            "funding": record(funding_rate=0.0000125),
            "mark": record(mark_price=60000.5),
            # In steps of 10, 1.7 basis points: 59990·2 + 59900·1 within 30, 60010·1.5 within 10; 3 are too few steps.
            "depth": Observation(depths={30: 179880.0, 10: 90015.0}, depth_sizes={30: 3.0, 10: 1.5}),
            # Of one side or of both: the venue does not say.
            "open_interest": Observation(open_interest=688.11),
        },
    ),
    (
        "hyperliquid",
        "KPEPE/USDC:USDC",  # whose id is kPEPE; margin table 10 is one tier of 10x
        {
            "contract": record(contract="linear", contract_size=1.0, lot_size=1.0),
            "tiers": record(maintenance_tiers=(tier(None, 0.05),)),
            "funding": record(funding_rate=-0.0000401),
            "mark": record(mark_price=0.012345),
        },
    ),
]


@pytest.fixture
def fake(request: pytest.FixtureRequest, venues: Venues) -> FakeVenue:
    return venues[request.param]


@pytest.mark.parametrize(
    ("fake", "market", "expected"), EXPECTED, indirect=["fake"], ids=[f"{row[0]}-{row[1]}" for row in EXPECTED]
)
def test_call_returns_what_the_venue_answers(
    venues: Venues, fake: FakeVenue, market: str, expected: dict[CallName, Observation]
) -> None:
    """Every call returns exactly what the venue answered, in the units of a record, and leaves nothing out."""
    assert venues.observe_all(fake, expected, market) == expected


def test_every_call_of_every_venue_is_in_the_table() -> None:
    """Every call of every venue has an expected answer in the table above; the clock has a test of its own."""
    asked = {
        venue: {call for name, _, expected in EXPECTED if name == venue for call in expected} | {"clock"}
        for venue in COLLECTABLE
    }
    assert asked == {venue: open_exchange(venue).calls for venue in COLLECTABLE}


def test_filled_fields_are_those_observed() -> None:
    """A venue declares exactly the fields that its answers above fill, directly or after processing."""
    blank = MarketRecord()
    processed = {
        "depths": {"thin_liquidity"},
        "depth_sizes": {"size_for_one_percent"},
        "pool": {"adl_trigger"},
        "fund": {"fund_peak"},
        "open_interest": {"open_interest_high", "entries", "entries_seen"},
    }
    for venue, source in SOURCES.items():
        observations = [
            observation for name, _, expected in EXPECTED if name == venue for observation in expected.values()
        ]
        filled = {
            field
            for observation in observations
            for field in blank.__struct_fields__
            if getattr(observation.market, field) != getattr(blank, field)
        }
        for name, fields in processed.items():
            filled |= fields if any(getattr(observation, name) for observation in observations) else set()
        filled |= {"volatility"} if "mark_price" in filled else set()
        filled |= {"liquidation_spike"} if source.parse_liquidations else set()
        filled |= {"settles_at"} if venue in {case.venue for case in SETTLEMENTS} else set()
        assert filled == set(source.filled_fields), venue


class Settlement(NamedTuple):
    """Where a venue says when a contract is settled or delisted, and how it says never."""

    venue: str
    answer: str
    path: tuple[str | int, ...]
    key: str
    never: object
    unit: float = 0.001  # of its times, in seconds


SETTLEMENTS: Final = [
    Settlement("binance", "/fapi/v1/exchangeInfo", ("symbols", 0), "deliveryDate", 4133404800000),
    Settlement("binance_coinm", "/dapi/v1/exchangeInfo", ("symbols", 0), "deliveryDate", 4133404800000),
    Settlement("bybit", "/v5/market/instruments-info?category=linear", ("result", "list", 0), "deliveryTime", "0"),
    Settlement("okx", "/api/v5/public/instruments", ("data", 0), "expTime", ""),
    Settlement("gate", "/api/v4/futures/usdt/contracts", (0,), "delisted_time", 0, unit=1.0),
]


@pytest.mark.parametrize("case", SETTLEMENTS, ids=lambda case: case.venue)
def test_settlement_is_when_the_list_of_contracts_says(venues: Venues, case: Settlement) -> None:
    """The venue's date is taken as it is; its way to say never gives none, and leaves nothing out."""
    fake = venues[case.venue]
    row = fake.answers[case.answer]
    for key in case.path:
        row = row[key]
    row[case.key] = case.never
    observation = venues.observe(fake, "contract")
    assert (observation.market.settles_at, observation.left_out) == (None, ())
    settled = datetime(2026, 12, 3, 9, 0, tzinfo=UTC) + timedelta(days=365 * 10)
    row[case.key] = str(round(settled.timestamp() / case.unit))
    observation = venues.observe(fake, "contract")
    assert (observation.market.settles_at, observation.left_out) == ("2036-11-30T09:00:00Z", ())


@pytest.mark.parametrize("case", SETTLEMENTS, ids=lambda case: case.venue)
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("soon", "mistyped"),
        (True, "mistyped"),
        ("-1", "absurd"),
        ("99999999999999999", "absurd"),
        (Now(seconds=-2 * 86_400.0), "stale"),  # of a contract that is still listed
    ],
)
def test_unusable_settlement_is_left_out(venues: Venues, case: Settlement, value: object, why: Why) -> None:
    """A date that is mistyped, absurd or past is left out with the reason, and takes nothing else with it."""
    fake = venues[case.venue]
    intact = venues.observe(fake, "contract")
    row = fake.answers[case.answer]
    for key in case.path:
        row = row[key]
    row[case.key] = Now(seconds=value.seconds, unit=case.unit, text=True) if isinstance(value, Now) else value
    assert venues.observe(fake, "contract") == Observation(
        market=intact.market, left_out=(LeftOutField(field="settles_at", why=why),)
    )


def test_missing_settlement_is_counted_where_the_venue_should_tell_it(venues: Venues) -> None:
    """A key that every contract has is missed; Gate's is there only for contracts that are to be delisted."""
    for case in SETTLEMENTS:
        fake = venues[case.venue]
        row = fake.answers[case.answer]
        for key in case.path:
            row = row[key]
        row.pop(case.key, None)
        row["in_delisting"] = True  # Gate's
        left_out = venues.observe(fake, "contract").left_out
        assert left_out == (LeftOutField(field="settles_at", why="missing"),), case.venue


def test_quanto_contract_has_no_terms(venues: Venues) -> None:
    """A contract of Gate's that is neither linear nor inverse gets no size, so that nothing is scaled wrongly."""
    fake = venues["gate"]
    fake.answers["/api/v4/futures/btc/contracts"][0]["type"] = "direct"
    observation = venues.observe(fake, "contract", INVERSE)
    assert observation == Observation(left_out=(LeftOutField(field="contract", why="absurd"),))


def test_fund_is_read_at_the_time_of_the_venue(venues: Venues) -> None:
    """The balance of Binance's fund holds from the time that the venue gives it."""
    reading = venues.observe(venues["binance"], "insurance").fund
    assert reading is not None
    rounding = timedelta(milliseconds=1)
    assert timedelta(hours=1) - rounding <= datetime.now(UTC) - reading.at < timedelta(hours=1, minutes=2)


@pytest.mark.parametrize("fake", COLLECTABLE, indirect=True)
def test_venue_clock_is_observed(venues: Venues, fake: FakeVenue) -> None:
    """The observed time is the venue's, however far it is from ours."""
    path = next(path for path in fake.answers if path.endswith(("/time", "exchangeStatus")))
    _put(fake.answers[path], Now(seconds=-3600.0, text=True))
    before = datetime.now(UTC)
    observation = venues.observe(fake, "clock")
    assert observation.venue_time is not None
    assert timedelta(seconds=-1) < observation.venue_time - (before - timedelta(hours=1)) < timedelta(seconds=10)


def _put(answer: Any, time: Now) -> None:
    """Replace all times in ``answer``."""
    for key, value in answer.items() if isinstance(answer, dict) else enumerate(answer):
        if isinstance(value, Now):
            answer[key] = time
        elif isinstance(value, dict | list):
            _put(value, time)


@pytest.mark.parametrize(
    ("fake", "symbols"),
    [
        ("binance", {LINEAR: "BTCUSDT"}),
        ("binance_coinm", {INVERSE: "BTCUSD_PERP"}),
        ("bybit", {LINEAR: "BTCUSDT", INVERSE: "BTCUSD"}),
        ("okx", {LINEAR: "BTC-USDT-SWAP", INVERSE: "BTC-USD-SWAP"}),
        ("gate", {LINEAR: "BTC_USDT", INVERSE: "BTC_USD"}),
        ("hyperliquid", {USDC: "BTC", "KPEPE/USDC:USDC": "kPEPE"}),
    ],
    indirect=["fake"],
)
def test_contract_has_the_id_of_the_venue(venues: Venues, fake: FakeVenue, symbols: dict[str, str]) -> None:
    """The symbol of a record is the venue's id, not ccxt's; an unlisted contract is refused by name."""

    async def ask(exchange: Any) -> dict[str, str]:
        await exchange.load_markets()
        with pytest.raises(UnknownMarketError, match="lists no perpetual XYZ/USDT:USDT"):
            exchange.symbol_of("XYZ/USDT:USDT")
        with pytest.raises(FetchError, match="refused"):
            await exchange.fetch("mark", "XYZ/USDT:USDT", now=datetime.now(UTC))
        return {market: exchange.symbol_of(market) for market in symbols}

    assert venues.use_exchange(fake, ask) == symbols


def test_id_that_is_no_valid_symbol_is_refused(venues: Venues) -> None:
    """A contract whose id has characters that no symbol may have is refused."""
    fake = venues["binance"]
    listed = fake.answers["/fapi/v1/exchangeInfo"]["symbols"]
    listed.append({**listed[0], "symbol": "币安USDT", "baseAsset": "币安"})

    async def ask(exchange: Any) -> None:
        await exchange.load_markets()
        with pytest.raises(UnknownMarketError, match="cannot be a symbol"):
            exchange.symbol_of("币安/USDT:USDT")

    venues.use_exchange(fake, ask)


@pytest.mark.parametrize(
    ("venue", "answer", "path", "field"),
    [
        ("binance", "/fapi/v1/exchangeInfo", ("symbols", 1), "symbol"),
        ("hyperliquid", "metaAndAssetCtxs", (0, "universe", 1), "szDecimals"),
    ],
)
def test_unreadable_contract_does_not_hide_the_others(
    venues: Venues, venue: str, answer: str, path: tuple[str | int, ...], field: str
) -> None:
    """A row of the list that makes ccxt fail does not affect the other rows."""
    fake = venues[venue]
    row = fake.answers[answer]
    for key in path:
        row = row[key]
    row[field] = {}
    assert venues.observe(fake, "mark").market.mark_price == 60000.5


def test_answer_about_all_contracts_is_shared(venues: Venues) -> None:
    """Calls within a few seconds share one request whose answer covers all contracts."""
    fake = venues["hyperliquid"]

    async def ask(exchange: Any) -> None:
        await exchange.load_markets()
        asked = len(fake.requests)
        calls = [exchange.fetch(call, USDC, now=datetime.now(UTC)) for call in ("mark", "funding", "tiers")]
        await asyncio.gather(*calls)
        assert len(fake.requests) == asked + 1

    venues.use_exchange(fake, ask)


def test_concurrent_loads_share_a_request_that_survives_cancellation(venues: Venues) -> None:
    """Of two callers that wait for the list of contracts, one is cancelled; the other gets it, by one request."""
    fake = venues["okx"]

    async def ask(exchange: Any) -> str:
        first, second = asyncio.create_task(exchange.load_markets()), asyncio.create_task(exchange.load_markets())
        await asyncio.sleep(0)
        first.cancel()
        await second
        symbol: str = exchange.symbol_of(LINEAR)
        return symbol

    assert use_exchange(fake, ask) == "BTC-USDT-SWAP"
    assert fake.requests == ["/api/v5/public/instruments?instType=SWAP"]


def test_tiers_that_differ_by_margin_mode_are_left_out(venues: Venues) -> None:
    """OKX has a table for each margin mode; if they differ, neither is used."""
    fake = venues["okx"]
    fake.answers["/api/v5/public/position-tiers?tdMode=isolated"]["data"][0]["mmr"] = "0.006"
    assert venues.observe(fake, "tiers") == Observation(
        left_out=(LeftOutField(field="maintenance_tiers", why="absurd"),)
    )


def test_coarse_prices_give_no_depth(venues: Venues) -> None:
    """Hyperliquid's book around 1000 comes in steps of 1, 10 basis points: it reaches 0.3 %, but no depth is used."""
    fake = venues["hyperliquid"]
    for side in fake.answers["l2Book?nSigFigs=4"]["levels"]:
        for level in side:
            level["px"] = str(float(level["px"]) / 59.99)
    assert venues.observe(fake, "depth") == Observation(left_out=(LeftOutField(field="depth", why="missing"),))


def test_urls_are_parsed_by_venue() -> None:
    """Pairs of a venue and a URL are parsed; anything else is refused and quoted."""
    assert parse_urls("binance=http://127.0.0.1:9001, okx=https://proxy.internal/okx\n") == {
        "binance": "http://127.0.0.1:9001",
        "okx": "https://proxy.internal/okx",
    }
    assert parse_urls("") == {}
    aliases = {"binanceusdm": "binance"}
    assert parse_urls("binanceusdm=http://127.0.0.1:9001", aliases=aliases) == {"binance": "http://127.0.0.1:9001"}
    for wrong in ("kraken=http://127.0.0.1", "binance", "binance=file:///etc/passwd", "binance=http://", "=http://x"):
        with pytest.raises(ValueError, match="is not venue=http"):
            parse_urls(wrong)


def test_path_of_a_url_precedes_the_path_of_the_venue(venues: Venues) -> None:
    """A proxy may serve a venue under its own path."""
    fake = venues["okx"]
    for path in tuple(fake.answers):
        fake.answers[f"/venues/okx{path}"] = fake.answers.pop(path)

    async def ask() -> float | None:
        exchange = open_exchange("okx", urls={"okx": f"{fake.url}/venues/okx/"})
        try:
            return (await exchange.fetch("mark", LINEAR, now=datetime.now(UTC))).market.mark_price
        finally:
            await exchange.close()

    assert asyncio.run(ask()) == 60000.0


def test_unused_exchange_closes(venues: Venues) -> None:
    """No connection is open before the first call."""
    fake = venues["binance"]
    asyncio.run(new_exchange(fake).close())
    assert fake.requests == []


def test_ccxt_is_imported_on_first_call() -> None:
    """Creating an exchange does not import ccxt, which takes seconds and a hundred megabytes."""
    program = (
        "import sys; from adlrisk.collect.adapters.exchange import COLLECTABLE, open_exchange\n"
        "[open_exchange(venue) for venue in COLLECTABLE]\n"
        "sys.exit(any(name.partition('.')[0] in {'ccxt', 'aiohttp'} for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
