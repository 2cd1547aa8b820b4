"""Answers as the venues document them, read by the real ccxt into positions. Expectations are calculated by hand."""

from typing import Any

import msgspec
import pytest

from adlrisk.domain.position.position import Position
from adlrisk.library import catalogue
from adlrisk.positions.account_requests import AccountRequests
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.venue_calls import VenueCalls
from positions.test_conversion import perpetual
from support.positions.answered import answered

Markets = list[dict[str, Any]]


def read(venue: str, markets: Markets, answers: dict[str, Any]) -> tuple[list[OpenPosition], AccountRequests, Any]:
    """The open positions at ``venue``, an id or an alias; the account and ccxt's exchange."""
    card = catalogue()[venue].rules
    exchange = answered(venue if venue in card.ccxt else card.ccxt[0], markets, answers)
    account = AccountRequests(card, exchange, VenueCalls(Credentials({})), venue=venue)
    return account.fetch_open_positions(), account, exchange


def positions_of(held: list[OpenPosition]) -> list[Position | None]:
    return [one.position for one in held]


BLOFIN = {
    "instType": "SWAP",
    "instId": "LTC-USDT",
    "marginMode": "cross",
    "positionId": "644159",
    "positionSide": "net",
    "positions": "1",
    "averagePrice": "68.16",
    "unrealizedPnl": "0.8",
    "leverage": "3",
    "liquidationPrice": "10.1",
    "markPrice": "68.96",
    "initialMargin": "22.99",
    "marginRatio": "152.5",
    "maintenanceMargin": "0.3448",
    "adl": "4",
    "createTime": "1707235776528",
    "updateTime": "1707235776528",
}


def test_blofin_is_read_with_its_margin() -> None:
    """A negative net size is a short; an isolated position has its own margin, a cross one only a rate of its value."""
    isolated = {
        **BLOFIN,
        "marginMode": "isolated",
        "positions": "-2",
        "averagePrice": "70",
        "unrealizedPnl": "2.08",
        "margin": "30",
        "maintenanceMargin": "0.7",
        "adl": "1",
    }
    held, account, _ = read(
        "blofin",
        [perpetual("LTC-USDT", "LTC/USDT:USDT")],
        {"/account/positions": {"code": "0", "data": [BLOFIN, isolated]}},
    )
    assert positions_of(held) == [
        Position(
            side="long",
            size=1,
            entry_price=68.16,
            mark_price=68.96,
            maintenance_margin_rate=pytest.approx(0.005),  # type: ignore[arg-type]
        ),
        Position(side="short", size=2, entry_price=70, mark_price=68.96, margin=30, maintenance_margin=0.7),
    ]
    assert [one.margin_mode for one in held] == ["cross", "isolated"]
    (cross,) = account.find_cross_accounts(held)
    assert cross.backing is None


def test_blofin_isolated_margin_is_not_its_initial_margin() -> None:
    """Where the answer has no margin of it, that is unknown, though ccxt takes the initial margin."""
    ((one,), _, _) = read(
        "blofin",
        [perpetual("LTC-USDT", "LTC/USDT:USDT")],
        {"/account/positions": {"code": "0", "data": [{**BLOFIN, "marginMode": "isolated", "margin": ""}]}},
    )
    assert one.position is not None
    assert one.position.margin is None
    assert "no margin of it" in one.assumptions[0]


WHITEBIT = {
    "positionId": 479975679,
    "market": "BTC_PERP",
    "openDate": 1741941025.309887,
    "modifyDate": 1741941025.309887,
    "amount": "0.5",
    "basePrice": "80000",
    "liquidationPrice": "70177.2",
    "pnl": "1000",
    "pnlPercent": "2.50",
    "margin": "4100",
    "freeMargin": "9.9",
    "funding": "0",
    "unrealizedFunding": "0",
    "liquidationState": None,
    "tpsl": None,
}
BTC_PERP = perpetual("BTC_PERP", "BTC/USDT:USDT")


def whitebit_answers(rows: list[dict[str, Any]], **grades: int | None) -> dict[str, Any]:
    return {
        "/positions/open": rows,
        "/public/futures": {"success": True, "result": [{"ticker_id": "BTC_PERP", "mark_price": "82000"}]},
        "/adl-quantile": [{"market": "BTC_PERP", **grades}],
    }


