"""Reader of Toobit's futures.

Sources: Toobit API, USDT-M futures, "Query position", "Get the leverage multiple and position mode", "Futures account
balance". The equity of cross positions is not read: the balance is not said to be with or without profit and isolated
margin.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.parsing import margin_mode_of, number, positive, side_of
from adlrisk.positions.readers.reader import Addition, Raw, Reader, Row, VenuePosition

_UNKNOWN_MARGIN: Final = "whether the margin that is published includes unrealized PnL is not documented"


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = margin_mode_of(row.extra.get("marginType"))
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "position"),
        entry_price=positive(raw, "avgPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        notional=positive(raw, "positionValue"),
        unrealized_pnl=number(raw, "unrealizedPnL"),
        liquidation_price=positive(raw, "flp"),
        notes=(_UNKNOWN_MARGIN,) if mode == "isolated" else (),
    )


def _fetch_modes(exchange: Any, rows: Sequence[Raw]) -> Mapping[str, Raw]:
    """The margin mode of each contract that is held, which can be asked for one at a time only."""
    modes: dict[str, Raw] = {}
    for contract in dict.fromkeys(str(row["info"].get("symbol")) for row in rows):
        (answer, *_) = exchange.privateGetApiV1FuturesAccountLeverage({"symbol": contract})
        modes[contract.upper()] = {"marginType": answer.get("marginType")}
    return modes


TOOBIT: Final = Reader(read=_read, additions=(Addition(what="the margin modes", fetch=_fetch_modes),))
