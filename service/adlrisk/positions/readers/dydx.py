"""Reader of dYdX v4, whose positions are public by address.

Sources: indexer HTTP API, "List Positions" and "Get Subaccount" of the parent subaccount, "Get Perpetual Markets". An
isolated market is held in a child subaccount of its own, numbered from 128 on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.parsing import less, margin_mode_if, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_PARENT: Final = 0  # the subaccount that the venue's own page uses
_FIRST_CHILD: Final = 128


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount, pnl = number(raw, "size"), number(raw, "unrealizedPnl")
    subaccount = number(raw, "subaccountNumber")
    mode = None if subaccount is None else margin_mode_if(subaccount >= _FIRST_CHILD)
    return VenuePosition(
        side=side_of(raw.get("side"), amount if raw.get("side") != "LONG" else None),
        size=size_of(amount),
        entry_price=positive(raw, "entryPrice"),
        mark_price=None,  # the oracle price of the list of markets
        margin_mode=mode,
        margin=less(_find_child_equity(row), pnl) if mode == "isolated" else None,
        maintenance_rate=positive(row.extra, "maintenanceMarginFraction"),
        unrealized_pnl=pnl,
    )


def _find_child_equity(row: Row) -> float | None:
    """The equity of an isolated position's child subaccount, if it holds nothing else."""
    child = _find_subaccount(row.account, row.raw.get("subaccountNumber"))
    return number(child, "equity") if len(child.get("openPerpetualPositions") or ()) == 1 else None


def _find_subaccount(account: Raw, wanted: object) -> Raw:
    children = account.get("childSubaccounts") or ()
    return next((child for child in children if child.get("subaccountNumber") == wanted), {})


def _fetch_rows(exchange: Any) -> list[Raw]:
    """The positions of the parent subaccount and its children; ccxt asks for those of one subaccount."""
    answer = exchange.indexerGetPerpetualPositionsParentSubaccountNumber(
        {"address": exchange.walletAddress, "parentSubaccountNumber": _PARENT, "status": "OPEN"}
    )
    exchange.last_json_response = answer
    return [{"symbol": exchange.safe_symbol(row["market"]), "info": row} for row in answer["positions"]]


def _fetch_account(exchange: Any) -> Raw:
    request = {"address": exchange.walletAddress, "number": _PARENT}
    account: Raw = exchange.indexerGetAddressesAddressParentSubaccountNumberNumber(request)["subaccount"]
    return account


def _fetch_markets(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    markets = exchange.indexerGetPerpetualMarkets()["markets"]
    return {
        id_.upper(): {
            "mark_price": market.get("oraclePrice"),
            "maintenanceMarginFraction": market.get("maintenanceMarginFraction"),
        }
        for id_, market in markets.items()
    }


def _find_equity(_: Any, ask: Ask) -> AccountEquity | None:
    """The equity of the subaccount. Its USDC are no wallet balance: they hold what shorts were sold for."""
    equity = number(_find_subaccount(ask.account, _PARENT), "equity")
    if equity is None:
        return None
    profits = [number(row.raw, "unrealizedPnl") for row in ask.rows if row.raw.get("subaccountNumber") == _PARENT]
    known = [profit for profit in profits if profit is not None]
    return AccountEquity(amount=equity, wallet_balance=equity - sum(known) if len(known) == len(profits) else None)


DYDX: Final = Reader(
    read=_read,
    fetch_rows=_fetch_rows,
    fetch_account=_fetch_account,
    additions=(Addition(what="the oracle prices", fetch=_fetch_markets),),
    fetch_equity=_find_equity,
    credentials=("walletAddress",),
)
