"""The account sends only the requests that its positions need; a stub of ccxt answers as venues do."""

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


def position_row(symbol: str = "BTC/USDT:USDT", **given: Any) -> dict[str, Any]:
    """A position in ccxt's form: 2 bought at 100, now 110."""
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
    """A stub of ccxt's exchange: calls return ``answers`` and are recorded."""

    def __init__(self, rows: list[dict[str, Any]], **answers: Any) -> None:
        self.rows, self.answers, self.requests = rows, answers, list[Any]()
        self.markets: dict[str, Any] = {}
        self.last_json_response: Any = []
        self.walletAddress = "0xabc"

    def load_markets(self) -> None:
        self.markets = MARKETS

    def market(self, symbol: str) -> dict[str, Any]:
        return self.markets[symbol]  # type: ignore[no-any-return]  # see above

    def fetch_positions(self, symbols: list[str] | None) -> list[dict[str, Any]]:
        self.requests.append(symbols)
        return [row for row in self.rows if symbols is None or row["symbol"] in symbols]

    def __getattr__(self, call: str) -> Callable[..., Any]:
        answer = self.answers[call]

        def ask(*arguments: Any) -> Any:
            self.requests.append((call, *arguments))
            return answer(*arguments) if callable(answer) else answer

        return ask


def account_of(venue: str, stub: Stub) -> Account:
    return Account(catalogue()[venue].rules, stub, Credentials({"apiKey": "a-key-for-tests"}))


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
    rows = [position_row(), position_row(side="short"), position_row("BTC/USDC:USDC")]
    stub = Stub(rows, privateMixGetV2MixPositionAdlRank=lambda asked: {"data": ranks[asked["productType"]]})
    assert readings(account_of("bitget", stub).fetch_open_positions()) == [0.9, 0.3, 0.5]


def test_bitget_v3_ranks_are_fetched_for_v3_positions() -> None:
    """Rows of a unified account have posSide, and the rank is adlRank."""
    row = position_row(info={"symbol": "BTCUSDT", "posSide": "long"})
    ranks = {"data": [{"symbol": "BTCUSDT", "holdSide": "long", "adlRank": "0.9"}]}
    stub = Stub([row], privateUtaGetV3PositionAdlRank=ranks)
    assert readings(account_of("bitget", stub).fetch_open_positions()) == [0.9]
    assert ("privateUtaGetV3PositionAdlRank", {"category": "USDT-FUTURES"}) in stub.requests


def test_reading_in_the_position_needs_no_request() -> None:
    """One answer has position and reading, which are thus of the same time, and no other request is sent."""
    stub = Stub([position_row(info={"symbol": "BTC_USDT", "adl_ranking": 2})])
    assert readings(account_of("gate", stub).fetch_open_positions()) == [2]
    assert stub.requests == [None]


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
def test_equity_behind_cross_positions_is_fetched_once(venue: str, answers: dict[str, Any], margin: float) -> None:
    """Two positions need one request; the margin of each is the equity without its own PnL of 20."""
    stub = Stub([position_row(marginMode=None if venue == "bybit" else "cross"), position_row(side="long")], **answers)
    positions = account_of(venue, stub).fetch_open_positions()
    assert [one.margin_basis for one in positions] == ["account", "account"]
    assert [one.position.margin for one in positions if one.position] == [margin, margin]
    calls = [asked[0] for asked in stub.requests if asked]
    assert sorted(calls) == sorted(answers)


def test_coin_margined_equity_is_in_the_coin() -> None:
    """The margin of a contract in dollars is in BTC: 3 without the PnL of 2·(1/100 − 1/110)."""
    coin = {"assets": [{"asset": "BTC", "crossWalletBalance": "3", "crossUnPnl": "0"}], "positions": []}
    stub = Stub([position_row("BTC/USD:BTC")], fetch_positions_adl_rank=[], dapiPrivateGetAccount=coin)
    (positions,) = account_of("binance_coinm", stub).fetch_open_positions()
    assert positions.position is not None
    assert positions.position.margin == pytest.approx(3 - 2 * (1 / 100 - 1 / 110), rel=1e-12)


@pytest.mark.parametrize("answer", [None, [], {"result": None}, {"result": {"list": [None]}}])
def test_failed_extra_request_does_not_stop_scoring(answer: object) -> None:
    """The position is scored on its own share, and the failure is listed as a problem."""
    account = account_of(
        "bybit", Stub([position_row()], privateGetV5AccountInfo=answer, privateGetV5AccountWalletBalance=answer)
    )
    (positions,) = account.fetch_open_positions()
    assert positions.margin_basis == "own-share"
    assert any("could not be read" in problem for problem in account.problems)


def test_builder_contract_is_not_backed_by_the_main_account() -> None:
    """Hyperliquid keeps a separate margin account for it, so the main account's equity is not requested."""
    row = position_row(info={"position": {"coin": "xyz:TSLA"}})
    stub = Stub([row], publicPostInfo={"crossMarginSummary": {"accountValue": "520"}})
    (positions,) = account_of("hyperliquid", stub).fetch_open_positions()
    assert (positions.margin_basis, stub.requests) == ("own-share", [None])


def test_symbols_are_requested_one_by_one() -> None:
    """Some venues accept one symbol only; a repeated symbol is requested once."""
    stub = Stub([position_row(), position_row("BTC/USDC:USDC")])
    positions = account_of("gate", stub).fetch_open_positions(["BTC/USDT:USDT", "BTC/USDC:USDC", "BTC/USDT:USDT"])
    assert [one.symbol for one in positions] == ["BTCUSDT", "BTCUSDC"]
    assert stub.requests == [["BTC/USDT:USDT"], ["BTC/USDC:USDC"]]


@pytest.mark.parametrize("venue", ["bingx", "bitget", "bybit", "gate", "htx", "hyperliquid", "phemex"])
def test_partial_coverage_is_reported(venue: str) -> None:
    """At venues that list positions by settlement, one request covers only some."""
    coverage = account_of(venue, Stub([])).coverage
    assert coverage in ("linear contracts", "USDT-settled contracts", "Hyperliquid's own contracts")


@pytest.mark.parametrize(("count", "warned"), [(199, False), (200, True)])
def test_full_page_is_reported_as_possibly_incomplete(count: int, *, warned: bool) -> None:
    """All positions received are scored, and a problem says that there may be more."""
    account = account_of("gate", Stub([position_row()] * count))
    assert len(account.fetch_open_positions()) == count
    assert bool(account.problems) is warned


def test_empty_positions_are_left_out() -> None:
    """A position of size zero is left out, and no meter is requested for it."""
    assert account_of("binance", Stub([position_row(contracts=0.0)])).fetch_open_positions() == []
