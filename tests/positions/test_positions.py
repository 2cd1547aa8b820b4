"""Conversion of a venue's answer, parsed by ccxt, into the scored position. Expectations are calculated by hand."""

from typing import Any

import ccxt
import pytest

from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.library import catalogue
from adlrisk.positions.adl_meters import parse_number
from adlrisk.positions.own_fields import complete_row
from adlrisk.positions.positions import Currencies, OpenPosition, PositionContext, convert_position


def perpetual(id_: str, symbol: str, *, contract_size: float = 1.0, **given: Any) -> dict[str, Any]:
    """A perpetual in ccxt's form."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    made = {
        "id": id_,
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "settle": settle,
        "type": "swap",
        "spot": False,
        "margin": False,
        "swap": True,
        "contract": True,
        "linear": settle == quote,
        "inverse": settle == base,
        "contractSize": contract_size,
        "precision": {"price": 0.01, "amount": 0.001},
    }
    return {**made, **given}


def parse_row(venue: str, raw: dict[str, Any], market: dict[str, Any], *, parse: str = "parse_position") -> Any:
    """A venue's answer as ccxt parses it."""
    exchange = getattr(ccxt, catalogue()[venue].rules.ccxt[0])()
    exchange.set_markets([market])
    return getattr(exchange, parse)(raw)


def convert(
    venue: str,
    row: Any,
    market: dict[str, Any] | None,
    *,
    reading: float | None = None,
    mode: MarginMode | None = None,
) -> OpenPosition:
    context = PositionContext(rules=catalogue()[venue].rules, venue=venue, reading=reading, account_mode=mode)
    found = convert_position(complete_row(venue, row, market), market, context)
    assert found is not None
    return found


BTC_USDT = perpetual("BTCUSDT", "BTC/USDT:USDT")
LINEAR: dict[str, Any] = {
    "symbol": "BTC/USDT:USDT",
    "side": "long",
    "contracts": 2.0,
    "contractSize": 1.0,
    "entryPrice": 100.0,
    "markPrice": 110.0,
    "notional": 220.0,
    "unrealizedPnl": 20.0,
    "marginMode": "cross",
    "initialMargin": 22.0,
    "leverage": 10.0,
    "info": {},
}

