"""Price moves that end an account: of one symbol, with all its legs, or of all marks together."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.domain.account.figures import CommonMove
from adlrisk.domain.account.legs import AccountLeg
from adlrisk.domain.account.room import MovingMaintenance, Room
from adlrisk.domain.position.arithmetic import ROUNDING
from adlrisk.domain.position.prices import UNREACHABLE, Prices

_DOUBLED: Final = 1.0  # the largest rise of all marks that is looked at, a fraction


class Moves:
    """The price moves at which the equity of an account is 0, or meets its maintenance margin."""

    def __init__(
        self, legs: Sequence[AccountLeg], *, equity: float | None, maintenance: float | None, scale: float
    ) -> None:
        """Take the account's ``legs`` with its equity and maintenance margin in force, settlement currency.

        ``scale`` is what the legs' own maintenance margins are multiplied by, so that they do not exceed it.
        """
        self._legs = legs
        self._equity = equity
        self._maintenance = maintenance
        self._maintenance_scale = scale
        by_symbol: dict[str, list[AccountLeg]] = defaultdict(list)
        for leg in legs:
            by_symbol[leg.symbol].append(leg)
        self._symbols = {symbol: _move(together) for symbol, together in by_symbol.items()}
        self._changes: dict[tuple[str, float], Prices] = {}  # of t, by symbol and direction

    def common(self) -> CommonMove:
        """The smallest common relative moves of all marks at which equity meets maintenance margin."""
        room = self._room(_move(self._legs)) if self._legs else None
        if room is None:
            return CommonMove(falls=None, rises=None)
        falls, rises = room.lost_below(), room.lost_above()
        if self._legs[0].is_inverse:
            falls, rises = _inverted(rises), _inverted(falls)
        return CommonMove(
            falls=falls if falls is not None and falls > ROUNDING - 1.0 else None,
            rises=rises if rises is not None and rises <= _DOUBLED else None,
        )

    def prices(self, leg: AccountLeg) -> Prices:
        """The nearest prices against ``leg`` at which equity is 0, and at which it meets maintenance margin.

        All legs of its symbol move, and nothing else does. ``None`` where there is no such price, or it is unknown.
        """
        key = leg.symbol, leg.s
        found = self._changes.get(key)
        if found is None:
            symbol, below = self._symbols[leg.symbol], (leg.s > 0.0) is not leg.is_inverse
            room = self._room(symbol)
            liquidation = None if room is None else room.lost_below() if below else room.lost_above()
            found = self._changes[key] = self._end_of_equity(symbol, below=below), liquidation
        bankruptcy, liquidation = found
        return _price(bankruptcy, leg), _price(liquidation, leg)

    def _end_of_equity(self, moved: "_Moved", *, below: bool) -> float | None:
        """The change of t, as in ``Room``, at which equity is 0."""
        equity, slope = self._equity, moved.slope
        if equity is None or equity <= 0.0 or abs(slope) < ROUNDING * moved.scale:
            return None
        change = -equity / slope
        if below:
            return change if ROUNDING - 1.0 < change < 0.0 else None
        return change if change > 0.0 else None

    def _room(self, moved: "_Moved") -> Room | None:
        """The room as the legs ``moved`` move together; ``None`` if it is unknown, or there is none at the mark."""
        equity, maintenance, scale = self._equity, self._maintenance, self._maintenance_scale
        if equity is None or maintenance is None or equity <= maintenance:
            return None
        moving = moved.moving
        if scale != 1.0:
            moving = [MovingMaintenance(part.growth * scale, part.amount * scale) for part in moving]
        at_mark = math.fsum([part.growth - part.amount for part in moving if part.growth > part.amount])
        return Room(
            equity=equity, slope=moved.slope, fixed=max(0.0, maintenance - at_mark), moving=moving, scale=moved.scale
        )


class _Moved(Struct, frozen=True, kw_only=True, gc=False):
    """Legs that move together, as the terms of ``Room`` name them."""

    slope: float
    scale: float
    moving: Sequence[MovingMaintenance]


def _move(legs: Sequence[AccountLeg]) -> _Moved:
    net = math.fsum([leg.signed_notional for leg in legs])
    return _Moved(
        slope=-net if legs[0].is_inverse else net,
        scale=math.fsum([leg.notional for leg in legs]),
        moving=[leg.moving for leg in legs if leg.moving is not None],
    )


def _price(change: float | None, leg: AccountLeg) -> float | None:
    """The price at a change of t; ``None`` if it is as far from the leg's entry as makes that of one position null."""
    if change is None:
        return None
    if leg.is_inverse:
        price = leg.mark_price / (1.0 + change)
        return price if leg.entry_price > UNREACHABLE * price else None
    price = leg.mark_price + leg.mark_price * change
    return price if price > UNREACHABLE * leg.entry_price else None


def _inverted(change: float | None) -> float | None:
    """The relative move of the price whose reciprocal moves by ``change``."""
    return None if change is None else -change / (1.0 + change)
