"""What the rows of positions lack and another request of the venue has: mark prices, and readings of the ADL meter.

The venue's own fields are added to the row's, with the venue's names.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.adl_meters import Raw
from adlrisk.positions.venue_calls import VenueCalls

Request = Callable[[Any], Mapping[Any, Any]]  # of ccxt's exchange, by the contract's id in capitals


def add_what_is_missing(rows: Sequence[Raw], *, venue: str, exchange: Any, calls: VenueCalls) -> list[Raw]:
    """``rows`` with mark prices and readings, as far as they can be read; each is one request for all of them."""
    if not rows:
        return []
    marks = _ask(_MARKS.get(venue), exchange, calls, what="the mark prices")
    readings = _ask(_READINGS.get(venue), exchange, calls, what="the ADL readings")
    return [_add(row, _name_of(row, exchange), marks, readings) for row in rows]


def _ask(request: Request | None, exchange: Any, calls: VenueCalls, *, what: str) -> Mapping[Any, Any]:
    return {} if request is None else calls.try_call(what, lambda: request(exchange)) or {}


def _add(row: Raw, name: str, marks: Mapping[Any, Any], readings: Mapping[Any, Any]) -> Raw:
    added = dict(row)
    if name in marks:
        added["markPrice"] = marks[name]
    if name in readings:
        added["info"] = {**row["info"], **readings[name]}
    return added


def _name_of(row: Raw, exchange: Any) -> str:
    """The venue's id of the row's contract in capitals: Kraken writes it in either case."""
    return str((exchange.markets.get(row.get("symbol")) or {}).get("id")).upper()


def _fetch_deepcoin_marks(exchange: Any) -> Mapping[Any, Any]:
    answer = exchange.publicGetDeepcoinMarketMarkPrice({"instType": "SWAP"})
    return {listed["instId"].upper(): listed.get("markPx") for listed in answer["data"]}


def _fetch_whitebit_marks(exchange: Any) -> Mapping[Any, Any]:
    answer = exchange.v4PublicGetFutures()
    return {listed["ticker_id"].upper(): listed.get("mark_price") for listed in answer["result"]}


def _fetch_kraken_marks(exchange: Any) -> Mapping[Any, Any]:
    return {listed["symbol"].upper(): listed.get("markPrice") for listed in exchange.publicGetTickers()["tickers"]}


def _fetch_pacifica_marks(exchange: Any) -> Mapping[Any, Any]:
    return {listed["symbol"].upper(): listed.get("mark") for listed in exchange.publicGetInfoPrices()["data"]}


def _fetch_whitebit_readings(exchange: Any) -> Mapping[Any, Any]:
    rows = exchange.request("collateral-account/adl-quantile", ["v4", "private"], "POST")
    return {row["market"].upper(): {"long": row.get("long"), "short": row.get("short")} for row in rows}


def _fetch_kraken_readings(exchange: Any) -> Mapping[Any, Any]:
    queue = exchange.privateGetUnwindqueue()["queue"]
    return {row["symbol"].upper(): {"percentile": row.get("percentile")} for row in queue}


_MARKS: Final[Mapping[str, Request]] = {
    "deepcoin": _fetch_deepcoin_marks,
    "kraken": _fetch_kraken_marks,
    "pacifica": _fetch_pacifica_marks,
    "whitebit": _fetch_whitebit_marks,
}
_READINGS: Final[Mapping[str, Request]] = {"kraken": _fetch_kraken_readings, "whitebit": _fetch_whitebit_readings}
