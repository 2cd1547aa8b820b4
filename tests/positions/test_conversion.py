"""Conversion of a venue's position into the scored one. Expectations are calculated by hand."""

from typing import Any

import msgspec
import pytest

from adlrisk.domain.position.position import Position
from adlrisk.library import catalogue
from adlrisk.positions.conversion import convert_position
from adlrisk.positions.open_position import Currencies, OpenPosition
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.parsing import parse_number
from adlrisk.positions.readers.reader import Reader, Row, VenuePosition


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


def read(
    venue: str,
    raw: dict[str, Any],
    market: dict[str, Any],
    *,
    account: dict[str, Any] | None = None,
    extra: dict[str, Any] | None = None,
) -> OpenPosition:
    """The position in the venue's own fields, by its reader."""
    row = Row(raw=raw, market=market, account=account or {}, extra=extra or {})
    found = convert_position(row, name=market["symbol"], reader=READERS[venue], rules=catalogue()[venue].rules)
    assert found is not None
    return found


def convert(
    market: dict[str, Any] | None,
    *,
    venue: str = "okx",
    extra: dict[str, Any] | None = None,
    **given: Any,
) -> OpenPosition | None:
    """The position that a reader has read as a cross long of 2 from 100 at 110, with what is ``given`` instead."""
    published = VenuePosition(**{**LONG, **given})
    reader = Reader(read=lambda _: published)
    row = Row(raw={}, market=market or {}, extra=extra or {})
    return convert_position(row, name="BTC/USDT:USDT", reader=reader, rules=catalogue()[venue].rules)


def converted(market: dict[str, Any] | None, **given: Any) -> OpenPosition:
    found = convert(market, **given)
    assert found is not None
    return found


BTC_USDT = perpetual("BTCUSDT", "BTC/USDT:USDT")
LONG: dict[str, Any] = {
    "side": "long",
    "size": 2.0,
    "entry_price": 100.0,
    "mark_price": 110.0,
    "margin_mode": "cross",
    "notional": 220.0,
    "unrealized_pnl": 20.0,
}
UNIFIED_ISOLATED = {"unifiedMarginStatus": 5, "marginMode": "ISOLATED_MARGIN"}

