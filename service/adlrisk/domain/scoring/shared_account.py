"""The account that a cross leg shares with other legs, as far as the leg's score needs to know it."""

import msgspec
from msgspec import Struct

from adlrisk.domain.position.arithmetic import sign_of
from adlrisk.domain.position.maintenance import UNKNOWN, Maintenance
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.prices import Prices
from adlrisk.domain.position.state import PositionState, liquidation_distance


class SharedAccount(Struct, frozen=True, kw_only=True, gc=False):
    """The account behind a cross leg; amounts in settlement currency. ``None`` is unknown."""

    legs: int  # cross legs, those that cannot be read included
    gross_notional: float | None
    gross_leverage: float | None  # also None when the account is insolvent
    net_leverage: float | None
    prices: Prices | None  # with all legs of the symbol moving together; None: those of the leg alone hold
    backing_field: str  # the request field that would settle an unknown equity
    maintenance_field: str | None  # the same for an unknown maintenance margin; None: it is known


def put_into_account(
    state: PositionState, maintenance: Maintenance, *, position: Position, account: SharedAccount
) -> tuple[PositionState, Maintenance]:
    """The leg's state and maintenance margin with what follows from the other legs."""
    bankruptcy, liquidation = account.prices or (state.bankruptcy_price, state.liquidation_price)
    if account.maintenance_field is not None:
        liquidation, maintenance = None, UNKNOWN
    state = msgspec.structs.replace(
        state,
        bankruptcy_price=bankruptcy,
        liquidation_price=liquidation,
        liquidation_distance=liquidation_distance(sign_of(position.side), position.mark_price, liquidation),
    )
    return state, maintenance
