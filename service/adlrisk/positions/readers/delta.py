"""Reader of Delta Exchange.

Sources: Delta Exchange API v2, "Get margined positions", "Get products", "Get tickers", "Get wallet balances"; guide,
"Margin Explainer". The equity of cross positions is not read: a wallet's balance is without profit, the wallets may
back each other, and what options are worth is not in them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.parsing import margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import Addition, Raw, Reader, Row, VenuePosition

_PERCENT: Final = 0.01


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    size = number(raw, "size")
    mode = margin_mode_of(raw.get("margin_mode"))
    return VenuePosition(
        side=side_of(None, size),
        size=size_of(size),
        entry_price=positive(raw, "entry_price"),
        mark_price=positive(raw, "mark_price"),
        margin_mode=mode,
        margin=positive(raw, "margin") if mode == "isolated" else None,
        maintenance_rate=_find_rate(raw.get("product") or {}),
        unrealized_pnl=number(raw, "unrealized_pnl"),
        liquidation_price=positive(raw, "liquidation_price"),
        # adl_level is of an undocumented scale.
    )


def _find_rate(product: Raw) -> float | None:
    """The rate of maintenance margin, where it is the same at any size."""
    percent = positive(product, "maintenance_margin")
    if percent is None or number(product, "maintenance_margin_scaling_factor") != 0.0:
        return None
    return percent * _PERCENT


def _fetch_marks(exchange: Any, rows: Sequence[Raw]) -> Mapping[str, Raw]:
    """The mark prices, if a position lacks its own: not all pages show it."""
    if all(positive(row["info"], "mark_price") for row in rows):
        return {}
    answer = exchange.publicGetTickers()
    return {listed["symbol"].upper(): {"mark_price": listed.get("mark_price")} for listed in answer["result"]}


DELTA: Final = Reader(read=_read, additions=(Addition(what="the mark prices", fetch=_fetch_marks),))