ISOLATED = [
    pytest.param(
        "binance_coinm",
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
    pytest.param(  # margin has the unrealized PnL in it
        "bingx",
        perpetual("LTC-USDT", "LTC/USDT:USDT"),
        {
            "symbol": "LTC-USDT",
            "positionAmt": "0.1",
            "positionSide": "LONG",
            "isolated": True,
            "avgPrice": "83.53",
            "initialMargin": "1.3922",
            "margin": "3",
            "leverage": 6,
            "unrealizedProfit": "-1",
            "liquidationPrice": 0,
            "markPrice": "73.14",
            "positionValue": "7.314",
        },
        Position(side="long", size=0.1, entry_price=83.53, mark_price=73.14, margin=4),
        id="bingx",
    ),
    pytest.param(
        "hyperliquid",
        perpetual("BTC", "BTC/USDC:USDC"),
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


@pytest.mark.parametrize(("venue", "market", "raw", "expected"), ISOLATED)
def test_isolated_position_is_backed_by_its_own_margin(
    venue: str, market: dict[str, Any], raw: dict[str, Any], expected: Position
) -> None:
    """It has its margin without unrealized PnL, its size in contracts, and its maintenance margin if published."""
    found = read(venue, raw, market, account=UNIFIED_ISOLATED)
    assert found.not_scored_reason is None
    assert found.position is not None
    found_position = msgspec.structs.replace(found.position, adl_meter=None)
    assert (found_position, found.margin_mode, found.assumptions) == (expected, "isolated", ())
    assert found.symbol == market["id"]


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ({"maintenance_margin": 1.1}, 0.005),  # of a value of 220, whatever the tier deducts
        ({"maintenance_rate": 0.004}, 0.004),
        ({"maintenance_margin": 2.2, "maintenance_rate": 0.02}, 0.01),  # the amount decides
        ({"maintenance_margin": 0.0, "maintenance_rate": 0.02}, 0.02),
        ({"maintenance_margin": 300.0, "maintenance_rate": 0.02}, 0.02),  # more than its value is no rate
        ({"maintenance_margin": -1.0}, None),
        ({"maintenance_rate": 0.0}, None),
        ({}, None),
    ],
)
def test_cross_position_has_only_figures_of_its_own(given: dict[str, float], rate: float | None) -> None:
    """It has the maintenance margin rate that the venue's own figures give, and neither margin nor leverage."""
    found = converted(BTC_USDT, margin=22.0, **given)
    position = found.position
    assert position is not None
    assert position.maintenance_margin_rate == (None if rate is None else pytest.approx(rate))
    assert (position.margin, position.equity, position.leverage, position.maintenance_margin) == (None,) * 4
    assert (found.margin_mode, found.assumptions) == ("cross", ())
    assert found.currencies == Currencies(base="BTC", quote="USDT", settle="USDT")


def test_unknown_margin_mode_is_stated() -> None:
    """A position that may be cross or isolated has no margin, and the assumption says what is unknown for it."""
    found = converted(BTC_USDT, margin_mode=None)
    assert found.position == Position(side="long", size=2, entry_price=100, mark_price=110)
    assert found.margin_mode is None
    assert "margin mode is not known, so leverage, share of profit, prices and queue key" in found.assumptions[0]


@pytest.mark.parametrize("margin", [None, 0.0, -5.0])
def test_isolated_position_without_margin_is_scored_without_it(margin: float | None) -> None:
    """What follows from its margin is unknown, and the assumption says so."""
    found = converted(BTC_USDT, margin_mode="isolated", margin=margin)
    assert found.position == Position(side="long", size=2, entry_price=100, mark_price=110)
    assert "no margin of it, so leverage" in found.assumptions[0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"contract_size": 10.0}, "notional of 2200, but the venue's is 220"),
        ({"size": 0.2}, "notional of 22, but the venue's is 220"),
        ({"contract_size": 10.0, "notional": None}, "unrealized PnL of 200, but the venue's is 20"),
        ({"unrealized_pnl": -20.0}, "unrealized PnL of 20, but the venue's is -20"),
        ({"entry_price": 98.0}, "unrealized PnL of 24, but the venue's is 20"),
    ],
)
@pytest.mark.parametrize("mode", ["isolated", "cross"])
def test_contradictory_figures_leave_what_backs_it_unknown(change: dict[str, Any], why: str, mode: str) -> None:
    """The position is scored by its prices and its meter; its margin is not used, and it says why."""
    given = {"margin_mode": mode, "margin": 20.0, "maintenance_margin": 2.0, "maintenance_rate": 0.01, "adl_meter": 4.0}
    found = converted(BTC_USDT, **{**given, **change})
    position = found.position
    assert position is not None
    assert why in str(found.contradiction)
    assert (position.margin, position.maintenance_margin, position.maintenance_margin_rate) == (None,) * 3
    assert (position.adl_meter, position.mark_price) == (4.0, 110)
    assert f"{found.contradiction}, so leverage" in found.assumptions[0]
    assert converted(BTC_USDT, **given).contradiction is None


@pytest.mark.parametrize(("notional", "pnl"), [(230.0, 20.0), (-220.0, 21.9), (200.0, 20.0), (None, None), (0.0, 18.0)])
def test_figures_that_agree_are_no_contradiction(notional: float | None, pnl: float | None) -> None:
    """Venues value at the mark, last or entry price, and count profit to the last price: that is within tolerance."""
    assert converted(BTC_USDT, notional=notional, unrealized_pnl=pnl).contradiction is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"entry_price": None}, "no entry price"),
        ({"entry_price": 0.0}, "no entry price"),
        ({"mark_price": None}, "no mark price"),
        ({"size": None}, "no size"),
        ({"side": None}, "long or short"),
        (dict.fromkeys(("entry_price", "mark_price"), 1e16), "beyond what can be scored"),
    ],
)
def test_unreadable_position_is_not_scored(change: dict[str, Any], why: str) -> None:
    """A position with missing figures has its name, its meter and a reason, and no score."""
    found = converted(BTC_USDT, **{"adl_meter": 4.0, **change})
    assert found.position is None
    assert why in str(found.not_scored_reason)
    assert (found.symbol, found.market, found.adl_meter) == ("BTCUSDT", "BTC/USDT:USDT", 4.0)


def test_prices_that_a_position_lacks_come_from_the_list_of_prices() -> None:
    """The position's own price is taken first."""
    extra = {"mark_price": "110.5", "entry_price": 99.0}
    found = converted(BTC_USDT, extra=extra, mark_price=None, entry_price=None, notional=None, unrealized_pnl=None)
    assert found.position is not None
    assert (found.position.mark_price, found.position.entry_price) == (110.5, 99.0)
    own = converted(BTC_USDT, extra=extra).position
    assert own is not None
    assert (own.mark_price, own.entry_price) == (110, 100)


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
    """Positions in unlisted, dated and third-currency contracts, and in those of unknown size, are not scored."""
    found = converted(market)
    assert found.position is None
    assert why in str(found.not_scored_reason)


