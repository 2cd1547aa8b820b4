"""The margin behind a position: its own if isolated, the account's equity if cross, from the venues' own fields.

ccxt's ``collateral`` and ``positionMargin`` are calculated differently for each venue, and from the liquidation price
where a venue does not publish them; so they are not used where the venue has a field of its own.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.adl_meters import Raw, parse_number


class AccountEquity(Struct, frozen=True, kw_only=True):
    """The equity that all cross positions of one settlement currency share."""

    amount: float  # margin balance, unrealized PnL of the cross positions included, isolated margin excluded
    wallet_balance: float | None = None  # without unrealized PnL, where the venue publishes it
    maintenance_margin: float | None = None  # of all cross positions
    in_dollars: bool = False  # the account holds several currencies, valued in dollars


def find_margin_mode(position: Raw, *, account_mode: MarginMode | None) -> MarginMode | None:
    """The position's margin mode as ccxt parsed it, else the account's."""
    mode = position.get("marginMode")
    return mode if mode in ("isolated", "cross") else account_mode


def parse_isolated_margin(venue: str, position: Raw) -> float | None:
    """The margin of an isolated position without its unrealized PnL, in settlement currency."""
    fields = _ISOLATED_FIELDS.get(venue)
    if fields is None:
        return parse_number(position.get("positionMargin"))
    raw = position["info"]
    return next((margin for field in fields if (margin := parse_number(raw.get(field))) is not None), None)


def parse_maintenance_margin(venue: str, raw: Raw) -> float | None:
    """The position's maintenance margin, in settlement currency; ``None`` if the venue does not publish it."""
    field = _MAINTENANCE_FIELDS.get(venue)
    return parse_number(raw.get(field)) if field else None


def parse_maintenance_rate(venue: str, raw: Raw) -> float | None:
    """The maintenance margin rate of the position's tier, a fraction; ``None`` if the venue does not publish it."""
    fields = _RATE_FIELDS.get(venue, ())
    return next((rate for field in fields if (rate := parse_number(raw.get(field))) is not None), None)


# Without unrealized PnL, which Binance's isolatedMargin includes and isolatedWallet does not. For other venues:
# ccxt's positionMargin.
_ISOLATED_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "binance": ("isolatedWallet",),
    "binance_coinm": ("isolatedWallet",),
    "bitget": ("marginSize", "positionBalance"),  # v2, v3
    "blofin": ("margin",),
    "bybit": ("positionBalance",),
    "gate": ("margin",),
    "htx": ("margin",),
    "kucoin": ("posMargin",),
    "mexc": ("im",),
    "okx": ("margin",),
    "pacifica": (),  # whether its margin includes the unrealized PnL is not documented
    "phemex": ("positionMarginRv", "positionMargin"),
    "poloniex": ("mgn",),
}
# ccxt's maintenanceMargin omits the tier's deduction (Binance) or adds a fee (Bitget), so it is not used.
_MAINTENANCE_FIELDS: Final = {
    "binance": "maintMargin",
    "blofin": "maintenanceMargin",
    "bybit": "positionMM",
    "gate": "maintenance_margin",
    "htx": "maintenance_margin",
    "kucoin": "posMaint",
    "okx": "mmr",
    "poloniex": "mm",
}
_RATE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "bitget": ("keepMarginRate", "mmr"),  # v2, v3
    "gate": ("maintenance_rate",),
    "kucoin": ("maintMarginReq", "mmr"),
    "phemex": ("maintMarginReqRr", "maintMarginReq"),
}


def parse_binance_equity(account: Raw, *, settle: str, multi_assets: bool) -> AccountEquity | None:
    """The equity in ``/fapi/v3/account`` or ``/dapi/v1/account``: of one asset, or of all in multi-assets mode.

    The maintenance margin includes isolated positions, so it is left out while there are, or may be, any.
    """
    listed = account.get("positions")
    only_cross = isinstance(listed, list) and all(parse_number(held.get("isolatedWallet")) == 0.0 for held in listed)
    if multi_assets:
        return _build_equity(
            account,
            ("totalCrossWalletBalance", "totalCrossUnPnl"),
            maintenance="totalMaintMargin" if only_cross else None,
            wallet="totalCrossWalletBalance",
            in_dollars=True,
        )
    asset = _find_row(account.get("assets"), "asset", settle)
    maintenance = "maintMargin" if only_cross else None
    if asset is None:
        return None
    return _build_equity(
        asset, ("crossWalletBalance", "crossUnPnl"), maintenance=maintenance, wallet="crossWalletBalance"
    )


