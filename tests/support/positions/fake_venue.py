"""Fake venues whose account changes between readings: positions, forced fills and open orders, as documented.

``reads`` opens the account with the real ccxt. How a venue fails is ``FakeAccount.failing``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from adlrisk.library import catalogue
from adlrisk.positions.account import Account, open_account
from support.positions.fake_account import (
    BINANCE,
    KEY,
    OKX,
    PASSPHRASE,
    SECRET,
    Accepts,
    FakeAccount,
    binance_accepts,
    bybit_accepts,
    hedged,
    okx_accepts,
)
from support.positions.pointed import pointed_at
from support.positions.samples.bybit import answer as bybit_answer
from support.positions.samples.bybit import row as bybit_row

KEYS: Final = {"ADLRISK_VENUE_KEY": KEY, "ADLRISK_VENUE_SECRET": SECRET, "ADLRISK_VENUE_PASSWORD": PASSPHRASE}
MIDNIGHT: Final = 1_764_288_000.0  # 2025-11-28, by the venue's clock


class FakeVenue(FakeAccount):
    """A venue with one contract, and an account of the user's."""

    venue: str
    symbol: str

    def __init__(self, answers: dict[str, Any], accepts: Accepts) -> None:
        super().__init__(answers, accepts)
        self.date = MIDNIGHT
        self.positions: list[dict[str, Any]] = []
        self.forced: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []

    def hold(self, side: str, size: float, *, mark: float = 1800.0) -> None:
        """Let a position of ``side`` be all that is held; nothing where the size is 0. Entered at 2,000."""
        raise NotImplementedError

    def force(self, kind: str, side: str, size: float, *, id_: str = "1", at: float | None = None) -> None:
        """Let an ADL or a liquidation close ``size`` of the position of ``side``, now by the venue's clock."""
        raise NotImplementedError

    def order(self, side: str, size: float, *, id_: str, reduce_only: bool = True) -> None:
        """Let an order be open, at 1,500."""
        raise NotImplementedError

    def _time(self, at: float | None) -> str:
        return str(int((at if at is not None else self.date or 0.0) * 1000))


class BinanceVenue(FakeVenue):
    """USDⓈ-M futures, hedge mode, isolated margin of 1,000."""

    venue, symbol = "binance", "ETHUSDT"

    def __init__(self) -> None:
        super().__init__(
            {
                **BINANCE,
                "/fapi/v3/positionRisk": lambda _: self.positions,
                "/fapi/v1/forceOrders": lambda asked: [
                    row for row in self.forced if row["updateTime"] >= int(asked["startTime"])
                ],
                "/fapi/v1/openOrders": lambda _: self.orders,
                "/fapi/v1/openAlgoOrders": [],
            },
            binance_accepts,
        )

    def hold(self, side: str, size: float, *, mark: float = 1800.0) -> None:
        """A position as the venue lists it."""
        signed = size if side == "long" else -size
        pnl = signed * (mark - 2000.0)
        row = hedged(side.upper(), f"{signed:g}", entry="2000", wallet="1000", maintenance="90", pnl=f"{pnl:g}")
        row |= {"markPrice": f"{mark:g}", "notional": f"{signed * mark:g}"}
        self.positions = [row] if size else []

    def force(self, kind: str, side: str, size: float, *, id_: str = "1", at: float | None = None) -> None:
        """A forced order, filled."""
        self.forced.append(
            {
                "orderId": int(id_),
                "symbol": self.symbol,
                "status": "FILLED",
                "clientOrderId": "adl_autoclose" if kind == "adl" else f"autoclose-{id_}",
                "price": "1790",
                "avgPrice": "1800.5",
                "origQty": f"{size:g}",
                "executedQty": f"{size:g}",
                "type": "LIMIT",
                "reduceOnly": False,
                "closePosition": False,
                "side": "SELL" if side == "long" else "BUY",
                "positionSide": side.upper(),
                "time": int(self._time(at)) - 40,
                "updateTime": int(self._time(at)),
            }
        )

    def order(self, side: str, size: float, *, id_: str, reduce_only: bool = True) -> None:
        """In hedge mode orders have no flag: one that reduces trades against the side of its position."""
        closed = {"SELL": "LONG", "BUY": "SHORT"}[side.upper()]
        opened = {"SELL": "SHORT", "BUY": "LONG"}[side.upper()]
        self.orders.append(
            {
                "orderId": int(id_),
                "symbol": self.symbol,
                "status": "NEW",
                "clientOrderId": f"mine-{id_}",
                "price": "1500",
                "avgPrice": "0",
                "origQty": f"{size:g}",
                "executedQty": "0",
                "cumQuote": "0",
                "timeInForce": "GTC",
                "type": "LIMIT",
                "reduceOnly": False,
                "closePosition": False,
                "side": side.upper(),
                "positionSide": closed if reduce_only else opened,
                "stopPrice": "0",
                "origType": "LIMIT",
                "time": int(self._time(None)),
                "updateTime": int(self._time(None)),
            }
        )


