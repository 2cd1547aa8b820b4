"""Reader of Binance's USDⓈ-M and COIN-M futures. Sources: Binance, "Position Information", "Account Information"."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.parsing import find_row, margin_mode_of, number, parse_number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount = number(raw, "positionAmt")
    mode = _find_mode(raw)
    return VenuePosition(
        side=side_of(raw.get("positionSide"), amount),
        size=size_of(amount),
        entry_price=positive(raw, "entryPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=number(raw, "isolatedWallet") if mode == "isolated" else None,  # isolatedMargin includes the profit
        maintenance_margin=positive(raw, "maintMargin"),
        notional=size_of(number(raw, "notional", "notionalValue")),
        unrealized_pnl=number(raw, "unRealizedProfit"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=_find_reading(raw.get("positionSide"), row.extra.get("adlQuantile")),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    """The margin type where it is published; else a position with a wallet of its own is isolated."""
    named = margin_mode_of(raw.get("marginType"))
    wallet = number(raw, "isolatedWallet")
    if named is not None or wallet is None:
        return named
    return "cross" if wallet == 0.0 else "isolated"


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


def _fetch_readings(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    ranks = exchange.fetch_positions_adl_rank()
    return {str(rank["info"]["symbol"]).upper(): {"adlQuantile": rank["info"]["adlQuantile"]} for rank in ranks}


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    account = exchange.fapiPrivateV3GetAccount()
    if exchange.fapiPrivateGetMultiAssetsMargin()["multiAssetsMargin"] in (True, "true"):
        return _sum_up(
            account, account, ("totalCrossWalletBalance", "totalCrossUnPnl", "totalMaintMargin"), dollars=True
        )
    return _find_asset(account, ask.settle)


def _fetch_coin_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    return _find_asset(exchange.dapiPrivateGetAccount(), ask.settle)


def _find_asset(account: Raw, settle: str) -> AccountEquity | None:
    asset = find_row(account.get("assets"), "asset", settle)
    return None if asset is None else _sum_up(account, asset, ("crossWalletBalance", "crossUnPnl", "maintMargin"))


def _sum_up(account: Raw, figures: Raw, fields: tuple[str, str, str], *, dollars: bool = False) -> AccountEquity | None:
    """The equity in two of ``fields``, and the maintenance margin in the last.

    The latter includes isolated positions, so it is left out while there are, or may be, any.
    """
    wallet, profit, maintenance = (number(figures, field) for field in fields)
    if wallet is None or profit is None:
        return None
    listed = account.get("positions")
    only_cross = isinstance(listed, list) and all(number(held, "isolatedWallet") == 0.0 for held in listed)
    return AccountEquity(
        amount=wallet + profit,
        wallet_balance=wallet,
        maintenance_margin=maintenance if only_cross else None,
        in_dollars=dollars,
    )


_READINGS: Final = Addition(what="the ADL readings", fetch=_fetch_readings)
BINANCE: Final = Reader(
    read=_read,
    additions=(_READINGS,),
    fetch_equity=_fetch_equity,
    private_currencies=True,
)
BINANCE_COINM: Final = Reader(
    read=_read,
    additions=(_READINGS,),
    fetch_equity=_fetch_coin_equity,
    private_currencies=True,
)
