"""The account that a cross leg shares with other legs, as far as the leg's score needs to know it."""

from msgspec import Struct

from adlrisk.domain.position.prices import Prices


class SharedAccount(Struct, frozen=True, kw_only=True, gc=False):
    """The account behind a cross leg; amounts in settlement currency. ``None`` is unknown."""

    legs: int  # cross legs, those that cannot be read included
    gross_notional: float | None
    gross_leverage: float | None  # also None when the account is insolvent
    net_leverage: float | None
    prices: Prices  # of the leg, with all legs of its symbol moving together
    leg_hedges: bool  # whether without the leg the net exposure of its underlying would be larger
    nearest_move: float | None  # the smallest common move of all marks, in size, that liquidates it; None also: none
    knows_liquidation: bool  # else a liquidation price that is None is unknown
    knows_wallet: bool  # the wallet balance, which cannot be taken for the leg's margin here
    missing_backing: tuple[str, ...]  # the request fields that would settle an unknown equity
    missing_maintenance: str | None  # the one that would settle an unknown maintenance margin; None: it is known
