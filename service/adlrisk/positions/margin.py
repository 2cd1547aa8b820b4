"""What backs a position: its own margin when it is isolated, the account's equity when it is cross.

ccxt's ``collateral`` and ``positionMargin`` are worked out differently from venue to venue, and from the liquidation
price where a venue does not tell; here stands what each venue itself tells.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import Struct

from adlrisk.positions.adl_meters import Raw, parse_number

MarginMode = Literal["isolated", "cross"]


class AccountEquity(Struct, frozen=True, kw_only=True):
    """The equity that all cross positions of one settlement currency share."""

    amount: float  # margin balance with the unrealized PnL of the cross positions
    maintenance_margin: float | None = None  # of all of them
    in_dollars: bool = False  # an account of many currencies, worth that much


def margin_mode(position: Raw, *, account_mode: MarginMode | None) -> MarginMode | None:
    """The position's margin mode: what ccxt read in it, else the account's."""
    told = position.get("marginMode")
    return told if told in ("isolated", "cross") else account_mode


def isolated_margin(venue: str, position: Raw) -> float | None:
    """The margin of an isolated position without its unrealized PnL, settlement currency."""
    fields = _ISOLATED.get(venue)
    if fields is None:
        return parse_number(position.get("positionMargin"))
    raw = position["info"]
    return next((margin for field in fields if (margin := parse_number(raw.get(field))) is not None), None)


def maintenance_margin(venue: str, raw: Raw) -> float | None:
    """The absolute maintenance margin that the venue tells of the position."""
    field = _MAINTENANCE.get(venue)
    return parse_number(raw.get(field)) if field else None


def maintenance_rate(venue: str, raw: Raw) -> float | None:
    """The maintenance rate of the position's tier, a fraction."""
    fields = _RATES.get(venue, ())
    return next((rate for field in fields if (rate := parse_number(raw.get(field))) is not None), None)


# Without unrealized PnL. Binance: isolatedMargin has it, isolatedWallet has not. Others are ccxt's positionMargin.
_ISOLATED: Final[Mapping[str, tuple[str, ...]]] = {
    "binance": ("isolatedWallet",),
    "binance_coinm": ("isolatedWallet",),
    "bitget": ("marginSize", "positionBalance"),  # v2, v3
    "bybit": ("positionBalance",),
    "gate": ("margin",),
    "htx": ("margin",),
    "kucoin": ("posMargin",),
    "mexc": ("im",),
    "okx": ("margin",),
    "phemex": ("positionMarginRv", "positionMargin"),
}
# ccxt's maintenanceMargin leaves the tier's deduction out (Binance) or adds a fee (Bitget), so it is not taken.
_MAINTENANCE: Final = {
    "binance": "maintMargin",
    "bybit": "positionMM",
    "gate": "maintenance_margin",
    "htx": "maintenance_margin",
    "kucoin": "posMaint",
    "okx": "mmr",
}
_RATES: Final[Mapping[str, tuple[str, ...]]] = {
    "bitget": ("keepMarginRate", "mmr"),  # v2, v3
    "gate": ("maintenance_rate",),
    "kucoin": ("maintMarginReq", "mmr"),
    "phemex": ("maintMarginReqRr", "maintMarginReq"),
}


def binance_equity(account: Raw, *, settle: str, multi_assets: bool) -> AccountEquity | None:
    """Of ``/fapi/v3/account`` or ``/dapi/v1/account``: the asset's, or all of them in multi-assets mode.

    The maintenance margin counts isolated positions too, so it is left out while there are any.
    """
    only_cross = all(parse_number(held.get("isolatedWallet")) == 0.0 for held in account.get("positions") or ())
    if multi_assets:
        return _sum_of(
            account,
            ("totalCrossWalletBalance", "totalCrossUnPnl"),
            maintenance="totalMaintMargin" if only_cross else None,
            in_dollars=True,
        )
    asset = _named(account.get("assets"), "asset", settle)
    maintenance = "maintMargin" if only_cross else None
    return None if asset is None else _sum_of(asset, ("crossWalletBalance", "crossUnPnl"), maintenance=maintenance)


def bybit_equity(wallet: Raw) -> AccountEquity | None:
    """Of ``/v5/account/wallet-balance`` of a unified account; both figures are empty in isolated margin mode."""
    accounts = (wallet.get("result") or {}).get("list") or [{}]
    return _sum_of(accounts[0], ("totalMarginBalance",), maintenance="totalMaintenanceMargin", in_dollars=True)


def okx_equity(balance: Raw, *, settle: str) -> AccountEquity | None:
    """Of ``/api/v5/account/balance``: ``adjEq`` of a multi-currency account, else the currency's ``eq``.

    ``adjEq`` is empty in futures mode, where a currency backs its own positions; its ``eq`` holds isolated margin too,
    so that it says nothing of cross positions while there is any.
    """
    account = (balance.get("data") or [{}])[0]
    shared = _sum_of(account, ("adjEq",), maintenance="mmr", in_dollars=True)
    if shared is not None:
        return shared
    currency = _named(account.get("details"), "ccy", settle)
    if currency is None or parse_number(currency.get("isoEq")) != 0.0:
        return None
    return _sum_of(currency, ("eq",), maintenance="mmr")


def hyperliquid_equity(state: Raw) -> AccountEquity | None:
    """Of ``clearinghouseState``: what backs all cross positions."""
    summary = state.get("crossMarginSummary") or {}
    told = {**summary, "maintenance": state.get("crossMaintenanceMarginUsed")}
    return _sum_of(told, ("accountValue",), maintenance="maintenance")


def bybit_mode(account: Raw, *, raw: Raw, linear: bool) -> MarginMode | None:
    """Of the result of ``/v5/account/info``: a unified account's own mode; in a classic one the position says it.

    Status 5 and 6 are unified 2.0; in 3 and 4, unified 1.0, inverse contracts stay classic.
    """
    status = parse_number(account.get("unifiedMarginStatus"))
    if status in (5.0, 6.0) or (linear and status in (3.0, 4.0)):
        return _BYBIT_UNIFIED.get(account.get("marginMode"))
    return _BYBIT_CLASSIC.get(parse_number(raw.get("tradeMode"))) if status in (1.0, 3.0, 4.0) else None


_BYBIT_UNIFIED: Final[Mapping[Any, MarginMode]] = {
    "ISOLATED_MARGIN": "isolated",
    "REGULAR_MARGIN": "cross",
    "PORTFOLIO_MARGIN": "cross",
}
_BYBIT_CLASSIC: Final[Mapping[Any, MarginMode]] = {0.0: "cross", 1.0: "isolated"}


def _named(rows: object, key: str, name: str) -> Raw | None:
    listed: list[Raw] = rows if isinstance(rows, list) else []
    return next((row for row in listed if row.get(key) == name), None)


def _sum_of(
    told: Raw, fields: tuple[str, ...], *, maintenance: str | None, in_dollars: bool = False
) -> AccountEquity | None:
    amounts = [parse_number(told.get(field)) for field in fields]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(fields):
        return None
    held = parse_number(told.get(maintenance)) if maintenance else None
    return AccountEquity(amount=sum(known), maintenance_margin=held, in_dollars=in_dollars)
