"""Fills of an address at dYdX, all of its subaccounts: the latest 100 of all contracts, and those before a time.

Source: dYdX indexer HTTP API, "Get Parent Subaccount Fills".
"""

from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    fetch_pages,
    first_text,
    read_orders,
    reduced_by,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 100
_PARENT: Final = 0


def _read(exchange: Any, raw: Raw) -> VenueFill:
    at = exchange.parse8601(raw.get("createdAt"))
    if at is None:
        raise ValueError("a fill has no time")
    return VenueFill(
        raw=raw,
        id=first_text(raw, "id"),
        at=float(at),
        symbol=first_text(raw, "market"),
        reduced=reduced_by(raw.get("side")),
        size=amount(raw, "size"),
        price=positive(raw, "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    of_account = {"address": exchange.walletAddress, "parentSubaccountNumber": _PARENT, "limit": _PAGE}

    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        more = {"createdBeforeOrAt": cursor} if cursor else {}
        rows = exchange.indexerGetFillsParentSubaccountNumber({**of_account, **more})["fills"]
        found = read_orders(rows, lambda raw: _read(exchange, raw))
        oldest = min(found, key=lambda fill: fill.at, default=None)
        is_last = len(rows) < _PAGE or oldest is None or oldest.at < ask.since
        newer = [fill for fill in found if fill.at >= ask.since]
        return newer, None if is_last or oldest is None else oldest.raw.get("createdAt")

    return fetch_pages(ask_page)


DYDX: Final = (FillList(what="the fills", fetch=_fetch),)