def test_failed_requests_for_marks_and_readings_leave_them_unknown() -> None:
    """The position is listed as not scored for want of a mark price, and the failures are problems."""
    answers = {**whitebit_answers([WHITEBIT]), "/public/futures": {"result": None}, "/adl-quantile": {"message": "no"}}
    held, account, _ = read("whitebit", [BTC_PERP], answers)
    assert positions_of(held) == [None]
    assert [problem.partition(" could not")[0] for problem in account.problems] == [
        "the mark prices",
        "the ADL readings",
    ]


BACKPACK = {
    "breakEvenPrice": "3831.36",
    "cumulativeFundingPayment": "-0.009218",
    "entryPrice": "3826.8889",
    "estLiquidationPrice": "0",
    "imf": "0.02",
    "markPrice": "3787.46813304",
    "mmf": "0.0125",
    "netCost": "13.7768",
    "netExposureNotional": "13.634885278944",
    "netExposureQuantity": "0.0036",
    "netQuantity": "0.0036",
    "pnlRealized": "0",
    "pnlUnrealized": "-0.141914",
    "positionId": "4238420454",
    "symbol": "ETH_USDC_PERP",
}


PACIFICA = {
    "symbol": "AAVE",
    "side": "ask",
    "amount": "223.72",
    "entry_price": "279.283134",
    "margin": "0",
    "funding": "13.159593",
    "isolated": False,
    "created_at": 1754928414996,
    "updated_at": 1759223365538,
}


def test_extended_is_read_with_the_key_alone() -> None:
    """Orders are signed with another key, which reading does not need; the field adl is of no known scale."""
    row = {
        "id": 1,
        "accountId": 1,
        "market": "BTC-USD",
        "side": "SHORT",
        "leverage": "10",
        "size": "0.1",
        "value": "4000",
        "openPrice": "41000",
        "markPrice": "40000",
        "liquidationPrice": "42200",
        "margin": "400",
        "unrealisedPnl": "100",
        "realisedPnl": "1.2",
        "adl": "2.5",
        "createdAt": 1701563440000,
        "updatedAt": 1701563440000,
    }
    held, _, exchange = read(
        "extended", [perpetual("BTC-USD", "BTC/USD:USD")], {"/user/positions": {"status": "OK", "data": [row]}}
    )
    assert positions_of(held) == [Position(side="short", size=0.1, entry_price=41000, mark_price=40000)]
    assert [headers for _, _, headers in exchange.asked] == [{"X-Api-Key": exchange.apiKey}]


DELTA = {
    "product_symbol": "BTCUSDT",
    "size": 1,
    "entry_price": "94948.1",
    "margin": "6.32987333",
    "margin_mode": "isolated",
    "mark_price": "94942.90888022",
    "bankruptcy_price": "88618.22667",
    "liquidation_price": "89092.97",
    "unrealized_pnl": "-0.00519112",
    "adl_level": None,
}


def test_delta_is_read_with_the_mark_and_the_sign_of_its_own_row() -> None:
    """The venue's sample: its margin is that to the bankruptcy price. A short has a negative size."""
    short = {**DELTA, "size": -3, "unrealized_pnl": "0.01557336"}
    held, _, _ = read(
        "delta",
        [perpetual("BTCUSDT", "BTC/USDT:USDT", contract_size=0.001)],
        {"/positions/margined": {"success": True, "result": [DELTA, short]}},
    )
    common = {"contract_size": 0.001, "entry_price": 94948.1, "mark_price": 94942.90888022, "margin": 6.32987333}
    assert positions_of(held) == [
        msgspec.convert({"side": "long", "size": 1, **common}, Position),
        msgspec.convert({"side": "short", "size": 3, **common}, Position),
    ]


def test_contract_that_settles_in_a_third_currency_is_not_scored() -> None:
    """At Delta ccxt calls inverse all that is not linear; a quanto contract is neither."""
    quanto = perpetual("BTCUSDT", "BTC/USDT:ETH", linear=False, inverse=True)
    ((one,), _, _) = read("delta", [quanto], {"/positions/margined": {"success": True, "result": [DELTA]}})
    assert one.position is None
    assert "settles neither" in str(one.not_scored_reason)