def test_quanto_contract_is_linear_with_its_multiplier() -> None:
    """A contract that pays a fixed amount of the settlement currency for each unit of price is linear in it."""
    market = perpetual("ETHUSD", "ETH/USD:BTC", contractSize=1.0)
    found = converted(market, contract="linear", contract_size=1e-6, notional=2.2e-4, unrealized_pnl=2e-5)
    assert found.position == Position(side="long", size=2, entry_price=100, mark_price=110, contract_size=1e-6)
    assert found.currencies == Currencies(base="ETH", quote="USD", settle="BTC")


@pytest.mark.parametrize(("profit", "contradicts"), [(0.0002, False), (0.02, True)])
def test_kucoins_quanto_contract_is_linear_and_held_against_its_profit(profit: float, *, contradicts: bool) -> None:
    """20 contracts of 1e-6 bitcoin a dollar gain 0.0002 from 100 to 110; of another size they contradict the venue."""
    market = perpetual("ETHUSDM", "ETH/USD:BTC", contractSize=1e-6)
    raw = {"currentQty": 20, "avgEntryPrice": 100, "markPrice": 110, "marginMode": "CROSS", "unrealisedPnl": profit}
    found = read("kucoin", raw, market)
    assert found.position is not None
    assert (found.position.contract, found.position.contract_size) == ("linear", 1e-6)
    assert (found.contradiction is not None) is contradicts


def test_reading_off_the_scale_is_left_out_and_stated() -> None:
    """The position is scored with the meter unknown, and the assumption says so."""
    found = converted(BTC_USDT, adl_meter=7.0)
    assert found.position is not None
    assert found.position.adl_meter is None
    assert "adl cannot read 7" in found.assumptions[0]


def test_reading_is_not_converted() -> None:
    """The reading is neither reversed nor scaled: the card does that."""
    position = converted(BTC_USDT, venue="gate", adl_meter=1.0).position
    assert position is not None
    assert position.adl_meter == 1


@pytest.mark.parametrize(
    ("side", "price", "shown"),
    [
        ("long", 90.0, 90.0),
        ("long", 120.0, None),
        ("short", 120.0, 120.0),
        ("short", 90.0, None),
        ("short", 0.00001, None),
        ("long", 200.0, None),
        ("long", 0.0, None),
        ("long", -5.0, None),
        ("long", None, None),
    ],
)
def test_liquidation_price_of_the_venue_lies_where_the_position_loses(
    side: str, price: float | None, shown: float | None
) -> None:
    """One beyond the mark is not one that the position could still meet: it is passed, unless too far."""
    found = converted(BTC_USDT, side=side, liquidation_price=price, unrealized_pnl=None)
    assert found.liquidation_price == shown
    assert found.passed_liquidation_price == (price if (side, price) in {("long", 120.0), ("short", 90.0)} else None)


def test_price_that_was_passed_is_none_where_figures_contradict_each_other() -> None:
    """The mark may be the one that is wrong."""
    found = converted(BTC_USDT, side="long", liquidation_price=120.0, unrealized_pnl=1e6)
    assert found.contradiction is not None
    assert found.passed_liquidation_price is None


def test_empty_position_is_none() -> None:
    """A row of size zero, as hedge mode has for the side that is not held, gives no position."""
    assert convert(BTC_USDT, size=0.0) is None


def test_answer_of_another_form_is_not_scored() -> None:
    """What a reader stumbles over is a reason, and neither a traceback nor a lost position."""

    def stumble(_: Row) -> VenuePosition:
        raise KeyError("position")

    reader = Reader(read=stumble)
    found = convert_position(
        Row(raw={}, market=BTC_USDT), name="BTC/USDT:USDT", reader=reader, rules=catalogue()["okx"].rules
    )
    assert found is not None
    assert found.position is None
    assert "another form than its documentation (KeyError)" in str(found.not_scored_reason)


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", None, True, [], 10**400])
def test_non_number_counts_as_missing(text: object) -> None:
    """A value that is no finite number is missing; it is neither 0 nor an error."""
    assert parse_number(text) is None
