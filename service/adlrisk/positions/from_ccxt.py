"""One position of ccxt's as a leg of ``POST /account``, by the same reader as the command's."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from adlrisk.api.endpoints.account.schema import Leg
from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions.conversion import convert_position
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import Reader, Row
from adlrisk.positions.scoring import as_leg
from adlrisk.venues.catalogue import load_catalogue


class UnreadablePositionError(ValueError):
    """A position that cannot be a leg; the message says why."""


def leg_from_ccxt(
    position: Mapping[str, Any],
    *,
    market: Mapping[str, Any],
    exchange: str,
    mark_price: float | None = None,
    account: Mapping[str, Any] | None = None,
    id_: str | None = None,
) -> Leg:
    """The leg that ``position``, one of ccxt's ``fetch_positions()``, is.

    It is read from the venue's own fields in ``position["info"]``. What is not known, or contradicts another figure of
    the venue, is left out; with a cross leg of unknown size the account's sums would be wrong, so that is refused.

    Args:
        position: ccxt's unified position.
        market: ccxt's market of its symbol, ``exchange.market(position["symbol"])``.
        exchange: ccxt's id of the exchange, such as ``binanceusdm``, or the id of the venue's card.
        mark_price: the mark price, at venues whose positions have none.
        account: the venue's answer about the account's mode, where positions do not say it (docs/positions.md).
        id_: the leg's id. Default: the contract and the side.

    Raises:
        UnknownVenueError: no card has this id.
        UnreadablePositionError: positions of the exchange are not read, or this one cannot be.
    """
    rules, reader = _find_reader(exchange)
    extra = {} if mark_price is None else {"mark_price": mark_price}
    row = Row(raw=position.get("info") or {}, market=market, account=account or {}, extra=extra)
    name = str(position.get("symbol"))
    one = convert_position(row, name=name, reader=reader, rules=rules)
    if one is None:
        raise UnreadablePositionError(f"{name}: it is closed, its size is zero")
    if one.position is None:
        raise UnreadablePositionError(f"{one.name}: {one.not_scored_reason}")
    if one.contradiction is not None:
        raise UnreadablePositionError(f"{one.name}: {one.contradiction}")
    return as_leg(one, id_=id_ or one.name[:64], margin_mode=one.margin_mode or "isolated")


def _find_reader(exchange: str) -> tuple[VenueRules, Reader]:
    rules = _load_cards()[exchange].rules
    reader = READERS.get(exchange) or READERS.get(rules.id)
    if reader is None:
        raise UnreadablePositionError(f"positions at {exchange} cannot be read")
    return rules, reader


_load_cards = cache(load_catalogue)
