"""Reader of Gate's perpetual futures.

Sources: API v4, futures, "Get user position list", "Get futures account"; unified account, "Get unified account
information"; help, "What Is a Unified Account?" (its products).
"""

from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.isolated import sum_cross_profit, sum_isolated
from adlrisk.positions.readers.parsing import less, margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

_IN_DOLLARS: Final = (1.0, 2.0)  # margin_mode of the futures account: multi-currency and portfolio margin
_CLASSIC: Final = 0.0
_SINGLE_CURRENCY: Final = 3.0


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    size = number(raw, "size")
    mode = _find_mode(raw)
    return VenuePosition(
        side=side_of(_find_word(raw), size if _find_word(raw) == "" else None),
        size=size_of(size),
        entry_price=positive(raw, "entry_price"),
        mark_price=positive(raw, "mark_price"),
        margin_mode=mode,
        margin=number(raw, "margin") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "maintenance_margin"),
        maintenance_rate=positive(raw, "average_maintenance_rate", "maintenance_rate"),
        notional=positive(raw, "value"),
        unrealized_pnl=number(raw, "unrealised_pnl"),
        liquidation_price=positive(raw, "liq_price"),
        adl_meter=number(raw, "adl_ranking"),
    )


def _find_word(raw: Raw) -> str:
    """The side in hedge mode, whose size has either sign; nothing in one-way mode, where the sign is the side."""
    mode = str(raw.get("mode") or "")
    return mode.removeprefix("dual_") if mode.startswith("dual_") else ""


def _find_mode(raw: Raw) -> MarginMode | None:
    """The position's mode where it is published; else a leverage of 0 is cross."""
    named = margin_mode_of(raw.get("pos_margin_mode"))
    leverage = number(raw, "leverage")
    if named is not None or leverage is None:
        return named
    return "cross" if leverage == 0.0 else "isolated"


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    account = exchange.privateFuturesGetSettleAccounts({"settle": ask.settle.lower()})
    mode = _find_account_mode(account, ask.settle)
    if mode in _IN_DOLLARS:
        return _find_unified_equity(exchange.privateUnifiedGetAccounts())
    if mode == _SINGLE_CURRENCY:
        balances = exchange.privateUnifiedGetAccounts().get("balances") or {}
        return _find_currency_equity(balances.get(ask.settle) or {})
    return _find_classic_equity(account, ask) if mode == _CLASSIC else None


def _find_account_mode(account: Raw, settle: str) -> float | None:
    """The mode; an account of before the modes is classic, and all contracts that are settled in bitcoin are."""
    is_old = "margin_mode" not in account and account.get("enable_credit") is False
    return _CLASSIC if is_old or settle != "USDT" else number(account, "margin_mode")


def _find_unified_equity(account: Raw) -> AccountEquity | None:
    """What counts as margin in dollars, after the discount of each currency."""
    equity = number(account, "total_margin_balance")
    if equity is None:
        return None
    maintenance = number(account, "total_maintenance_margin")
    return AccountEquity(amount=equity, maintenance_margin=maintenance, in_dollars=True)


def _find_currency_equity(balance: Raw) -> AccountEquity | None:
    equity = number(balance, "margin_balance")
    return None if equity is None else AccountEquity(amount=equity, maintenance_margin=number(balance, "mm"))


def _find_classic_equity(account: Raw, ask: Ask) -> AccountEquity | None:
    """The total, which is without unrealized PnL, less isolated margin, and the PnL of the cross positions."""
    isolated, profit = sum_isolated(ask, _read), sum_cross_profit(ask, _read)
    if isolated is None or profit is None:
        return None
    wallet = less(number(account, "total"), isolated.margin)
    if wallet is None:
        return None
    return AccountEquity(
        amount=wallet + profit,
        wallet_balance=wallet,
        maintenance_margin=positive(account, "cross_maintenance_margin"),
    )


GATE: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    lists=tuple({"settle": settle, "holding": "true"} for settle in ("usdt", "btc")),
    lists_by_symbol=False,  # ccxt asks for those settled in USDT, whatever the symbol
    coverage="contracts settled in USDT and BTC",
)
