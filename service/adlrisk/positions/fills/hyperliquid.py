"""Fills of a user of Hyperliquid: of all contracts, at most 2,000 from a time on.

Source: Hyperliquid API, info endpoint, "Retrieve a user's fills by time". The object ``liquidation`` stands on the
fills of both sides, and its ``liquidatedUser`` tells whose it was.
"""

from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    first_text,
    read_orders,
    reduced_by,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 2000
_SIDES: Final = {"B": "buy", "A": "sell"}
_ADL: Final = "Auto-Deleveraging"


def _read(raw: Raw, user: str) -> VenueFill | None:
    if raw.get("dir") != _ADL and _is_of_another(raw, user):
        return None  # an order of one's own that traded against a liquidation
    return VenueFill(
        raw=raw,
        id=first_text(raw, "tid"),
        at=time_of(raw, "time"),
        symbol=first_text(raw, "coin"),
        reduced=reduced_by(_SIDES.get(str(raw.get("side")))),
        size=amount(raw, "sz"),
        price=positive(raw, "px"),
    )


def _is_of_another(raw: Raw, user: str) -> bool:
    liquidation = raw.get("liquidation")
    liquidated = liquidation.get("liquidatedUser") if isinstance(liquidation, dict) else None
    return liquidated is not None and str(liquidated).lower() != user.lower()


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    user = str(exchange.walletAddress)
    rows = exchange.publicPostInfo({"type": "userFillsByTime", "user": user, "startTime": ask.since})
    return FillPage(read_orders(rows, lambda raw: _read(raw, user)), is_whole=len(rows) < _MOST)


HYPERLIQUID: Final = (FillList(what="the fills", fetch=_fetch),)
