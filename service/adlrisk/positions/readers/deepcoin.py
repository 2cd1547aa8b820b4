"""Reader of Deepcoin.

Sources: Deepcoin API, "Get positions", "Get mark price", "Get account balance". The equity of cross positions is not
read: the balance is not said to be with or without profit and isolated margin.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.parsing import margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import Addition, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount = number(raw, "pos")
    mode = margin_mode_of(raw.get("mgnMode"))
    return VenuePosition(
        side=side_of(raw.get("posSide"), amount),
        size=size_of(amount),
        entry_price=positive(raw, "avgPx"),
        mark_price=None,  # it has none of its own
        margin_mode=mode,
        margin=positive(raw, "useMargin") if mode == "isolated" else None,  # value at entry over leverage
        unrealized_pnl=number(raw, "unrealizedProfit"),
        liquidation_price=positive(raw, "liqPx"),
    )


def _fetch_marks(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    answer = exchange.publicGetDeepcoinMarketMarkPrice({"instType": "SWAP"})
    return {listed["instId"].upper(): {"mark_price": listed.get("markPx")} for listed in answer["data"]}


DEEPCOIN: Final = Reader(read=_read, additions=(Addition(what="the mark prices", fetch=_fetch_marks),))