ISOLATED = [
    pytest.param(
        "binance_coinm",
        "parse_position_risk",
        perpetual("BTCUSD_PERP", "BTC/USD:BTC", contract_size=100.0),
        {
            "symbol": "BTCUSD_PERP",
            "positionAmt": "2",
            "entryPrice": "40000",
            "markPrice": "50000",
            "unRealizedProfit": "0.001",  # 200 · (1/40000 − 1/50000)
            "liquidationPrice": "25119.9",
            "leverage": "2",
            "marginType": "isolated",
            "isolatedMargin": "0.0035",
            "positionSide": "BOTH",
            "notionalValue": "0.004",
            "isolatedWallet": "0.0025",
        },
        Position(
            side="long",
            size=2,
            contract="inverse",
            contract_size=100,
            entry_price=40000,
            mark_price=50000,
            margin=0.0025,
        ),
        id="binance_coinm",
    ),
    pytest.param(
        "bybit",
        "parse_position",
        BTC_USDT,
        {
            "symbol": "BTCUSDT",
            "side": "Sell",
            "size": "0.5",
            "positionIdx": 0,
            "avgPrice": "50000",
            "markPrice": "48000",
            "positionValue": "25000",  # at entry
            "unrealisedPnl": "1000",
            "positionIM": "2510",
            "positionMM": "130",
            "positionBalance": "2600",
            "leverage": "10",
            "liqPrice": "54000",
            "bustPrice": "55000",
            "tradeMode": 0,
            "adlRankIndicator": 4,
        },
        Position(side="short", size=0.5, entry_price=50000, mark_price=48000, margin=2600, maintenance_margin=130),
        id="bybit",
    ),
    pytest.param(
        "okx",
        "parse_position",
        perpetual("BTC-USD-SWAP", "BTC/USD:BTC", contract_size=100.0),
        {
            "instId": "BTC-USD-SWAP",
            "mgnMode": "isolated",
            "posSide": "short",
            "pos": "10",
            "avgPx": "50000",
            "markPx": "40000",
            "upl": "0.005",  # 1000 · (1/40000 − 1/50000)
            "lever": "10",
            "imr": "",
            "margin": "0.002",
            "mmr": "0.0001",
            "notionalUsd": "1000",
            "adl": "5",
        },
        Position(
            side="short",
            size=10,
            contract="inverse",
            contract_size=100,
            entry_price=50000,
            mark_price=40000,
            margin=0.002,
            maintenance_margin=0.0001,
        ),
        id="okx",
    ),
    pytest.param(
        "gate",
        "parse_position",
        perpetual("BTC_USDT", "BTC/USDT:USDT", contract_size=0.0001),
        {
            "contract": "BTC_USDT",
            "size": -10000,
            "leverage": "10",
            "value": "60000",
            "margin": "5500",
            "entry_price": "55000",
            "mark_price": "60000",
            "unrealised_pnl": "-5000",
            "maintenance_rate": "0.005",
            "maintenance_margin": "300",
            "adl_ranking": 5,
        },
        Position(
            side="short",
            size=10000,
            contract_size=0.0001,
            entry_price=55000,
            mark_price=60000,
            margin=5500,
            maintenance_margin_rate=0.005,
            maintenance_margin=300,
        ),
        id="gate",
    ),
    pytest.param(
        "bitget",
        "parse_position",
        BTC_USDT,
        {
            "symbol": "BTCUSDT",
            "marginCoin": "USDT",
            "holdSide": "long",
            "total": "0.2",
            "openPriceAvg": "37000",
            "markPrice": "38000",
            "unrealizedPL": "200",
            "marginMode": "isolated",
            "marginSize": "370",
            "keepMarginRate": "0.004",
            "leverage": "20",
            "posMode": "hedge_mode",
            "liquidationPrice": "35300",
        },
        Position(side="long", size=0.2, entry_price=37000, mark_price=38000, margin=370, maintenance_margin_rate=0.004),
        id="bitget",
    ),
    pytest.param(  # the sample of KuCoin's documentation
        "kucoin",
        "parse_position",
        perpetual("ETHUSDTM", "ETH/USDT:USDT", contract_size=0.01),
        {
            "symbol": "ETHUSDTM",
            "maintMarginReq": 0.005,
            "realLeverage": 25.92,
            "crossMode": False,
            "delevPercentage": 0.76,
            "currentQty": 2,
            "markPrice": 4183.38,
            "posCost": 83.787,
            "posInit": 3.35148,
            "posMargin": 3.40376309,
            "posMaint": 0.50707892,
            "maintMargin": 3.28436309,  # with the unrealized PnL
            "unrealisedPnl": -0.1194,
            "avgEntryPrice": 4189.35,
        },
        Position(
            side="long",
            size=2,
            contract_size=0.01,
            entry_price=4189.35,
            mark_price=4183.38,
            margin=3.40376309,
            maintenance_margin_rate=0.005,
            maintenance_margin=0.50707892,
        ),
        id="kucoin",
    ),
    pytest.param(
        "htx",
        "parse_position",
        perpetual("BTC-USDT", "BTC/USDT:USDT", contract_size=0.001),
        {
            "contract_code": "BTC-USDT",
            "position_side": "both",
            "direction": "sell",
            "margin_mode": "isolated",
            "open_avg_price": "63000",
            "volume": "1000",
            "lever_rate": 20,
            "adl_risk_percent": 3,
            "margin": "3150",
            "initial_margin": "3150",
            "maintenance_margin": "210",
            "profit_unreal": "1000",
            "mark_price": "62000",
            "last_price": "62010",
        },
        Position(
            side="short",
            size=1000,
            contract_size=0.001,
            entry_price=63000,
            mark_price=62000,
            margin=3150,
            maintenance_margin=210,
        ),
        id="htx",
    ),
    pytest.param(
        "phemex",
        "parse_position",
        BTC_USDT,
        {
            "symbol": "BTCUSDT",
            "side": "Buy",
            "crossMargin": False,
            "leverageRr": "10",
            "sizeRq": "0.5",
            "valueRv": "30000",
            "avgEntryPriceRp": "60000",
            "markPriceRp": "66000",
            "positionMarginRv": "3010",
            "assignedPosBalanceRv": "3020",
            "maintMarginReqRr": "0.01",
            "deleveragePercentileRr": "0.9",
        },
        Position(side="long", size=0.5, entry_price=60000, mark_price=66000, margin=3010, maintenance_margin_rate=0.01),
        id="phemex",
    ),
    pytest.param(  # after the sample in ccxt's source: margin has the unrealized PnL in it
        "bingx",
        "parse_position",
        perpetual("LTC-USDT", "LTC/USDT:USDT"),
        {
            "symbol": "LTC-USDT",
            "positionAmt": "0.1",
            "positionSide": "LONG",
            "isolated": True,
            "avgPrice": "83.53",
            "initialMargin": "1.3922",
            "margin": "0.3532",
            "leverage": 6,
            "unrealizedProfit": "-1.039",
            "liquidationPrice": 0,
            "markPrice": "73.14",
            "positionValue": "7.314",
        },
        Position(side="long", size=0.1, entry_price=83.53, mark_price=73.14, margin=1.3922),
        id="bingx",
    ),
    pytest.param(
        "hyperliquid",
        "parse_position",
        perpetual("0", "BTC/USDC:USDC", baseName="BTC"),
        {
            "position": {
                "coin": "BTC",
                "szi": "-2",
                "entryPx": "3000",
                "positionValue": "5600",
                "unrealizedPnl": "400",
                "marginUsed": "1000",  # with the unrealized PnL
                "leverage": {"type": "isolated", "value": 10},
            }
        },
        Position(side="short", size=2, entry_price=3000, mark_price=2800, margin=600),
        id="hyperliquid",
    ),
]


