"""From a venue's own answer, parsed by ccxt, to the position that is scored. Expectations are worked out by hand."""

from typing import Any

import ccxt
import pytest

from adlrisk.domain.position.position import Position
from adlrisk.library import catalogue
from adlrisk.positions.adl_meters import parse_number
from adlrisk.positions.margin import AccountEquity, MarginMode
from adlrisk.positions.positions import OpenPosition, Surroundings, open_position


def listed(id_: str, symbol: str, *, contract_size: float = 1.0, **given: Any) -> dict[str, Any]:
    """A perpetual as ccxt lists it."""
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


def told_by(venue: str, raw: dict[str, Any], market: dict[str, Any], *, parse: str = "parse_position") -> Any:
    """What ccxt makes of a venue's answer."""
    exchange = getattr(ccxt, catalogue()[venue].rules.ccxt[0])()
    exchange.set_markets([market])
    return getattr(exchange, parse)(raw)


def converted(
    venue: str,
    told: Any,
    market: dict[str, Any] | None,
    *,
    reading: float | None = None,
    mode: MarginMode | None = None,
    equity: AccountEquity | None = None,
) -> OpenPosition:
    around = Surroundings(
        rules=catalogue()[venue].rules, reading=reading, account_mode=mode, equity_of=lambda _: equity
    )
    found = open_position(told, market, around)
    assert found is not None
    return found


BTC_USDT = listed("BTCUSDT", "BTC/USDT:USDT")
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
        listed("BTCUSD_PERP", "BTC/USD:BTC", contract_size=100.0),
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
        listed("BTC-USD-SWAP", "BTC/USD:BTC", contract_size=100.0),
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
        listed("BTC_USDT", "BTC/USDT:USDT", contract_size=0.0001),
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
        listed("ETHUSDTM", "ETH/USDT:USDT", contract_size=0.01),
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
        listed("BTC-USDT", "BTC/USDT:USDT", contract_size=0.001),
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
        listed("LTC-USDT", "LTC/USDT:USDT"),
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
        listed("0", "BTC/USDC:USDC", baseName="BTC"),
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
def test_an_isolated_position_is_backed_by_its_own_margin(
    venue: str, parse: str, market: dict[str, Any], raw: dict[str, Any], expected: Position
) -> None:
    """Its margin without unrealized PnL, its size in contracts, its maintenance margin where the venue tells it."""
    told = told_by(venue, raw, market, parse=parse)
    found = converted(venue, told, market, mode="isolated")
    assert found.why_not is None
    assert (found.position, found.basis, found.assumed) == (expected, "isolated", ())
    assert found.symbol == market["id"]


def test_a_cross_position_is_backed_by_the_accounts_equity() -> None:
    """Equity 500 with the position's own PnL of 20: 480 without it, and maintenance margin is the account's."""
    equity = AccountEquity(amount=500, maintenance_margin=7)
    found = converted("binance", LINEAR, BTC_USDT, equity=equity)
    assert found.position == Position(
        side="long", size=2, entry_price=100, mark_price=110, margin=480, maintenance_margin=7
    )
    assert (found.basis, found.assumed) == ("account", ())


def test_equity_in_dollars_is_turned_into_an_inverse_contracts_coin() -> None:
    """8,800 dollars at a mark of 110 are 80 coins; the PnL of 200 dollars' worth is 200·(1/100 − 1/110)."""
    market = listed("BTCUSD", "BTC/USD:BTC")
    told = {**LINEAR, "symbol": "BTC/USD:BTC", "contracts": 200.0, "notional": None, "unrealizedPnl": None}
    equity = AccountEquity(amount=8800, maintenance_margin=110, in_dollars=True)
    position = converted("bybit", told, market, mode="cross", equity=equity).position
    assert position is not None
    assert position.margin == pytest.approx(80 - 200 * (1 / 100 - 1 / 110), rel=1e-12)
    assert position.maintenance_margin == pytest.approx(1)


def test_equity_in_dollars_says_nothing_of_other_currencies() -> None:
    """A contract quoted in BTC is left with its own share; a dollar token is taken for a dollar, and that is said."""
    equity = AccountEquity(amount=500, in_dollars=True)
    dollars = converted("bybit", {**LINEAR, "marginMode": "cross"}, BTC_USDT, equity=equity)
    assert dollars.basis == "account"
    assert "one USDT taken for one dollar" in dollars.assumed[0]
    told = {**LINEAR, "symbol": "ETH/BTC:BTC"}
    assert converted("bybit", told, listed("ETHBTC", "ETH/BTC:BTC"), equity=equity).basis == "own-share"


