"""Forced fills of an account as they are told: with what is left of the position, and orders that are now too large."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.positions.account import Account
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.fills.forced import ForcedClose
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.requests.venue_calls import Retries
from adlrisk.watch.reading.observed import ForcedFill, OversizedOrder
from adlrisk.watch.reading.observed_position import find_size

_SAME: Final = 1e-9  # of a size: sums of decimals


class FoundFills(Struct, frozen=True, kw_only=True):
    """The forced fills that a reading found."""

    fills: tuple[ForcedFill, ...] = ()
    until: float | None = None  # by the venue's clock: all until then are known; None: they could not be read
    problems: tuple[str, ...] = ()


class ForcedFills:
    """Forced fills of one account, over its readings."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: frozenset[str] = frozenset()  # of the last reading: their orders are not asked for again

    def read(self, reading: AccountReading, *, since: float | None, retries: Retries) -> FoundFills:
        """Those since ``since``, by the venue's clock.

        Orders are asked for of those that the last reading did not have, and where ``since`` says that there was one.
        """
        found = self._account.read_forced_fills(since, retries=retries)
        orders = _Orders(self._account, retries)
        fills = []
        for close in found.closes:
            left = find_left(reading, symbol=close.symbol, side=close.side)
            is_new = since is not None and close.id not in self._known
            oversized = orders.find_oversized(close, left) if is_new else None
            fills.append(_describe(close, left=left, oversized=oversized))
        if found.until is not None:
            self._known = frozenset(close.id for close in found.closes)
        return FoundFills(fills=tuple(fills), until=found.until, problems=found.problems)


def find_left(reading: AccountReading, *, symbol: str, side: Side | None) -> float | None:
    """What is open of the position, in contracts; 0.0: nothing, ``None``: not known."""
    if side is None:
        return None
    held = [one for one in reading.positions if one.symbol.upper() == symbol.upper()]
    if any(one.side is None for one in held):
        return None
    mine = [one for one in held if one.side == side]
    if not mine:
        return 0.0 if reading.is_complete else None
    return _sum(mine)


def _sum(positions: Sequence[OpenPosition]) -> float | None:
    """The size of all of them: a side may be held in two margin modes."""
    sizes = [find_size(one) for one in positions]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


class _Orders:
    """The open orders of one reading, each contract and side asked for once."""

    def __init__(self, account: Account, retries: Retries) -> None:
        self._account = account
        self._retries = retries
        self._read: dict[tuple[str, Side], tuple[OversizedOrder, ...] | None] = {}

    def find_oversized(self, close: ForcedClose, left: float | None) -> tuple[OversizedOrder, ...] | None:
        """The orders that can only reduce what is ``left`` and are larger; ``None``: not known."""
        if close.side is None or left is None:
            return None
        key = (close.symbol, close.side)
        if key not in self._read:
            orders = self._account.read_reducing_orders(*key, retries=self._retries)
            self._read[key] = (
                None
                if orders is None
                else tuple(
                    OversizedOrder(id=one.id, side=one.side, amount=one.amount, price=one.price)
                    for one in orders
                    if one.amount > left * (1.0 + _SAME)
                )
            )
        return self._read[key]


def _describe(close: ForcedClose, *, left: float | None, oversized: tuple[OversizedOrder, ...] | None) -> ForcedFill:
    return ForcedFill(
        id=close.id,
        at=close.at,
        symbol=close.symbol,
        side=close.side,
        kind=close.kind,
        size=close.size,
        price=close.price,
        left=left,
        note=close.note,
        oversized_orders=oversized,
    )
