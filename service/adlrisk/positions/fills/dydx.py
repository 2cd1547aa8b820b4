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
    fetch_back,
    first_text,
    reduced_by,
    written_time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 100
_TIME: Final = "createdAt"
_PARENT: Final = 0


def _read(exchange: Any, raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "id"),
        at=written_time_of(exchange, raw, _TIME),
        symbol=first_text(raw, "market"),
        reduced=reduced_by(raw.get("side")),
        size=amount(raw, "size"),
        price=positive(raw, "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    of_account = {"address": exchange.walletAddress, "parentSubaccountNumber": _PARENT, "limit": _PAGE}

    def ask_rows(before: Any) -> list[Any]:
        more = {"createdBeforeOrAt": before} if before else {}
        rows: list[Any] = exchange.indexerGetFillsParentSubaccountNumber({**of_account, **more})["fills"]
        return rows

    return fetch_back(ask, ask_rows, lambda raw: _read(exchange, raw), time=_TIME, page=_PAGE)


DYDX: Final = (FillList(what="the fills", fetch=_fetch),)