@pytest.mark.parametrize(("mode", "why"), [("cross", "its margin is cross"), (None, "its margin mode is not known")])
def test_without_the_accounts_equity_the_own_share_is_said_to_be_one(mode: MarginMode | None, why: str) -> None:
    """The initial margin stands in, which is said, and no maintenance margin is put beside it."""
    raw = {"maintMargin": "5", "positionMM": "5"}
    found = converted("bybit", {**LINEAR, "marginMode": None, "info": raw}, BTC_USDT, mode=mode)
    assert found.position == Position(side="long", size=2, entry_price=100, mark_price=110, margin=22)
    assert found.basis == "own-share"
    assert why in found.assumed[0]


def test_kucoins_leverage_is_no_slider() -> None:
    """Its realLeverage is what the margin makes of the position, so that no margin can be worked out from it."""
    told = {**LINEAR, "initialMargin": None}
    assert "no margin and no leverage" in str(converted("kucoin", told, BTC_USDT).why_not)
    slider = converted("gate", told, BTC_USDT).position
    assert slider is not None
    assert slider.leverage == 10


def test_deribits_sizes_are_money() -> None:
    """Fifty is fifty dollars, not fifty contracts of ten; Deribit's documented sample is worth 0.006687 BTC."""
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
    market = listed("BTC-PERPETUAL", "BTC/USD:BTC", contract_size=10.0)
    found = converted("deribit", told_by("deribit", raw, market), market)
    assert found.position == Position(
        side="long",
        size=50,
        contract="inverse",
        entry_price=7440.18,
        mark_price=7476.65,
        margin=0.000197283,
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
        ({"initialMargin": None, "leverage": 0.0}, "no margin and no leverage"),
        ({"marginMode": "isolated", "positionMargin": None}, "no margin of the isolated position"),
        ({"entryPrice": 1e16, "markPrice": 1e16, "notional": None, "unrealizedPnl": None}, "beyond what can be scored"),
    ],
)
def test_what_cannot_be_read_is_not_guessed(change: dict[str, Any], why: str) -> None:
    """The position keeps its name and gets no score, but a reason; figures that contradict each other count as such."""
    found = converted("dydx", {**LINEAR, **change}, BTC_USDT)
    assert found.position is None
    assert why in str(found.why_not)
    assert (found.symbol, found.market) == ("BTCUSDT", "BTC/USDT:USDT")


@pytest.mark.parametrize(
    ("market", "why"),
    [
        (None, "lists no such contract"),
        (listed("BTCUSDT", "BTC/USDT:USDT", swap=False), "no perpetual"),
        (listed("XRPUSD", "XRP/USD:BTC"), "neither in its quote currency nor in its base"),
        (listed("BTCUSDT", "BTC/USDT:USDT", contractSize=None), "size is not known"),
    ],
)
def test_a_contract_that_cannot_be_scored_is_named(market: dict[str, Any] | None, why: str) -> None:
    """Unlisted, dated and quanto contracts, and those of unknown size, are not scored as if they were others."""
    found = converted("gate", {**LINEAR, "contractSize": None}, market)
    assert found.position is None
    assert why in str(found.why_not)


@pytest.mark.parametrize("equity", [20.0, 10.0, -5.0])
def test_an_account_that_only_its_profit_keeps_cannot_be_scored(equity: float) -> None:
    """Without the position's PnL of 20 nothing backs it, which no margin can say."""
    found = converted("binance", LINEAR, BTC_USDT, equity=AccountEquity(amount=equity))
    assert "all profit of this position, or gone" in str(found.why_not)


def test_a_reading_off_the_scale_is_left_out_and_said() -> None:
    """The position is scored without it, and the meter counts as unknown."""
    found = converted("okx", LINEAR, BTC_USDT, reading=7.0)
    assert found.position is not None
    assert found.position.adl_meter is None
    assert "adl cannot read 7" in found.assumed[0]


def test_a_reading_goes_on_as_the_venue_tells_it() -> None:
    """Neither turned round nor scaled: the card does that."""
    position = converted("gate", LINEAR, BTC_USDT, reading=1.0).position
    assert position is not None
    assert position.adl_meter == 1


def test_an_empty_position_is_none() -> None:
    """Hedge mode lists the side that is not held."""
    around = Surroundings(rules=catalogue()["binance"].rules, reading=None)
    assert open_position({**LINEAR, "contracts": 0.0}, BTC_USDT, around) is None


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", None, True, [], 10**400])
def test_what_is_no_number_counts_as_missing(text: object) -> None:
    """Not as 0, and not as a failure."""
    assert parse_number(text) is None