class OkxVenue(FakeVenue):
    """Swaps of 0.01 BTC in a cross account worth 30,000 USDT, net mode."""

    venue, symbol = "okx", "BTC-USDT-SWAP"

    def __init__(self) -> None:
        super().__init__(
            {
                **OKX,
                "/api/v5/account/positions": lambda _: {"code": "0", "data": self.positions},
                "/api/v5/trade/orders-history": self._list_forced,
                "/api/v5/trade/orders-pending": lambda _: {"code": "0", "data": self.orders},
                "/api/v5/trade/orders-algo-pending": {"code": "0", "data": []},
            },
            okx_accepts,
        )

    def _list_forced(self, asked: dict[str, str]) -> dict[str, Any]:
        rows = [
            row
            for row in self.forced
            if row["category"] == asked["category"] and int(row["uTime"]) >= int(asked["begin"])
        ]
        return {"code": "0", "data": rows}

    def hold(self, side: str, size: float, *, mark: float = 1800.0) -> None:
        """A position as the venue lists it."""
        (row,) = OKX["/api/v5/account/positions"]["data"]
        signed = size if side == "long" else -size
        figures = {
            "pos": f"{signed:g}",
            "avgPx": "2000",
            "markPx": f"{mark:g}",
            "upl": f"{signed * 0.01 * (mark - 2000.0):g}",
            "notionalUsd": f"{size * 0.01 * mark:g}",
            "mmr": f"{size * 0.01 * mark * 0.004:g}",
        }
        self.positions = [{**row, **figures}] if size else []

    def force(self, kind: str, side: str, size: float, *, id_: str = "1", at: float | None = None) -> None:
        """A forced order, filled."""
        self.forced.append(
            {
                "instType": "SWAP",
                "instId": self.symbol,
                "ordId": id_,
                "ordType": "market",
                "category": "adl" if kind == "adl" else "full_liquidation",
                "state": "filled",
                "side": "sell" if side == "long" else "buy",
                "posSide": "net",
                "sz": f"{size:g}",
                "accFillSz": f"{size:g}",
                "avgPx": "1800.5",
                "fillTime": self._time(at),
                "uTime": self._time(at),
                "cTime": self._time(at),
            }
        )

    def order(self, side: str, size: float, *, id_: str, reduce_only: bool = True) -> None:
        """An order that may say that it only reduces."""
        self.orders.append(
            {
                "instType": "SWAP",
                "instId": self.symbol,
                "ordId": id_,
                "clOrdId": "",
                "ordType": "limit",
                "category": "normal",
                "state": "live",
                "side": side,
                "posSide": "net",
                "sz": f"{size:g}",
                "accFillSz": "0",
                "px": "1500",
                "reduceOnly": str(reduce_only).lower(),
                "cTime": self._time(None),
                "uTime": self._time(None),
            }
        )


