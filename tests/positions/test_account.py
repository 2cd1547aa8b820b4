"""An account is asked for what a position needs, and no more; here a stub of ccxt answers as venues do."""

from collections.abc import Callable
from typing import Any

import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account import Account
from adlrisk.positions.credentials import Credentials
from adlrisk.positions.positions import OpenPosition

MARKETS = {
    f"BTC/{settle}:{settle}": {
        "id": f"BTC{settle}",
        "symbol": f"BTC/{settle}:{settle}",
        "quote": settle,
        "settle": settle,
        "swap": True,
        "linear": True,
        "inverse": False,
        "contractSize": 1.0,
    }
    for settle in ("USDT", "USDC")
}
MARKETS["BTC/USD:BTC"] = {
    **MARKETS["BTC/USDT:USDT"],
    "id": "BTCUSD_PERP",
    "symbol": "BTC/USD:BTC",
    "quote": "USD",
    "settle": "BTC",
    "linear": False,
    "inverse": True,
}


def told(symbol: str = "BTC/USDT:USDT", **given: Any) -> dict[str, Any]:
    """A position as ccxt gives it: 2 bought at 100, now 110."""
    made = {
        "symbol": symbol,
        "side": "long",
        "contracts": 2.0,
        "entryPrice": 100.0,
        "markPrice": 110.0,
        "marginMode": "cross",
        "initialMargin": 22.0,
        "info": {"symbol": MARKETS[symbol]["id"]},
    }
    return {**made, **given}


class Stub:
    """An exchange whose calls give what they are given, and are written down."""

    def __init__(self, rows: list[dict[str, Any]], **answers: Any) -> None:
        self.rows, self.answers, self.asked = rows, answers, list[Any]()
        self.markets: dict[str, Any] = {}
        self.last_json_response: Any = []
        self.walletAddress = "0xabc"

    def load_markets(self) -> None:
        self.markets = MARKETS

    def market(self, symbol: str) -> dict[str, Any]:
        return self.markets[symbol]  # type: ignore[no-any-return]  # see above

    def fetch_positions(self, symbols: list[str] | None) -> list[dict[str, Any]]:
        self.asked.append(symbols)
        return [row for row in self.rows if symbols is None or row["symbol"] in symbols]

    def __getattr__(self, call: str) -> Callable[..., Any]:
        answer = self.answers[call]

        def ask(*arguments: Any) -> Any:
            self.asked.append((call, *arguments))
            return answer(*arguments) if callable(answer) else answer

        return ask


def account_of(venue: str, stub: Stub) -> Account:
    return Account(catalogue()[venue].rules, stub, Credentials({"apiKey": "a-key-for-tests"}))


def readings(found: list[OpenPosition]) -> list[float | None]:
    return [None if one.position is None else one.position.adl_meter for one in found]


def test_bitget_v2_is_asked_by_product_and_matched_by_side() -> None:
    """Both sides of a contract and another settlement: each has the rank of its own row, never its adlRank."""
    ranks = {
        "USDT-FUTURES": [
            {"symbol": "BTCUSDT", "holdSide": "long", "rank": "0.9", "adlRank": "0.1"},
            {"symbol": "BTCUSDT", "holdSide": "short", "rank": "0.3", "adlRank": "0.7"},
        ],
        "USDC-FUTURES": [{"symbol": "BTCUSDC", "holdSide": "long", "rank": "0.5", "adlRank": "0.5"}],
    }
    rows = [told(), told(side="short"), told("BTC/USDC:USDC")]
    stub = Stub(rows, privateMixGetV2MixPositionAdlRank=lambda asked: {"data": ranks[asked["productType"]]})
    assert readings(account_of("bitget", stub).open_positions()) == [0.9, 0.3, 0.5]


def test_bitget_v3_is_asked_where_positions_are_v3s() -> None:
    """A unified account's rows have posSide, and its place is adlRank."""
    row = told(info={"symbol": "BTCUSDT", "posSide": "long"})
    told_rank = {"data": [{"symbol": "BTCUSDT", "holdSide": "long", "adlRank": "0.9"}]}
    stub = Stub([row], privateUtaGetV3PositionAdlRank=told_rank)
    assert readings(account_of("bitget", stub).open_positions()) == [0.9]
    assert ("privateUtaGetV3PositionAdlRank", {"category": "USDT-FUTURES"}) in stub.asked


def test_readings_of_others_come_with_the_position() -> None:
    """One answer holds both, so that they are of the same moment and nothing else is asked."""
    stub = Stub([told(info={"symbol": "BTC_USDT", "adl_ranking": 2})])
    assert readings(account_of("gate", stub).open_positions()) == [2]
    assert stub.asked == [None]


