"""A reading sends only the requests that its positions need; a stub of ccxt answers as venues do."""

from collections.abc import Callable
from typing import Any

import ccxt
import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account import Account
from adlrisk.positions.account_requests import AccountRequests
from adlrisk.positions.cross_accounts import NOT_REQUESTED
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.reader import AccountEquity
from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.venue_calls import VenueCalls

MARKETS = {
    f"BTC/{settle}:{settle}": {
        "id": f"BTC{settle}",
        "symbol": f"BTC/{settle}:{settle}",
        "base": "BTC",
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
BYBIT_UNIFIED = {"result": {"unifiedMarginStatus": 6, "marginMode": "REGULAR_MARGIN"}}


# A long of 2 from 100, now 110, in the fields of each venue.
RAW: dict[str, dict[str, Any]] = {
    "binance": {
        "positionSide": "BOTH",
        "positionAmt": "2",
        "entryPrice": "100",
        "markPrice": "110",
        "unRealizedProfit": "20",
        "isolatedWallet": "0",
    },
    "binance_coinm": {
        "positionSide": "BOTH",
        "positionAmt": "2",
        "entryPrice": "100",
        "markPrice": "110",
        "marginType": "cross",
    },
    "bitget": {"holdSide": "long", "total": "2", "openPriceAvg": "100", "markPrice": "110", "marginMode": "crossed"},
    "bybit": {"side": "Buy", "size": "2", "avgPrice": "100", "sessionAvgPrice": "100", "markPrice": "110"},
    "deepcoin": {"posSide": "long", "pos": "2", "avgPx": "100", "mgnMode": "cross"},
    "hyperliquid": {
        "position": {
            "coin": "BTC",
            "szi": "2",
            "entryPx": "100",
            "positionValue": "220",
            "leverage": {"type": "cross"},
        }
    },
    "okx": {"posSide": "net", "pos": "2", "avgPx": "100", "markPx": "110", "mgnMode": "cross"},
}


def position_row(venue: str, symbol: str = "BTC/USDT:USDT", **raw: Any) -> dict[str, Any]:
    """A position at ``venue`` as ccxt returns it, with ``raw`` fields of the venue instead of its own."""
    return {"symbol": symbol, "info": {"symbol": MARKETS[symbol]["id"], **RAW[venue], **raw}}


class Stub:
    """A stub of ccxt's exchange: calls return ``answers`` and are recorded."""

    def __init__(self, rows: list[dict[str, Any]], **answers: Any) -> None:
        self.rows, self.answers, self.requests = rows, answers, list[Any]()
        self.failing: Any = ...  # the symbols or parameters of a request that fails
        self.markets: dict[str, Any] = {}
        self.last_json_response: Any = []
        self.walletAddress = "0xabc"

    def load_markets(self, reload: bool = False) -> Any:  # noqa: ARG002, FBT002 (ccxt's)
        self.markets = MARKETS
        return self.markets

    def market(self, symbol: str) -> dict[str, Any]:
        return self.markets[symbol]  # type: ignore[no-any-return]  # see above

    def fetch_positions(self, symbols: list[str] | None, *parameters: Any) -> list[dict[str, Any]]:
        asked = parameters[0] if parameters and parameters[0] else symbols
        self.requests.append(asked)
        if asked == self.failing:
            raise ValueError(asked)
        product = parameters[0].get("productType") if parameters else None
        if product is not None:
            return [row for row in self.rows if f"{MARKETS[row['symbol']]['settle']}-FUTURES" == product]
        if parameters and parameters[0]:
            return []
        return [row for row in self.rows if symbols is None or row["symbol"] in symbols]

    def __getattr__(self, call: str) -> Callable[..., Any]:
        answer = self.answers[call]

        def ask(*arguments: Any) -> Any:
            self.requests.append((call, *arguments))
            return answer(*arguments) if callable(answer) else answer

        return ask


def account_of(venue: str, stub: Stub) -> AccountRequests:
    """One reading of the account."""
    calls = VenueCalls(Credentials({"apiKey": "a-key-for-tests"}))
    return AccountRequests(catalogue()[venue].rules, stub, calls, venue=venue)


def readings(positions: list[OpenPosition]) -> list[float | None]:
    return [None if one.position is None else one.position.adl_meter for one in positions]


def test_bitget_v2_ranks_are_fetched_by_product_and_matched_by_side() -> None:
    """Both sides of a contract and another settlement each have the rank of their own row, never its adlRank."""
    ranks = {
        "USDT-FUTURES": [
            {"symbol": "BTCUSDT", "holdSide": "long", "rank": "0.9", "adlRank": "0.1"},
            {"symbol": "BTCUSDT", "holdSide": "short", "rank": "0.3", "adlRank": "0.7"},
        ],
        "USDC-FUTURES": [{"symbol": "BTCUSDC", "holdSide": "long", "rank": "0.5", "adlRank": "0.5"}],
    }
    short = position_row("bitget", holdSide="short")
    rows = [position_row("bitget"), short, position_row("bitget", "BTC/USDC:USDC")]
    stub = Stub(rows, privateMixGetV2MixPositionAdlRank=lambda asked: {"data": ranks[asked["productType"]]})
    assert readings(account_of("bitget", stub).fetch_open_positions()) == [0.9, 0.3, 0.5]


def test_bitget_v3_ranks_are_fetched_for_v3_positions() -> None:
    """Rows of a unified account have posSide, and the rank is adlRank."""
    row = position_row("bitget", holdSide=None, posSide="long", avgPrice="100")
    ranks = {"data": [{"symbol": "BTCUSDT", "holdSide": "long", "adlRank": "0.9"}]}
    stub = Stub([row], privateUtaGetV3PositionAdlRank=ranks)
    assert readings(account_of("bitget", stub).fetch_open_positions()) == [0.9]
    assert ("privateUtaGetV3PositionAdlRank", {"category": "USDT-FUTURES"}) in stub.requests


def test_reading_in_the_position_needs_no_request() -> None:
    """One answer has position and reading, which are thus of the same time, and no other request is sent."""
    stub = Stub([position_row("okx", adl="2")])
    assert readings(account_of("okx", stub).fetch_open_positions()) == [2]
    assert stub.requests == [None]


@pytest.mark.parametrize(
    ("venue", "answers", "equity"),
    [
        (
            "binance",
            {
                "fapiPrivateGetAdlQuantile": [],
                "fapiPrivateGetLeverageBracket": [],
                "fapiPrivateV3GetAccount": {
                    "assets": [{"asset": "USDT", "crossWalletBalance": "300", "crossUnPnl": "20"}],
                    "positions": [],
                },
                "fapiPrivateGetMultiAssetsMargin": {"multiAssetsMargin": False},
            },
            320,
        ),
        (
            "binance",
            {
                "fapiPrivateGetAdlQuantile": [],
                "fapiPrivateGetLeverageBracket": [],
                "fapiPrivateV3GetAccount": {"totalCrossWalletBalance": "900", "totalCrossUnPnl": "20", "positions": []},
                "fapiPrivateGetMultiAssetsMargin": {"multiAssetsMargin": True},
            },
            920,
        ),
        (
            "bybit",
            {
                "privateGetV5AccountInfo": BYBIT_UNIFIED,
                "privateGetV5AccountWalletBalance": {"result": {"list": [{"totalMarginBalance": "420"}]}},
            },
            420,
        ),
        ("okx", {"privateGetAccountBalance": {"data": [{"adjEq": "620"}]}}, 620),
    ],
)
def test_equity_behind_cross_positions_is_fetched_once(venue: str, answers: dict[str, Any], equity: float) -> None:
    """Two positions are in one account, and need one request for its equity, their PnL of 20 each included."""
    stub = Stub([position_row(venue), position_row(venue)], **answers)
    account = account_of(venue, stub)
    (found,) = account.find_cross_accounts(account.fetch_open_positions())
    assert found.backing is not None
    assert (found.backing.amount, len(found.positions), found.hidden) == (equity, 2, ())
    calls = [asked[0] for asked in stub.requests if isinstance(asked, tuple)]
    assert sorted(calls) == sorted(answers)


def test_coin_margined_equity_is_in_the_coin() -> None:
    """The equity behind a contract in dollars is 3 BTC, as is the wallet balance."""
    asked: dict[str, Any] = {"dapiPrivateGetAdlQuantile": [], "dapiPrivateV2GetLeverageBracket": []}
    coin = {"assets": [{"asset": "BTC", "crossWalletBalance": "2", "crossUnPnl": "1"}], "positions": []}
    stub = Stub([position_row("binance_coinm", "BTC/USD:BTC")], dapiPrivateGetAccount=coin, **asked)
    account = account_of("binance_coinm", stub)
    (found,) = account.find_cross_accounts(account.fetch_open_positions())
    assert (found.name, found.backing) == ("BTC", AccountEquity(amount=3, wallet_balance=2))


def test_isolated_positions_need_no_equity() -> None:
    """They have no account in common, so its equity is not requested."""
    stub = Stub([position_row("okx", mgnMode="isolated", margin="5")])
    account = account_of("okx", stub)
    assert account.find_cross_accounts(account.fetch_open_positions()) == ()
    assert stub.requests == [None]


@pytest.mark.parametrize(
    ("info", "wallet"),
    [
        (None, {}),
        ([], {}),
        ({"result": None}, {}),
        (BYBIT_UNIFIED, None),
        (BYBIT_UNIFIED, []),
        (BYBIT_UNIFIED, {"result": {"list": [None]}}),
    ],
)
def test_failed_extra_request_does_not_stop_scoring(info: object, wallet: object) -> None:
    """The position is there, what backs it is not known, and the failure is listed as a problem."""
    stub = Stub([position_row("bybit")], privateGetV5AccountInfo=info, privateGetV5AccountWalletBalance=wallet)
    account = account_of("bybit", stub)
    (position,) = account.fetch_open_positions()
    accounts = account.find_cross_accounts([position])
    assert position.position is not None
    assert [one.backing for one in accounts] == ([None] if info == BYBIT_UNIFIED else [])
    assert any("could not be read" in problem for problem in account.problems)


def test_builder_contract_is_not_backed_by_the_main_account() -> None:
    """Hyperliquid keeps a margin account for each builder's exchange, whose equity is not that of the main one."""
    held = {"position": {**RAW["hyperliquid"]["position"], "coin": "xyz:TSLA"}}
    answers = {
        "perpDexs": [None, {"name": "xyz"}],
        "clearinghouseState": {"assetPositions": [held], "crossMarginSummary": {"accountValue": "520"}},
        "userAbstraction": "default",
    }
    nothing = {"assetPositions": [], "crossMarginSummary": {"accountValue": "70"}}
    stub = Stub(
        [],
        publicPostInfo=lambda asked: (
            answers[asked["type"]] if "dex" in asked or asked["type"] != "clearinghouseState" else nothing
        ),
    )
    MARKETS["TSLA/USDC:USDC"] = {**MARKETS["BTC/USDC:USDC"], "id": "110001", "baseName": "xyz:TSLA", "base": "TSLA"}
    account = account_of("hyperliquid", stub)
    held_there = account.fetch_open_positions()
    del MARKETS["TSLA/USDC:USDC"]
    assert [one.symbol for one in held_there] == ["xyz:TSLA"]
    (found,) = account.find_cross_accounts(held_there)
    assert (found.name, found.backing, found.hidden) == ("USDC (xyz)", None, (NOT_REQUESTED,))


@pytest.mark.parametrize("status", [3, 4])
def test_classic_inverse_contract_is_not_backed_by_the_unified_account(status: int) -> None:
    """In Bybit's unified 1.0 its margin is elsewhere than the equity that can be read."""
    info = {"result": {"unifiedMarginStatus": status, "marginMode": "REGULAR_MARGIN"}}
    wallet = {"result": {"list": [{"totalMarginBalance": "420"}]}}
    row = position_row("bybit", "BTC/USD:BTC", tradeMode=0)
    stub = Stub([row], privateGetV5AccountInfo=info, privateGetV5AccountWalletBalance=wallet)
    account = account_of("bybit", stub)
    (found,) = account.find_cross_accounts(account.fetch_open_positions())
    assert (found.name, found.backing) == ("BTC (classic)", None)


def test_bybit_positions_of_all_settlements_are_requested() -> None:
    """One account backs them all; where a list cannot be read, the account's sums are unknown, with a problem."""
    wallet = {"result": {"list": [{"totalMarginBalance": "420"}]}}

    def account_without(failing: Any) -> tuple[AccountRequests, Stub]:
        stub = Stub(
            [position_row("bybit")], privateGetV5AccountInfo=BYBIT_UNIFIED, privateGetV5AccountWalletBalance=wallet
        )
        stub.failing = failing
        return account_of("bybit", stub), stub

    account, stub = account_without(...)
    (found,) = account.find_cross_accounts(account.fetch_open_positions())
    assert (found.hidden, account.problems) == ((), [])
    assert stub.requests[:4] == [None, {"settleCoin": "USDC"}, {"subType": "inverse"}, {"type": "option"}]
    account, _ = account_without({"type": "option"})
    (found,) = account.find_cross_accounts(account.fetch_open_positions())
    assert [one.symbol for one in found.hidden] == [None]
    assert "positions of option could not be read" in account.problems[0]


def test_lists_of_bybit_are_as_ccxt_requests_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real ccxt the four lists are of two linear settlements, of inverse contracts and of options."""
    requests = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        requests.append((request.get("category"), request.get("settleCoin")))
        return {"result": {"list": []}}

    exchange = ccxt.bybit({"options": {"defaultType": "swap"}})
    exchange.set_markets([])
    exchange.last_json_response = []
    monkeypatch.setattr(exchange, "load_markets", lambda: None)
    monkeypatch.setattr(exchange, "privateGetV5PositionList", answer, raising=False)
    AccountRequests(catalogue()["bybit"].rules, exchange, VenueCalls(Credentials({}))).fetch_open_positions()
    assert requests == [("linear", "USDT"), ("linear", "USDC"), ("inverse", None), ("option", None)]


def test_two_marks_of_a_contract_are_made_one() -> None:
    """The sides of a hedge may be marked a moment apart; the first that can be read counts for both."""
    rows = [
        position_row("okx", markPx=""),
        position_row("okx"),
        position_row("okx", posSide="short", markPx="110.5"),
        position_row("okx", "BTC/USDC:USDC", markPx="111"),
    ]
    positions = account_of("okx", Stub(rows)).fetch_open_positions()
    marks = [one.position and one.position.mark_price for one in positions]
    assert marks == [None, 110.0, 110.0, 111.0]


def test_mark_that_contradicts_other_figures_is_not_that_of_the_other_side() -> None:
    """A long at ten times the mark contradicts its PnL; the sound short beside it keeps its own mark."""
    rows = [position_row("okx", markPx="1100", upl="20"), position_row("okx", posSide="short", markPx="110.5")]
    long, short = account_of("okx", Stub(rows)).fetch_open_positions()
    assert long.contradiction is not None
    assert short.position is not None
    assert short.position.mark_price == 110.5


def test_other_positions_of_the_account_are_fetched_with_a_symbol() -> None:
    """A cross position is judged with all that share its equity, but only the named ones are asked for."""
    balance = {"data": [{"adjEq": "620"}]}
    stub = Stub([position_row("okx"), position_row("okx", "BTC/USDC:USDC")], privateGetAccountBalance=balance)
    account = account_of("okx", stub)
    held = account.fetch_open_positions(["BTC/USDT:USDT"])
    assert [(one.symbol, one.is_requested) for one in held] == [("BTCUSDT", True), ("BTCUSDC", False)]
    (found,) = account.find_cross_accounts(held)
    assert (len(found.positions), found.hidden) == (2, ())
    assert stub.requests[:2] == [["BTC/USDT:USDT"], None]


def test_failed_request_for_other_positions_leaves_sums_unknown() -> None:
    """The named position is there, and that there may be others is stated."""
    stub = Stub([position_row("okx")], privateGetAccountBalance={"data": [{"adjEq": "620"}]})
    stub.failing = None
    account = account_of("okx", stub)
    (held,) = account.fetch_open_positions(["BTC/USDT:USDT"])
    (found,) = account.find_cross_accounts([held])
    assert [one.symbol for one in found.hidden] == [None]
    assert "other positions could not be read" in account.problems[0]


def test_symbols_are_requested_one_by_one() -> None:
    """Some venues accept one symbol only; a repeated symbol is requested once."""
    marks = {"data": [{"instId": market["id"], "markPx": "110"} for market in MARKETS.values()]}
    rows = [position_row("deepcoin"), position_row("deepcoin", "BTC/USDC:USDC")]
    stub = Stub(rows, publicGetDeepcoinMarketMarkPrice=lambda *_: marks)
    account = account_of("deepcoin", stub)
    positions = account.fetch_open_positions(["BTC/USDT:USDT", "BTC/USDC:USDC", "BTC/USDT:USDT"])
    assert [one.symbol for one in positions] == ["BTCUSDT", "BTCUSDC"]
    assert stub.requests[:2] == [["BTC/USDT:USDT"], ["BTC/USDC:USDC"]]
    assert len(stub.requests) == 3  # and the marks of both
    # What is not requested where no equity is read may share the account nevertheless.
    assert [one.hidden for one in account.find_cross_accounts(positions)] == [(NOT_REQUESTED,)] * 2


def test_partial_coverage_is_reported() -> None:
    """Where contracts settle in more currencies than lists are asked for, those that are asked for are named."""
    assert (
        Account(catalogue()["phemex"].rules, Stub([]), Credentials({})).coverage
        == "contracts settled in USDT, USD and BTC"
    )
    assert Account(catalogue()["gate"].rules, Stub([]), Credentials({})).coverage == "contracts settled in USDT and BTC"
    assert Account(catalogue()["okx"].rules, Stub([]), Credentials({})).coverage is None


@pytest.mark.parametrize(
    ("venue", "asked"),
    [
        ("bitget", [{"productType": f"{kind}-FUTURES"} for kind in ("USDT", "USDC", "COIN")]),
        ("gate", [{"settle": settle, "holding": "true"} for settle in ("usdt", "btc")]),
        ("htx", [{"subType": "linear"}, {"subType": "inverse"}]),
        ("bingx", [{"subType": "linear"}, {"subType": "inverse"}]),
    ],
)
def test_lists_of_all_settlements_are_requested(venue: str, asked: list[dict[str, str]]) -> None:
    """A venue that lists positions by settlement is asked for each, and a list that fails is a problem."""
    stub = Stub([])
    assert account_of(venue, stub).fetch_open_positions() == []
    assert stub.requests == asked
    failing = Stub([])
    failing.failing = asked[-1]
    account = account_of(venue, failing)
    account.fetch_open_positions()
    assert "could not be read" in account.problems[0]


@pytest.mark.parametrize(("count", "warned"), [(199, False), (200, True)])
def test_full_page_is_reported_as_possibly_incomplete(count: int, *, warned: bool) -> None:
    """All positions received are scored, and a problem says that there may be more."""
    account = account_of("okx", Stub([position_row("okx")] * count))
    assert len(account.fetch_open_positions()) == count
    assert bool(account.problems) is warned


def test_empty_positions_are_left_out() -> None:
    """A position of size zero is left out, and no meter is requested for it."""
    assert account_of("okx", Stub([position_row("okx", pos="0")])).fetch_open_positions() == []
