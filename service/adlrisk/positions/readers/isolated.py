"""Isolated margin inside an account's totals, which is not behind the cross positions, and sums over the latter."""

import math
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.positions.consistency import PNL_TOLERANCE
from adlrisk.positions.readers.parsing import less, number
from adlrisk.positions.readers.reader import AccountEquity, Ask, Row, VenuePosition

Read = Callable[[Row], VenuePosition]

_DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})


class IsolatedPart(NamedTuple):
    """What the isolated positions of a settlement currency have of its totals."""

    margin: float
    unrealized_pnl: float

    @property
    def equity(self) -> float:
        """Margin and unrealized PnL."""
        return self.margin + self.unrealized_pnl


def leave_out_isolated(total: float | None, ask: Ask, read: Read) -> AccountEquity | None:
    """The equity behind the cross positions, of a ``total`` in which all unrealized PnL and isolated margin are."""
    isolated = sum_isolated(ask, read)
    if total is None or isolated is None:
        return None
    amount = total - isolated.equity
    return AccountEquity(amount=amount, wallet_balance=less(amount, sum_cross_profit(ask, read)))


def sum_isolated(ask: Ask, read: Read) -> IsolatedPart | None:
    """The isolated part of what settles as asked; ``None`` where a position's mode, margin or profit is not known."""
    margins, profits = [], []
    for row, one in _list_held(ask, read):
        if one.margin_mode == "cross":
            continue
        profit = find_profit(row, one)
        if one.margin_mode is None or one.margin is None or profit is None:
            return None
        margins.append(one.margin)
        profits.append(profit)
    return IsolatedPart(math.fsum(margins), math.fsum(profits))


def sum_cross_profit(ask: Ask, read: Read) -> float | None:
    """The unrealized PnL of the cross positions that settle as asked; ``None`` where one's is not known."""
    return _sum(_of_cross(one, find_profit(row, one)) for row, one in _list_cross(ask, read))


def sum_dollar_profit(ask: Ask, read: Read) -> float | None:
    """The unrealized PnL of all cross positions, of an account in dollars; ``None`` where one is not in dollars."""
    held = [(row, one) for row in ask.rows if (one := read(row)).size != 0.0 and one.margin_mode != "isolated"]
    if any(row.market.get("settle") not in _DOLLARS for row, _ in held):
        return None
    return _sum(_of_cross(one, find_profit(row, one)) for row, one in held)


def sum_cross_maintenance(ask: Ask, read: Read) -> float | None:
    """The maintenance margin of the cross positions that settle as asked; ``None`` where one's is not known."""
    return _sum(_of_cross(one, one.maintenance_margin) for _, one in _list_cross(ask, read))


def find_profit(row: Row, one: VenuePosition) -> float | None:
    """The unrealized PnL that the venue publishes, else what prices and size make it."""
    if one.unrealized_pnl is not None:
        return one.unrealized_pnl
    entry, mark = one.entry_price, one.mark_price or number(row.extra, "mark_price")
    contract_size = one.contract_size or number(row.market, "contractSize")
    if one.side is None or one.size is None or not entry or not mark or contract_size is None:
        return None
    gain = price_gain(sign_of(one.side), entry, mark)
    inverse = _is_inverse(row, one)
    return float(unrealized_pnl(one.size * contract_size, gain, entry=entry, mark=mark, inverse=inverse))


def _list_held(ask: Ask, read: Read) -> Iterator[tuple[Row, VenuePosition]]:
    """The positions that settle as asked; of one that contradicts itself, or may settle so, nothing is known."""
    for row in ask.rows:
        if row.market.get("settle") not in (ask.settle, None):
            continue
        one = read(row)
        if one.size != 0.0:
            is_sound = bool(row.market) and not _contradicts(row, one)
            yield row, one if is_sound else msgspec.structs.replace(one, margin_mode=None)


def _contradicts(row: Row, one: VenuePosition) -> bool:
    """Whether the unrealized PnL that the venue publishes is not that of size and prices."""
    reckoned = find_profit(row, msgspec.structs.replace(one, unrealized_pnl=None))
    published, notional = one.unrealized_pnl, _find_notional(row, one)
    if published is None or reckoned is None or notional is None:
        return False
    return abs(published - reckoned) > PNL_TOLERANCE * notional


def _find_notional(row: Row, one: VenuePosition) -> float | None:
    mark = one.mark_price or number(row.extra, "mark_price")
    contract_size = one.contract_size or number(row.market, "contractSize")
    if one.size is None or not mark or contract_size is None:
        return None
    return float(notional_value(one.size * contract_size, mark, inverse=_is_inverse(row, one)))


def _is_inverse(row: Row, one: VenuePosition) -> bool:
    return (one.contract or ("inverse" if row.market.get("inverse") else "linear")) == "inverse"


def _list_cross(ask: Ask, read: Read) -> Iterator[tuple[Row, VenuePosition]]:
    """Those that are, or may be, cross."""
    return ((row, one) for row, one in _list_held(ask, read) if one.margin_mode != "isolated")


def _of_cross(one: VenuePosition, figure: float | None) -> float | None:
    """The ``figure`` of a position, unless it is not known whether that is cross."""
    return None if one.margin_mode is None else figure


def _sum(figures: Iterator[float | None]) -> float | None:
    listed = list(figures)
    known = [figure for figure in listed if figure is not None]
    return math.fsum(known) if len(known) == len(listed) else None