@pytest.mark.parametrize(
    ("venue", "answers", "margin"),
    [
        (
            "binance",
            {
                "fetch_positions_adl_rank": [],
                "fapiPrivateV3GetAccount": {
                    "assets": [{"asset": "USDT", "crossWalletBalance": "300", "crossUnPnl": "20"}],
                    "positions": [],
                },
                "fapiPrivateGetMultiAssetsMargin": {"multiAssetsMargin": False},
            },
            300,
        ),
        (
            "binance",
            {
                "fetch_positions_adl_rank": [],
                "fapiPrivateV3GetAccount": {"totalCrossWalletBalance": "900", "totalCrossUnPnl": "20", "positions": []},
                "fapiPrivateGetMultiAssetsMargin": {"multiAssetsMargin": True},
            },
            900,
        ),
        (
            "bybit",
            {
                "privateGetV5AccountInfo": {"result": {"unifiedMarginStatus": 6, "marginMode": "REGULAR_MARGIN"}},
                "privateGetV5AccountWalletBalance": {"result": {"list": [{"totalMarginBalance": "420"}]}},
            },
            400,
        ),
        ("hyperliquid", {"publicPostInfo": {"crossMarginSummary": {"accountValue": "520"}}}, 500),
        ("okx", {"privateGetAccountBalance": {"data": [{"adjEq": "620"}]}}, 600),
    ],
)
def test_the_equity_behind_cross_positions_is_asked_once(venue: str, answers: dict[str, Any], margin: float) -> None:
    """Two positions, one question; each is backed by the equity without its own PnL of 20."""
    stub = Stub([told(marginMode=None if venue == "bybit" else "cross"), told(side="long")], **answers)
    found = account_of(venue, stub).open_positions()
    assert [one.basis for one in found] == ["account", "account"]
    assert [one.position.margin for one in found if one.position] == [margin, margin]
    calls = [asked[0] for asked in stub.asked if asked]
    assert sorted(calls) == sorted(answers)


def test_coin_margined_equity_is_the_coins() -> None:
    """BTC behind contracts in dollars: 3 without the PnL of 2·(1/100 − 1/110)."""
    coin = {"assets": [{"asset": "BTC", "crossWalletBalance": "3", "crossUnPnl": "0"}], "positions": []}
    stub = Stub([told("BTC/USD:BTC")], fetch_positions_adl_rank=[], dapiPrivateGetAccount=coin)
    (found,) = account_of("binance_coinm", stub).open_positions()
    assert found.position is not None
    assert found.position.margin == pytest.approx(3 - 2 * (1 / 100 - 1 / 110), rel=1e-12)


@pytest.mark.parametrize("answer", [None, [], {"result": None}, {"result": {"list": [None]}}])
def test_what_cannot_be_read_beside_a_position_does_not_stop_it(answer: object) -> None:
    """It is scored on its own share, and what failed is told."""
    account = account_of(
        "bybit", Stub([told()], privateGetV5AccountInfo=answer, privateGetV5AccountWalletBalance=answer)
    )
    (found,) = account.open_positions()
    assert found.basis == "own-share"
    assert any("could not be read" in problem for problem in account.problems)


def test_a_builders_contract_is_not_backed_by_the_main_account() -> None:
    """Hyperliquid keeps its margin apart, so that the equity asked for would be another's."""
    row = told(info={"position": {"coin": "xyz:TSLA"}})
    stub = Stub([row], publicPostInfo={"crossMarginSummary": {"accountValue": "520"}})
    (found,) = account_of("hyperliquid", stub).open_positions()
    assert (found.basis, stub.asked) == ("own-share", [None])


def test_symbols_are_asked_one_by_one() -> None:
    """Some venues take one only; the same contract twice is asked once."""
    stub = Stub([told(), told("BTC/USDC:USDC")])
    found = account_of("gate", stub).open_positions(["BTC/USDT:USDT", "BTC/USDC:USDC", "BTC/USDT:USDT"])
    assert [one.symbol for one in found] == ["BTCUSDT", "BTCUSDC"]
    assert stub.asked == [["BTC/USDT:USDT"], ["BTC/USDC:USDC"]]


@pytest.mark.parametrize("venue", ["bingx", "bitget", "bybit", "gate", "htx", "hyperliquid", "phemex"])
def test_what_is_not_asked_for_is_said(venue: str) -> None:
    """At venues that list positions by settlement, one call covers some only."""
    covered = account_of(venue, Stub([])).asked_for
    assert covered in ("linear contracts", "USDT-settled contracts", "Hyperliquid's own contracts")


@pytest.mark.parametrize(("count", "warned"), [(199, False), (200, True)])
def test_a_full_page_may_not_be_the_last(count: int, *, warned: bool) -> None:
    """All that came are scored, and that there may be more is told."""
    account = account_of("gate", Stub([told()] * count))
    assert len(account.open_positions()) == count
    assert bool(account.problems) is warned


def test_empty_positions_are_left_out() -> None:
    """Without a question about their meters."""
    assert account_of("binance", Stub([told(contracts=0.0)])).open_positions() == []
