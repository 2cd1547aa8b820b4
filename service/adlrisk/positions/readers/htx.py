"""Reader of HTX: USDT-margined futures (API v5) and coin-margined swaps.

Sources: USDT-M futures API v5, "current positions", "account balance", "asset mode"; coin-margined swaps, "Query user's
position information", "Query user's account information", candles of the mark price.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.parsing import find_row, less, margin_mode_of, number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_MULTI_ASSETS: Final = 1.0


def _read(row: Row) -> VenuePosition:
    return _read_inverse(row) if "cost_open" in row.raw else _read_linear(row)


def _read_linear(row: Row) -> VenuePosition:
    raw = row.raw
    mode = margin_mode_of(raw.get("margin_mode"))
    side = side_of(raw.get("position_side"))
    return VenuePosition(
        side=side_of(raw.get("direction")) if side is None else side,  # in one-way mode position_side is both
        size=number(raw, "volume"),
        entry_price=positive(raw, "open_avg_price"),
        mark_price=positive(raw, "mark_price"),
        margin_mode=mode,
        margin=number(raw, "margin") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "maintenance_margin"),
        unrealized_pnl=number(raw, "profit_unreal"),
        liquidation_price=positive(raw, "liquidation_price"),
        adl_meter=number(raw, "adl_risk_percent"),
    )


def _read_inverse(row: Row) -> VenuePosition:
    """Each contract has an account of its own coin. Profit since the last settlement is profit_unreal."""
    raw = row.raw
    return VenuePosition(
        side=side_of(raw.get("direction")),
        size=number(raw, "volume"),
        entry_price=positive(raw, "cost_open"),
        mark_price=None,  # the mark price's candle
        margin_mode="cross",
        unrealized_pnl=number(raw, "profit"),
        liquidation_price=positive(raw, "liq_px"),
        adl_meter=number(raw, "adl_risk_percent"),
    )


def _fetch_marks(exchange: Any, listed: Sequence[Raw]) -> Mapping[str, Raw]:
    """The mark prices of the coin-margined contracts that are held: there is no list of all."""
    contracts = dict.fromkeys(row["info"]["contract_code"] for row in listed if "cost_open" in row["info"])
    marks = {}
    for contract in contracts:
        request = {"contract_code": contract, "period": "1min", "size": 1}
        candles = exchange.contractPublicGetIndexMarketHistorySwapMarkPriceKline(request)["data"]
        marks[contract.upper()] = {"mark_price": candles[-1]["close"]}
    return marks


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    held = [row for row in ask.rows if row.market.get("settle") == ask.settle]
    if any("cost_open" in row.raw for row in held):
        return _find_coin_equity(exchange.contractPrivatePostSwapApiV1SwapAccountInfo()["data"], ask.settle)
    if any(_read(row).margin_mode != "cross" for row in held):
        return None  # whether the equity includes isolated positions is not documented
    balance = exchange.contractPrivateGetV5AccountBalance()["data"]
    if number(exchange.contractPrivateGetV5AccountAssetMode()["data"], "asset_mode") == _MULTI_ASSETS:
        return _build_equity(balance, in_dollars=True)
    return _build_equity(find_row(balance.get("details"), "currency", ask.settle) or {}, in_dollars=False)


def _build_equity(figures: Raw, *, in_dollars: bool) -> AccountEquity | None:
    equity = number(figures, "equity")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, number(figures, "profit_unreal")),
        maintenance_margin=number(figures, "maintenance_margin"),
        in_dollars=in_dollars,
    )


def _find_coin_equity(accounts: Sequence[Raw], settle: str) -> AccountEquity | None:
    """The equity of the coin's account, in whose static margin is what has been settled."""
    account = find_row(accounts, "symbol", settle)
    equity = None if account is None else number(account, "margin_balance")
    if account is None or equity is None:
        return None
    return AccountEquity(amount=equity, wallet_balance=number(account, "margin_static"))


HTX: Final = Reader(
    read=_read,
    additions=(Addition(what="the mark prices", fetch=_fetch_marks),),
    fetch_equity=_fetch_equity,
    lists=({"subType": "linear"}, {"subType": "inverse"}),
)