def parse_bybit_equity(wallet: Raw) -> AccountEquity | None:
    """The equity in ``/v5/account/wallet-balance`` of a unified account; ``None`` in isolated margin mode."""
    accounts = (wallet.get("result") or {}).get("list") or [{}]
    return _build_equity(accounts[0], ("totalMarginBalance",), maintenance="totalMaintenanceMargin", in_dollars=True)


def parse_okx_equity(balance: Raw, *, settle: str) -> AccountEquity | None:
    """The equity in ``/api/v5/account/balance``: ``adjEq`` of a multi-currency account, else the currency's ``eq``.

    ``adjEq`` is empty in futures mode, where a currency backs only its own positions; its ``eq`` includes isolated
    margin, so it is not used while there is any.
    """
    account = (balance.get("data") or [{}])[0]
    shared = _build_equity(account, ("adjEq",), maintenance="mmr", in_dollars=True)
    if shared is not None:
        return shared
    currency = _find_row(account.get("details"), "ccy", settle)
    if currency is None or parse_number(currency.get("isoEq")) != 0.0:
        return None
    return _build_equity(currency, ("eq",), maintenance="mmr")


def parse_hyperliquid_equity(state: Raw) -> AccountEquity | None:
    """The equity behind all cross positions in ``clearinghouseState``."""
    summary = state.get("crossMarginSummary") or {}
    figures = {**summary, "maintenance": state.get("crossMaintenanceMarginUsed")}
    return _build_equity(figures, ("accountValue",), maintenance="maintenance")


def parse_bybit_mode(account: Raw, *, raw: Raw, linear: bool) -> MarginMode | None:
    """The margin mode in the result of ``/v5/account/info``, or in the position if the account is classic."""
    if is_bybit_unified(account, linear=linear):
        return _BYBIT_UNIFIED_MODES.get(account.get("marginMode"))
    classic = parse_number(account.get("unifiedMarginStatus")) in (1.0, 3.0, 4.0)
    return _BYBIT_CLASSIC_MODES.get(parse_number(raw.get("tradeMode"))) if classic else None


def is_bybit_unified(account: Raw, *, linear: bool) -> bool:
    """Whether the contract is in the unified account, by the result of ``/v5/account/info``.

    Status 5 and 6 are unified 2.0; with 3 and 4, unified 1.0, inverse contracts stay in a classic account.
    """
    status = parse_number(account.get("unifiedMarginStatus"))
    return status in (5.0, 6.0) or (linear and status in (3.0, 4.0))


_BYBIT_UNIFIED_MODES: Final[Mapping[Any, MarginMode]] = {
    "ISOLATED_MARGIN": "isolated",
    "REGULAR_MARGIN": "cross",
    "PORTFOLIO_MARGIN": "cross",
}
_BYBIT_CLASSIC_MODES: Final[Mapping[Any, MarginMode]] = {0.0: "cross", 1.0: "isolated"}


def _find_row(rows: object, key: str, name: str) -> Raw | None:
    listed: list[Raw] = rows if isinstance(rows, list) else []
    return next((row for row in listed if row.get(key) == name), None)


def _build_equity(
    figures: Raw,
    fields: tuple[str, ...],
    *,
    maintenance: str | None,
    wallet: str | None = None,
    in_dollars: bool = False,
) -> AccountEquity | None:
    amounts = [parse_number(figures.get(field)) for field in fields]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(fields):
        return None
    return AccountEquity(
        amount=sum(known),
        wallet_balance=parse_number(figures.get(wallet)) if wallet else None,
        maintenance_margin=parse_number(figures.get(maintenance)) if maintenance else None,
        in_dollars=in_dollars,
    )
