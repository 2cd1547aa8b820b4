"""Reader of Bitget: classic futures accounts (API v2) and unified accounts (v3).

Sources: v2, contract, "Get All Positions", "Get Account List", "Get Position ADL Rank"; v3, "Get Position Info", "Get
Account Assets", "Get Position ADL Rank".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.isolated import leave_out_isolated
from adlrisk.positions.readers.parsing import find_row, margin_mode_of, number, parse_number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_PRODUCTS: Final = ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = margin_mode_of(raw.get("marginMode"))
    side = raw.get("posSide" if is_unified(raw) else "holdSide")
    entry = positive(raw, "openPriceAvg", "avgPrice")
    return VenuePosition(
        side=side_of(side),
        size=_find_size(row, entry),
        entry_price=entry,
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=positive(raw, "marginSize", "positionBalance") if mode == "isolated" else None,
        maintenance_rate=positive(raw, "keepMarginRate", "mmr"),
        unrealized_pnl=number(raw, "unrealizedPL", "unrealisedPnl"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=_find_reading((row.extra.get("ranks") or {}).get(side), unified=is_unified(raw)),
    )


def _find_size(row: Row, entry: float | None) -> float | None:
    """``total`` is an amount of the base coin; of a coin-margined contract it is the dollars' worth at the entry."""
    total = number(row.raw, "total")
    contract_size = number(row.market, "contractSize") or 1.0
    if not row.market.get("inverse"):
        return None if total is None else total / contract_size
    return None if total is None or entry is None else total * entry / contract_size


def is_unified(raw: Raw) -> bool:
    """Whether a position is of v3, which has another name for its side."""
    return "posSide" in raw


def _find_reading(rank: Raw | None, *, unified: bool) -> float | None:
    """The rank as a fraction: v2's ``rank``, or v3's ``adlRank``.

    v2 also has an ``adlRank``, deprecated and the complement of ``rank``, so it is not read in its place.
    """
    if rank is None:
        return None
    return parse_number(rank.get("adlRank" if unified else "rank"))


def _fetch_ranks(exchange: Any, listed: Sequence[Raw]) -> Mapping[str, Raw]:
    """The ranks of both sides of each contract, of all products that are held."""
    unified = any(is_unified(row["info"]) for row in listed)
    ranks: dict[str, dict[str, dict[str, Raw]]] = {}
    for product in sorted({_find_product(exchange, row) for row in listed}):
        if unified:
            answer = exchange.privateUtaGetV3PositionAdlRank({"category": product})
        else:
            answer = exchange.privateMixGetV2MixPositionAdlRank({"productType": product})
        for rank in answer["data"] or ():
            ranks.setdefault(rank["symbol"].upper(), {"ranks": {}})["ranks"][rank["holdSide"]] = dict(rank)
    return ranks


def _find_product(exchange: Any, row: Raw) -> str:
    return _product_of((exchange.markets.get(row.get("symbol")) or {}).get("settle"))


def _product_of(settle: object) -> str:
    product = f"{settle}-FUTURES"
    return product if product in _PRODUCTS else "COIN-FUTURES"


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    if any(is_unified(row.raw) for row in ask.rows):
        return _find_unified_equity(exchange.privateUtaGetV3AccountAssets()["data"])
    answer = exchange.privateMixGetV2MixAccountAccounts({"productType": _product_of(ask.settle)})
    account = find_row(answer["data"], "marginCoin", ask.settle)
    if account is None:
        return None
    if account.get("assetMode") == "union":  # all assets back the positions, valued in USDT
        total = number(account, "unionTotalMargin")
        return None if total is None else AccountEquity(amount=total, maintenance_margin=number(account, "unionMm"))
    if account.get("assetMode") != "single":
        return None
    # Isolated margin and all unrealized PnL are in it; the fields that split it are empty.
    return leave_out_isolated(number(account, "accountEquity"), ask, _read)


def _find_unified_equity(assets: Raw) -> AccountEquity | None:
    """What counts as margin in dollars, after the discount of each coin."""
    equity = number(assets, "effEquity")
    if equity is None:
        return None
    return AccountEquity(amount=equity, maintenance_margin=number(assets, "mmr"), in_dollars=True)


BITGET: Final = Reader(
    read=_read,
    additions=(Addition(what="the ADL readings", fetch=_fetch_ranks),),
    fetch_equity=_fetch_equity,
    lists=tuple({"productType": product} for product in _PRODUCTS),
)