@pytest.mark.parametrize(("venue", "parse", "market", "raw", "expected"), ISOLATED)
def test_isolated_position_is_backed_by_its_own_margin(
    venue: str, parse: str, market: dict[str, Any], raw: dict[str, Any], expected: Position
) -> None:
    """It has its margin without unrealized PnL, its size in contracts, and its maintenance margin if published."""
    row = parse_row(venue, raw, market, parse=parse)
    found = convert(venue, row, market, mode="isolated")
    assert found.not_scored_reason is None
    assert (found.position, found.margin_mode, found.assumptions) == (expected, "isolated", ())
    assert found.symbol == market["id"]


@pytest.mark.parametrize(
    ("venue", "raw", "rate"),
    [
        ("binance", {"maintMargin": "1.1"}, 0.005),  # of a value of 220, whatever the tier deducts
        ("bitget", {"keepMarginRate": "0.004"}, 0.004),
        ("gate", {"maintenance_margin": "2.2", "maintenance_rate": "0.02"}, 0.01),  # the amount decides
        ("gate", {"maintenance_margin": "0", "maintenance_rate": "0.02"}, 0.02),
        ("kucoin", {"posMaint": "300", "maintMarginReq": "0.02"}, 0.02),  # more than its value is no rate
        ("okx", {"mmr": "-1"}, None),
        ("phemex", {"maintMarginReqRr": "0"}, None),
        ("hyperliquid", {}, None),
    ],
)
def test_cross_position_has_only_figures_of_its_own(venue: str, raw: dict[str, Any], rate: float | None) -> None:
    """It has the maintenance margin rate that the venue's own figures give, and neither margin nor leverage.

    The initial margin of 22 and the leverage setting of 10 say nothing about what backs it.
    """
    found = convert(venue, {**LINEAR, "info": raw}, BTC_USDT)
    position = found.position
    assert position is not None
    assert position.maintenance_margin_rate == (None if rate is None else pytest.approx(rate))
    assert (position.margin, position.equity, position.leverage, position.maintenance_margin) == (None,) * 4
    assert (found.margin_mode, found.assumptions) == ("cross", ())
    assert found.currencies == Currencies(base="BTC", quote="USDT", settle="USDT")


def test_unknown_margin_mode_is_stated() -> None:
    """A position that may be cross or isolated has no margin, and the assumption says what is unknown for it."""
    found = convert("bybit", {**LINEAR, "marginMode": None}, BTC_USDT)
    assert found.position == Position(side="long", size=2, entry_price=100, mark_price=110)
    assert found.margin_mode is None
    assert "margin mode is not known, so leverage, share of profit, prices and queue key" in found.assumptions[0]