def test_toobit_is_read_without_what_backs_it() -> None:
    """The venue's sample has no margin mode, so its margin is not known to be its own."""
    row = {
        "symbol": "DOGE-SWAP-USDT",
        "side": "LONG",
        "avgPrice": "0.21191",
        "position": "63",
        "available": "63",
        "leverage": "25",
        "lastPrice": "0.20932",
        "positionValue": "13.3503",
        "margin": "0.5262",
        "unrealizedPnL": "-0.1701",
        "profitRate": "-0.3185",
        "markPrice": "0.20921",
    }
    held, _, _ = read("toobit", [perpetual("DOGE-SWAP-USDT", "DOGE/USDT:USDT")], {"/futures/positions": [row]})
    assert positions_of(held) == [Position(side="long", size=63, entry_price=0.21191, mark_price=0.20921)]
    assert "margin mode is not known" in held[0].assumptions[0]


DEEPCOIN = {
    "instType": "SWAP",
    "mgnMode": "cross",
    "instId": "DOGE-USDT-SWAP",
    "posId": "1001110099878275",
    "posSide": "long",
    "pos": "20",
    "avgPx": "0.18408",
    "lever": "75",
    "liqPx": "0.00001",
    "useMargin": "0.049088",
    "mrgPosition": "merge",
    "ccy": "USDT",
    "uTime": "1760709419000",
    "cTime": "1760709419000",
}


def test_deepcoin_is_read_by_its_own_name_with_the_mark_of_its_list() -> None:
    """The card is that of the BitMEX family; the sample's margin is 20 · 0.18408 / 75."""
    isolated = {**DEEPCOIN, "mgnMode": "isolated", "posSide": "short"}
    held, _, _ = read(
        "deepcoin",
        [perpetual("DOGE-USDT-SWAP", "DOGE/USDT:USDT")],
        {
            "/account/positions": {"code": "0", "data": [DEEPCOIN, isolated]},
            "/market/mark-price": {"code": "0", "data": [{"instId": "DOGE-USDT-SWAP", "markPx": "0.19"}]},
        },
    )
    assert positions_of(held) == [
        Position(side="long", size=20, entry_price=0.18408, mark_price=0.19),
        Position(side="short", size=20, entry_price=0.18408, mark_price=0.19, margin=0.049088),
    ]


POLONIEX = {
    "symbol": "BTC_USDT_PERP",
    "posSide": "LONG",
    "side": "BUY",
    "mgnMode": "CROSS",
    "openAvgPx": "94193.42",
    "qty": "1",
    "lever": "20",
    "adl": "0.3007",
    "liqPx": "84918.2",
    "im": "4.7047795",
    "mm": "0.56457354",
    "upl": "-0.09783",
    "markPx": "94095.59",
    "mgnRatio": "0.0582",
    "cTime": "1740950344401",
    "mgn": "4.7047795",
}


@pytest.mark.parametrize(
    ("change", "side"),
    [
        ({}, "long"),
        ({"posSide": "BOTH"}, "long"),
        ({"posSide": "BOTH", "side": "SELL", "upl": "0.09783"}, "short"),
        ({"posSide": "BOTH", "side": None}, None),
    ],
)
def test_poloniex_side_in_one_way_mode_is_that_of_the_order(change: dict[str, Any], side: str | None) -> None:
    """The venue's sample, and the same in one-way mode, where the position's side is BOTH."""
    ((one,), _, _) = read(
        "poloniex",
        [perpetual("BTC_USDT_PERP", "BTC/USDT:USDT", contract_size=0.001)],
        {"/trade/position/opens": {"code": 200, "data": [{**POLONIEX, **change}]}},
    )
    assert one.side == side
    if side is None:
        assert "long or short" in str(one.not_scored_reason)
        return
    assert one.position is not None
    assert one.position.side == side
    assert one.position.adl_meter is None
    assert one.position.maintenance_margin_rate == pytest.approx(0.006)


