"""A margin account: equity, maintenance margin and leverage of its cross legs together, and the moves that end it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from adlrisk.domain.account.figures import AccountFigures, CommonMove, GivenFigures
from adlrisk.domain.account.legs import AccountLeg
from adlrisk.domain.account.room import MovingMaintenance, Room
from adlrisk.domain.position.arithmetic import ROUNDING, given_balance
from adlrisk.domain.position.prices import UNREACHABLE, Prices

_DOUBLED: Final = 1.0  # the largest rise of all marks that is looked at, a fraction


class MarginAccount(Struct, frozen=True, kw_only=True, dict=True):
    """The cross legs of an account and the figures that were given for them.

    ``unreadable`` counts the cross legs whose figures are not known; ``hidden_symbols`` are their symbols, ``None``
    standing for any.
    """

    legs: Sequence[AccountLeg]
    given: GivenFigures
    unreadable: int = 0
    hidden_symbols: frozenset[str | None] = frozenset()

    @cached_property
    def figures(self) -> AccountFigures:
        """The account's figures."""
        equity, due = self.equity, self.maintenance
        solvent = equity if equity is not None and equity > 0.0 else None
        gross, net = self._gross_notional, self._net_notional
        return AccountFigures(
            equity=equity,
            wallet_balance=self.wallet_balance,
            maintenance_margin=due,
            margin_ratio=_over(due, solvent),
            gross_notional=gross,
            net_notional=net,
            gross_leverage=_over(gross, solvent),
            net_leverage=_over(net, solvent),
            margin_free=None if equity is None or due is None else equity - due,
            nearest_liquidation=self._nearest_liquidation,
            missing=self._missing,
        )

    @cached_property
    def equity(self) -> float | None:
        """Equity, settlement currency; 0 if it is mere rounding of its terms."""
        if self.given.equity is not None:
            return _balance(self.given.equity)
        if self.given.wallet_balance is None or self.unreadable:
            return None
        return _sum_rounded([_balance(self.given.wallet_balance), *(leg.unrealized_pnl for leg in self.legs)])

    @cached_property
    def wallet_balance(self) -> float | None:
        """Equity without unrealized PnL, settlement currency; 0 if it is mere rounding of its terms."""
        if self.given.wallet_balance is not None:
            return _balance(self.given.wallet_balance)
        if self.given.equity is None or self.unreadable:
            return None
        return _sum_rounded([_balance(self.given.equity), *(-leg.unrealized_pnl for leg in self.legs)])

    @cached_property
    def maintenance(self) -> float | None:
        """Maintenance margin of all cross legs, settlement currency."""
        return self.given.maintenance_margin or self._own_maintenance

    @cached_property
    def is_due(self) -> bool:
        """Whether liquidation is due: equity does not exceed maintenance margin."""
        return self.equity is not None and self.maintenance is not None and self.equity <= self.maintenance

    @property
    def is_one_position(self) -> bool:
        """Whether it is one known position with a known equity, which tells all that there is to know."""
        return len(self.legs) == 1 and not self.unreadable and self.equity is not None

    @cached_property
    def backing_field(self) -> str:
        """The request field that would settle an unknown equity."""
        return "wallet_balance" if self.given.wallet_balance is None else "equity"

    def prices(self, leg: AccountLeg) -> Prices:
        """Bankruptcy and liquidation price of ``leg`` with all legs of its symbol moving and all else still."""
        if self.equity is None:
            return None, None
        mark = leg.position.mark_price
        if not self.hidden_symbols.isdisjoint((leg.symbol, None)):
            return None, mark if self.is_due else None
        bankruptcy, liquidation = self._symbol_prices[leg.symbol]
        side = 0 if leg.s > 0.0 else 1
        return _in_reach(bankruptcy[side], leg), mark if self.is_due else _in_reach(liquidation[side], leg)

    @cached_property
    def _symbol_prices(self) -> dict[str, tuple[Prices, Prices]]:
        """For each symbol the bankruptcy prices below and above the mark, and the liquidation prices."""
        by_symbol: dict[str, list[AccountLeg]] = defaultdict(list)
        for leg in self.legs:
            by_symbol[leg.symbol].append(leg)
        return {
            symbol: (self._crossings(legs, due=False), self._crossings(legs, due=True))
            for symbol, legs in by_symbol.items()
        }

    def _crossings(self, legs: Sequence[AccountLeg], *, due: bool) -> Prices:
        """The prices below and above the mark at which equity is 0, or else meets maintenance margin (``due``)."""
        room = self._room(legs, due=due)
        if room is None:
            return None, None
        mark = legs[0].position.mark_price
        below, above = room.lost_below(), room.lost_above()
        if legs[0].is_inverse:
            return _divided(mark, above), _divided(mark, below)
        return _times(mark, below), _times(mark, above)

    @cached_property
    def _nearest_liquidation(self) -> CommonMove | None:
        if self.unreadable or self.equity is None or self.maintenance is None:
            return None
        if self.is_due:
            return CommonMove(falls=0.0, rises=0.0)
        room = self._room(self.legs, due=True) if self.legs else None
        if room is None:
            return CommonMove(falls=None, rises=None)
        below, above = room.lost_below(), room.lost_above()
        if self.legs[0].is_inverse:
            below, above = _inverted(above), _inverted(below)
        return CommonMove(falls=below, rises=above if above is not None and above <= _DOUBLED else None)

    def _room(self, legs: Sequence[AccountLeg], *, due: bool) -> Room | None:
        """The room as ``legs`` move together; ``None`` if it is unknown, or there is none at the mark."""
        equity, maintenance = self.equity, self.maintenance if due else 0.0
        if equity is None or maintenance is None or equity <= maintenance:
            return None
        net = math.fsum(leg.signed_notional for leg in legs)
        moving = self._moving(legs) if due else []
        at_mark = math.fsum(max(0.0, part.growth - part.amount) for part in moving)
        return Room(
            equity=equity,
            slope=-net if legs[0].is_inverse else net,
            fixed=max(0.0, maintenance - at_mark),
            moving=moving,
            scale=math.fsum(leg.notional for leg in legs),
        )

    def _moving(self, legs: Iterable[AccountLeg]) -> list[MovingMaintenance]:
        scale = self._maintenance_scale
        return [MovingMaintenance(leg.moving.growth * scale, leg.moving.amount * scale) for leg in legs if leg.moving]

    @cached_property
    def _maintenance_scale(self) -> float:
        """What rates and amounts are scaled by, so that the legs do not exceed the maintenance margin given."""
        known = math.fsum(leg.maintenance or 0.0 for leg in self.legs)
        given = self.given.maintenance_margin
        return given / known if given is not None and given < known else 1.0

    @cached_property
    def _own_maintenance(self) -> float | None:
        if self.unreadable:
            return None
        own = [leg.maintenance for leg in self.legs]
        return None if None in own else math.fsum(part for part in own if part is not None)

    @cached_property
    def _gross_notional(self) -> float | None:
        return None if self.unreadable else math.fsum(leg.notional for leg in self.legs)

    @cached_property
    def _net_notional(self) -> float | None:
        if self.unreadable:
            return None
        by_underlying: dict[str, list[float]] = defaultdict(list)
        for leg in self.legs:
            by_underlying[leg.underlying].append(leg.signed_notional)
        return math.fsum(abs(math.fsum(signed)) for signed in by_underlying.values())

    @cached_property
    def _missing(self) -> tuple[str, ...]:
        return (
            *((self.backing_field,) if self.equity is None else ()),
            *(("maintenance_margin",) if self.maintenance is None else ()),
        )


def _balance(given: float) -> float:
    balance: float = given_balance(given)
    return balance


def _sum_rounded(terms: Sequence[float]) -> float:
    total = math.fsum(terms)
    return total if abs(total) > ROUNDING * math.fsum(map(abs, terms)) else 0.0


def _over(amount: float | None, equity: float | None) -> float | None:
    return None if amount is None or equity is None else amount / equity


def _times(mark: float, change: float | None) -> float | None:
    return None if change is None else mark + mark * change


def _divided(mark: float, change: float | None) -> float | None:
    return None if change is None else mark / (1.0 + change)


def _inverted(change: float | None) -> float | None:
    """The relative move of the price whose reciprocal moves by ``change``; ``None`` if that is −100 %."""
    return None if change is None or (1.0 + change) * ROUNDING >= 1.0 else -change / (1.0 + change)


def _in_reach(price: float | None, leg: AccountLeg) -> float | None:
    """The price, unless it is as far out of reach as one of a single position would have to be for null."""
    if price is None:
        return None
    entry = leg.position.entry_price
    reach = entry / price if leg.is_inverse else price / entry
    return price if reach > UNREACHABLE else None
