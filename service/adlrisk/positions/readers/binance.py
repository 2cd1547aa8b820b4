"""Reader of Binance's USDⓈ-M and COIN-M futures. Sources: Binance, "Position Information", "Account Information"."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.isolated import sum_cross_maintenance
from adlrisk.positions.readers.parsing import find_row, margin_mode_of, number, parse_number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount = number(raw, "positionAmt")
    mode = _find_mode(raw)
    notional = size_of(number(raw, "notional", "notionalValue"))
    tier = _find_tier(row.extra.get("brackets") or (), notional)
    return VenuePosition(
        side=side_of(raw.get("positionSide"), amount),
        size=size_of(amount),
        entry_price=positive(raw, "entryPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=number(raw, "isolatedWallet") if mode == "isolated" else None,  # isolatedMargin includes the profit
        maintenance_margin=positive(raw, "maintMargin") or _find_maintenance(notional, tier),
        maintenance_rate=None if tier is None else positive(tier, "maintMarginRatio"),
        notional=notional,
        unrealized_pnl=number(raw, "unRealizedProfit"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=_find_reading(raw.get("positionSide"), row.extra.get("adlQuantile")),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    """The margin type where it is published; else a position with a wallet of its own is isolated."""
    if is_portfolio(raw):
        return "cross"
    named = margin_mode_of(raw.get("marginType"))
    wallet = number(raw, "isolatedWallet")
    if named is not None or wallet is None:
        return named
    return "cross" if wallet == 0.0 else "isolated"


def is_portfolio(raw: Raw) -> bool:
    """Whether a position is of portfolio margin, which knows no isolated margin."""
    return "positionAmt" in raw and "isolatedWallet" not in raw and "marginType" not in raw


def _find_tier(brackets: Sequence[Raw], notional: float | None) -> Raw | None:
    """The tier of ``brackets``, from the lowest up, that the notional is in."""
    if notional is None:
        return None
    reached = [tier for tier in brackets if (number(tier, "notionalFloor", "qtyFloor") or 0.0) <= notional]
    return reached[-1] if reached else None


def _find_maintenance(notional: float | None, tier: Raw | None) -> float | None:
    """The maintenance margin by the tier, where the position does not have it."""
    if notional is None or tier is None:
        return None
    rate, deduction = number(tier, "maintMarginRatio"), number(tier, "cum")
    return None if rate is None or deduction is None else notional * rate - deduction


def _find_reading(side: object, quantiles: Raw | None) -> float | None:
    """The level in ``adlQuantile`` of the side that is held.

    One-way positions have the key BOTH. In hedge mode BOTH is 0 with isolated margin, and with cross margin the key is
    HEDGE instead; neither is a level then. Source: Binance, "Position ADL Quantile Estimation".
    """
    if quantiles is None or side not in ("LONG", "SHORT", "BOTH"):
        return None
    if side == "BOTH" and "HEDGE" in quantiles:
        return None
    return parse_number(quantiles.get(str(side)))


def _fetch_readings(exchange: Any, listed: Sequence[Raw]) -> Mapping[str, Raw]:
    return _collect(_call(exchange, listed, _READINGS), "adlQuantile", "adlQuantile")


def _fetch_tiers(exchange: Any, listed: Sequence[Raw]) -> Mapping[str, Raw]:
    return _collect(_call(exchange, listed, _TIERS), "brackets", "brackets")


def _collect(answer: Sequence[Raw], field: str, name: str) -> Mapping[str, Raw]:
    return {str(row["symbol"]).upper(): {name: row[field]} for row in answer}


class _Calls(NamedTuple):
    """ccxt's names of one request: of USDⓈ-M and COIN-M futures, and of either in portfolio margin."""

    linear: str
    inverse: str
    portfolio_linear: str
    portfolio_inverse: str


_READINGS: Final = _Calls(
    "fapiPrivateGetAdlQuantile", "dapiPrivateGetAdlQuantile", "papiGetUmAdlQuantile", "papiGetCmAdlQuantile"
)
_TIERS: Final = _Calls(
    "fapiPrivateGetLeverageBracket",
    "dapiPrivateV2GetLeverageBracket",
    "papiGetUmLeverageBracket",
    "papiGetCmLeverageBracket",
)


def _call(exchange: Any, listed: Sequence[Raw], calls: _Calls) -> Any:
    inverse = any((exchange.markets.get(row.get("symbol")) or {}).get("inverse") for row in listed)
    if any(is_portfolio(row["info"]) for row in listed):
        return getattr(exchange, calls.portfolio_inverse if inverse else calls.portfolio_linear)()
    return getattr(exchange, calls.inverse if inverse else calls.linear)()


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    if any(is_portfolio(row.raw) for row in ask.rows):
        return _fetch_portfolio_equity(exchange)
    account = exchange.fapiPrivateV3GetAccount()
    if exchange.fapiPrivateGetMultiAssetsMargin()["multiAssetsMargin"] in (True, "true"):
        fields = ("totalCrossWalletBalance", "totalCrossUnPnl", "totalMaintMargin")
        return _sum_up(account, fields, ask, in_dollars=True)
    return _find_asset(account, ask)


def _fetch_coin_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    if any(is_portfolio(row.raw) for row in ask.rows):
        return _fetch_portfolio_equity(exchange)
    return _find_asset(exchange.dapiPrivateGetAccount(), ask)


def _fetch_portfolio_equity(exchange: Any) -> AccountEquity | None:
    """The equity in dollars, after the collateral rates, of both kinds of futures and of margin."""
    account = exchange.papiGetAccount()
    equity = number(account, "accountEquity")
    if equity is None:
        return None
    return AccountEquity(amount=equity, maintenance_margin=number(account, "accountMaintMargin"), in_dollars=True)


def _find_asset(account: Raw, ask: Ask) -> AccountEquity | None:
    asset = find_row(account.get("assets"), "asset", ask.settle)
    return None if asset is None else _sum_up(asset, ("crossWalletBalance", "crossUnPnl", "maintMargin"), ask)


def _sum_up(figures: Raw, fields: tuple[str, str, str], ask: Ask, *, in_dollars: bool = False) -> AccountEquity | None:
    """The equity in the first two of ``fields``, and the maintenance margin in the last.

    The latter includes isolated positions; while there are any, it is the sum over the cross ones.
    """
    wallet, profit, maintenance = (number(figures, field) for field in fields)
    if wallet is None or profit is None:
        return None
    of_cross = None if in_dollars else sum_cross_maintenance(ask, _read)  # in dollars it is of all settlements
    modes = {_find_mode(row.raw) for row in ask.rows if number(row.raw, "positionAmt") != 0.0}
    return AccountEquity(
        amount=wallet + profit,
        wallet_balance=wallet,
        maintenance_margin=maintenance if modes == {"cross"} else of_cross,
        in_dollars=in_dollars,
    )


_ADDITIONS: Final = (
    Addition(what="the ADL readings", fetch=_fetch_readings),
    Addition(what="the maintenance margin tiers", fetch=_fetch_tiers),
)
_PORTFOLIO: Final[Raw] = {"portfolioMargin": True}
BINANCE: Final = Reader(
    read=_read,
    additions=_ADDITIONS,
    fetch_equity=_fetch_equity,
    otherwise=_PORTFOLIO,
    lists_by_symbol=False,
    private_currencies=True,
)
BINANCE_COINM: Final = Reader(
    read=_read,
    additions=_ADDITIONS,
    fetch_equity=_fetch_coin_equity,
    otherwise=_PORTFOLIO,
    lists_by_symbol=False,
    private_currencies=True,
)