@pytest.mark.parametrize(("change", "expected"), [({"mgn": "5"}, 5), ({"mgn": "", "im": None}, None)])
def test_poloniex_isolated_position_has_its_own_margin(change: dict[str, Any], expected: float | None) -> None:
    """It is the venue's field, and none that ccxt calculates from the liquidation price where that is empty."""
    ((one,), _, _) = read(
        "poloniex",
        [perpetual("BTC_USDT_PERP", "BTC/USDT:USDT", contract_size=0.001)],
        {"/trade/position/opens": {"code": 200, "data": [{**POLONIEX, "mgnMode": "ISOLATED", **change}]}},
    )
    assert one.position is not None
    assert (one.position.margin, one.position.maintenance_margin, one.margin_mode) == (expected, 0.56457354, "isolated")


def test_kraken_position_has_the_mark_of_the_ticker_and_its_place_in_the_unwind_queue() -> None:
    """Names of contracts are in either case; a contract that the queue does not list has no reading."""
    rows = [
        {
            "side": "short",
            "symbol": "PF_XBTUSD",
            "price": 50000,
            "size": 0.1,
            "unrealizedPnl": 100,
            "pnlCurrency": "USD",
        },
        {"side": "long", "symbol": "PF_ETHUSD", "price": 2000, "size": 3, "maxFixedLeverage": 5.0},
    ]
    tickers = [{"symbol": "PF_XBTUSD", "markPrice": 49000.0}, {"symbol": "pf_ethusd", "markPrice": 2100.0}]
    held, _, _ = read(
        "kraken",
        [perpetual("PF_XBTUSD", "BTC/USD:USD"), perpetual("PF_ETHUSD", "ETH/USD:USD")],
        {
            "/openpositions": {"result": "success", "openPositions": rows},
            "/tickers": {"result": "success", "tickers": tickers},
            "/unwindqueue": {"result": "success", "queue": [{"symbol": "PF_XBTUSD", "percentile": 100}]},
        },
    )
    assert positions_of(held) == [
        Position(side="short", size=0.1, entry_price=50000, mark_price=49000, adl_meter=100),
        Position(side="long", size=3, entry_price=2000, mark_price=2100),
    ]
    assert [one.margin_mode for one in held] == ["cross", "isolated"]


DERIBIT = {
    "instrument_name": "BTC_USDC-PERPETUAL",
    "kind": "future",
    "direction": "buy",
    "size": 300.0,
    "size_currency": 0.003,
    "average_price": 98000.0,
    "mark_price": 100000.0,
    "floating_profit_loss": 1.0,
    "total_profit_loss": 6.0,
    "initial_margin": 15.0,
    "maintenance_margin": 6.0,
    "leverage": 20,
}
DERIBIT_INVERSE = {
    **DERIBIT,
    "instrument_name": "ETH-PERPETUAL",
    "direction": "sell",
    "size": -120.0,
    "size_currency": -0.0459,
    "average_price": 2700.0,
    "mark_price": 2614.379,
    "floating_profit_loss": -0.0002,
    "total_profit_loss": 0.001455,  # 120 · (1/2614.379 − 1/2700)
}


@pytest.mark.parametrize(
    ("venue", "expected", "other"),
    [
        (
            "deribit",
            Position(
                side="long",
                size=30,
                contract_size=0.0001,
                entry_price=98000,
                mark_price=100000,
                maintenance_margin_rate=0.02,
            ),
            "deribit_inverse",
        ),
        (
            "deribit_inverse",
            Position(side="short", size=120, contract="inverse", entry_price=2700, mark_price=2614.379),
            "deribit",
        ),
    ],
)
def test_each_card_of_deribit_reads_its_own_contracts(venue: str, expected: Position, other: str) -> None:
    """One list has both kinds: sizes are money, amounts are apart, and what is left out is said."""
    markets = [
        perpetual("BTC_USDC-PERPETUAL", "BTC/USDC:USDC", contract_size=0.0001),
        perpetual("ETH-PERPETUAL", "ETH/USD:ETH", contract_size=1.0),
    ]
    answers = {"/private/get_positions": {"jsonrpc": "2.0", "result": [DERIBIT, DERIBIT_INVERSE]}}
    held, account, _ = read(venue, markets, answers)
    assert positions_of(held) == [expected]
    assert account.problems == [f"1 of the positions are of the venue {other}, and were left out"]
