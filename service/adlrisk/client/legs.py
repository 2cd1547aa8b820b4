"""Legs of ``POST /account`` from ccxt's positions."""

from collections.abc import Mapping
from typing import Any

from adlrisk.api.endpoints.account.schema import Leg


def from_ccxt(
    position: Mapping[str, Any],
    *,
    market: Mapping[str, Any],
    exchange: str,
    mark_price: float | None = None,
    account: Mapping[str, Any] | None = None,
    id_: str | None = None,
) -> Leg:
    """The leg that ``position``, one of ccxt's ``fetch_positions()``, is; as ``adlrisk.positions.leg_from_ccxt``.

    Raises:
        UnknownVenueError: no card has the id of the exchange.
        UnreadablePositionError: positions of the exchange are not read, or this one cannot be.
    """
    from adlrisk.positions import leg_from_ccxt  # noqa: PLC0415 (its readers are needed by bots with ccxt only)

    return leg_from_ccxt(position, market=market, exchange=exchange, mark_price=mark_price, account=account, id_=id_)