@pytest.mark.parametrize("margin", [None, 0.0, -5.0])
def test_isolated_position_without_margin_is_scored_without_it(margin: float | None) -> None:
    """What follows from its margin is unknown, and the assumption says so."""
    found = convert("dydx", {**LINEAR, "marginMode": "isolated", "positionMargin": margin}, BTC_USDT)
    assert found.position == Position(side="long", size=2, entry_price=100, mark_price=110)
    assert "no margin of it, so leverage" in found.assumptions[0]


def test_deribit_sizes_are_money() -> None:
    """A size of 50 is 50 dollars, not 50 contracts of 10; Deribit's documented sample is worth 0.006687 BTC."""
    raw = {
        "average_price": 7440.18,
        "direction": "buy",
        "floating_profit_loss": 0,
        "initial_margin": 0.000197283,
        "instrument_name": "BTC-PERPETUAL",
        "leverage": 34,
        "maintenance_margin": 0.000143783,
        "mark_price": 7476.65,
        "size": 50,
        "size_currency": 0.006687487,
    }
    market = perpetual("BTC-PERPETUAL", "BTC/USD:BTC", contract_size=10.0)
    found = convert("deribit", parse_row("deribit", raw, market), market)
    assert found.position == Position(
        side="long",
        size=50,
        contract="inverse",
        entry_price=7440.18,
        mark_price=7476.65,
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"contractSize": 10.0}, "notional of 220"),
        ({"contracts": 0.2}, "notional of 220"),
        ({"contractSize": 10.0, "notional": None}, "unrealized PnL of 20"),
        ({"unrealizedPnl": -20.0}, "unrealized PnL of -20"),
        ({"entryPrice": None}, "no entry price"),
        ({"entryPrice": 0.0}, "no entry price"),
        ({"markPrice": None}, "no mark price"),
        ({"contracts": None}, "no size"),
        ({"side": None}, "long or short"),
        ({"entryPrice": 1e16, "markPrice": 1e16, "notional": None, "unrealizedPnl": None}, "beyond what can be scored"),
    ],
)
def test_unreadable_position_is_not_scored(change: dict[str, Any], why: str) -> None:
    """A position with missing or contradictory figures has its name and a reason, and no score."""
    found = convert("dydx", {**LINEAR, **change}, BTC_USDT)
    assert found.position is None
    assert why in str(found.not_scored_reason)
    assert (found.symbol, found.market) == ("BTCUSDT", "BTC/USDT:USDT")


@pytest.mark.parametrize(
    ("market", "why"),
    [
        (None, "lists no such contract"),
        (perpetual("BTCUSDT", "BTC/USDT:USDT", swap=False), "no perpetual"),
        (perpetual("XRPUSD", "XRP/USD:BTC"), "neither in its quote currency nor in its base"),
        (perpetual("BTCUSDT", "BTC/USDT:USDT", contractSize=None), "size is not known"),
    ],
)
def test_position_in_unsupported_contract_is_not_scored(market: dict[str, Any] | None, why: str) -> None:
    """Positions in unlisted, dated and quanto contracts, and in those of unknown size, are not scored."""
    found = convert("gate", {**LINEAR, "contractSize": None}, market)
    assert found.position is None
    assert why in str(found.not_scored_reason)


def test_reading_off_the_scale_is_left_out_and_stated() -> None:
    """The position is scored with the meter unknown, and the assumption says so."""
    found = convert("okx", LINEAR, BTC_USDT, reading=7.0)
    assert found.position is not None
    assert found.position.adl_meter is None
    assert "adl cannot read 7" in found.assumptions[0]


def test_reading_is_not_converted() -> None:
    """The reading is neither reversed nor scaled: the card does that."""
    position = convert("gate", LINEAR, BTC_USDT, reading=1.0).position
    assert position is not None
    assert position.adl_meter == 1


def test_empty_position_is_none() -> None:
    """A row of size zero, as hedge mode has for the side that is not held, gives no position."""
    context = PositionContext(rules=catalogue()["binance"].rules, venue="binance", reading=None)
    assert convert_position({**LINEAR, "contracts": 0.0}, BTC_USDT, context) is None


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", None, True, [], 10**400])
def test_non_number_counts_as_missing(text: object) -> None:
    """A value that is no finite number is missing; it is neither 0 nor an error."""
    assert parse_number(text) is None