class BybitVenue(FakeVenue):
    """Linear contracts in a unified account worth 5,000 dollars, one-way mode, cross margin."""

    venue, symbol = "bybit", "ETHUSDT"

    def __init__(self) -> None:
        account = {"unifiedMarginStatus": 6, "marginMode": "REGULAR_MARGIN"}
        wallet = {"totalMarginBalance": "5000", "totalPerpUPL": "0", "totalMaintenanceMargin": "50"}
        super().__init__(
            {
                "/v5/market/instruments-info": self._list_contracts,
                "/v5/account/info": bybit_answer(account),
                "/v5/account/wallet-balance": bybit_answer({"list": [wallet]}),
                "/v5/position/list": self._list_positions,
                "/v5/execution/list": self._list_executions,
                "/v5/order/realtime": lambda _: bybit_answer({"list": self.orders}),
            },
            bybit_accepts,
        )
        self.page = 100  # executions in a page

    @staticmethod
    def _list_contracts(asked: dict[str, str]) -> dict[str, Any]:
        eth = {
            "symbol": "ETHUSDT",
            "contractType": "LinearPerpetual",
            "status": "Trading",
            "baseCoin": "ETH",
            "quoteCoin": "USDT",
            "settleCoin": "USDT",
            "priceFilter": {"minPrice": "0.01", "maxPrice": "199999", "tickSize": "0.01"},
            "lotSizeFilter": {"minOrderQty": "0.01", "maxOrderQty": "1000", "qtyStep": "0.01"},
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
        }
        category = asked.get("category")
        return bybit_answer({"category": category, "list": [eth] if category == "linear" else []})

    def _list_positions(self, asked: dict[str, str]) -> dict[str, Any]:
        is_asked = asked.get("category") == "linear" and asked.get("settleCoin") == "USDT"
        return bybit_answer({"list": self.positions if is_asked else []})

    def _list_executions(self, asked: dict[str, str]) -> dict[str, Any]:
        rows = [
            row
            for row in (self.forced if asked["category"] == "linear" else [])
            if int(row["execTime"]) >= int(asked["startTime"]) and asked.get("execType") in (None, row["execType"])
        ]
        first = int(asked.get("cursor", "0"))
        more = first + self.page < len(rows)
        page = {"list": rows[first : first + self.page], "nextPageCursor": str(first + self.page) if more else ""}
        return bybit_answer(page)

    def hold(self, side: str, size: float, *, mark: float = 1800.0) -> None:
        """A position as the venue lists it."""
        signed = size if side == "long" else -size
        row = bybit_row(
            self.symbol,
            "Buy" if side == "long" else "Sell",
            f"{size:g}",
            avgPrice="2000",
            markPrice=f"{mark:g}",
            positionValue=f"{size * mark:g}",
            unrealisedPnl=f"{signed * (mark - 2000.0):g}",
            positionMM="50",
            liqPrice="2100" if side == "short" else "1500",
        )
        self.positions = [row] if size else []

    def force(self, kind: str, side: str, size: float, *, id_: str = "1", at: float | None = None) -> None:
        """An execution."""
        self.execute("AdlTrade" if kind == "adl" else "BustTrade", side, size, id_=id_, at=at)

    def execute(
        self, exec_type: str, side: str, size: float, *, id_: str, at: float | None = None, **more: str
    ) -> None:
        """An execution of any type that closes of the position of ``side``."""
        self.forced.append(
            {
                "symbol": self.symbol,
                "orderId": f"order-{id_}",
                "execId": f"{id_}-{len(self.forced)}",
                "side": "Sell" if side == "long" else "Buy",
                "execType": exec_type,
                "execQty": f"{size:g}",
                "execPrice": "1800.5",
                "execTime": self._time(at),
                **more,
            }
        )

    def order(self, side: str, size: float, *, id_: str, reduce_only: bool = True) -> None:
        """An order that may say that it only reduces."""
        self.orders.append(
            {
                "symbol": self.symbol,
                "orderId": id_,
                "orderLinkId": "",
                "orderStatus": "New",
                "orderType": "Limit",
                "side": side.capitalize(),
                "positionIdx": 0,
                "price": "1500",
                "qty": f"{size:g}",
                "leavesQty": f"{size:g}",
                "cumExecQty": "0",
                "cumExecValue": "0",
                "reduceOnly": reduce_only,
                "timeInForce": "GTC",
                "createdTime": self._time(None),
                "updatedTime": self._time(None),
            }
        )


Kind = Callable[[], FakeVenue]
VENUES: Final[tuple[Kind, ...]] = (BinanceVenue, OkxVenue, BybitVenue)


@contextmanager
def reads(venue: FakeVenue) -> Iterator[Account]:
    """The account at ``venue``, opened with the real ccxt, without rate limit."""
    with venue, pointed_at(venue.url):
        account = open_account(catalogue()[venue.venue].rules, environ=KEYS)
        try:
            yield account
        finally:
            account.close()
