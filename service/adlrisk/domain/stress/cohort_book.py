"""A book made up from aggregates: on both sides a cohort for every combination of entry price and leverage."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.apportionment import apportion_by_weight
from adlrisk.domain.deleverage.lots import MAX_LOTS, round_down, size_of_lots
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Contract, Side
from adlrisk.domain.queue.book import Book, derive_columns, maintenance_margins
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.stress.cohorts import KnownCohorts

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags, Floats

SIDES: Final[tuple[Side, ...]] = ("long", "short")


class CohortColumns(Struct, frozen=True, kw_only=True):
    """The cohorts of a book, one column per field: each stands for many small accounts of one entry and leverage."""

    id: list[str]
    side: list[Side]
    size: list[float]
    entry_price: list[float]
    leverage: list[float]


def list_cohorts(
    cohorts: KnownCohorts,
    rules: VenueRules,
    *,
    mark_price: float,
    contract: Contract,
    contract_size: float,
    lot_size: float,
) -> CohortColumns:
    """The cohorts of both sides.

    Those that would be liquidated at the mark price are left out, and the others of their side scaled up to the open
    interest; lots go by largest remainder on each side. Ids are `long:<entry>:<leverage>` and `short:…`.

    Raises:
        RefusedError: the open interest is less than a lot or too many, no maintenance margin rate is known, or nobody
            of a side would be left; ``path`` begins with ``cohorts``.
    """
    total = _count_lots(cohorts.open_interest, lot_size)
    entries = _merge((entry.price, entry.share) for entry in cohorts.entries)
    leverages = _merge((each.leverage, each.share) for each in cohorts.leverage)
    entry = np.repeat(np.array(list(entries), dtype=np.float64), len(leverages))
    leverage = np.tile(np.array(list(leverages), dtype=np.float64), len(entries))
    share = np.outer(list(entries.values()), list(leverages.values())).ravel()
    found = CohortColumns(id=[], side=[], size=[], entry_price=[], leverage=[])
    for side in SIDES:
        unit = _book_of_one_lot(
            entry,
            leverage,
            side=side,
            rate=cohorts.maintenance_margin_rate,
            mark_price=mark_price,
            contract=contract,
            contract_size=contract_size,
            lot_size=lot_size,
        )
        weight = np.where(_is_safe(unit, rules), share, 0.0)
        if not weight.any():
            raise _empty(side, mark_price)
        lots = apportion_by_weight(total, weight=weight, held=np.full(len(share), total))
        kept = np.flatnonzero(lots)
        prices, leverages_kept = entry[kept].tolist(), leverage[kept].tolist()
        found.id.extend(f"{side}:{_name(a)}:{_name(b)}" for a, b in zip(prices, leverages_kept, strict=True))
        found.side.extend([side] * len(kept))
        found.size.extend(size_of_lots(lots[kept], lot_size).tolist())
        found.entry_price.extend(prices)
        found.leverage.extend(leverages_kept)
    return found


def _count_lots(open_interest: float, lot_size: float) -> int:
    lots = open_interest / lot_size
    if lots > MAX_LOTS:
        why = f"is more than 2^48 lots of {format_number(lot_size)}: give a larger lot_size"
    elif not (count := round_down(lots)):
        why = f"is less than a lot of {format_number(lot_size)}"
    else:
        return count
    raise RefusedError(
        problem="not-a-lot-multiple",
        path=("cohorts", "open_interest"),
        detail=f"{format_number(open_interest, 12)} {why}",
    )


def _merge(parts: Iterable[tuple[float, float]]) -> dict[float, float]:
    """Values with their shares, those of one value together."""
    shares: dict[float, list[float]] = {}
    for value, share in parts:
        shares.setdefault(value, []).append(share)
    return {value: math.fsum(each) for value, each in shares.items()}


def _book_of_one_lot(
    entry: "Floats",
    leverage: "Floats",
    *,
    side: Side,
    rate: float | None,
    mark_price: float,
    contract: Contract,
    contract_size: float,
    lot_size: float,
) -> Book:
    """The cohorts of one side, each of one lot."""

    def column(value: float | None) -> "Floats":
        return np.full(len(entry), np.nan if value is None else value)

    return Book(
        mark_price=mark_price,
        contract=contract,
        contract_size=contract_size,
        is_long=np.full(len(entry), side == "long"),
        size=column(lot_size),
        entry_price=entry,
        equity=column(None),
        margin=column(None),
        leverage=leverage,
        wallet_balance=column(None),
        maintenance_margin_rate=column(rate),
        maintenance_amount=column(0.0),
        maintenance_margin=column(None),
        maintenance_on_entry=column(None),
    )


def _is_safe(unit: Book, rules: VenueRules) -> "Flags":
    """Whose equity is above the maintenance margin at the mark price."""
    state = derive_columns(unit)
    due = maintenance_margins(unit, state, default_rate=rules.maintenance_margin_rate, basis=rules.maintenance_basis)
    if np.isnan(due).any():
        raise RefusedError(
            problem="maintenance-margin-required",
            path=("cohorts", "maintenance_margin_rate"),
            detail="Who is liquidated depends on maintenance margin, and neither the request nor the venue has a rate: "
            "send cohorts.maintenance_margin_rate",
        )
    flags: Flags = state.equity > due
    return flags


def _empty(side: Side, mark_price: float) -> RefusedError:
    return RefusedError(
        problem="empty-book",
        path=("cohorts", "entries"),
        detail=f"All {side}s with these entry prices and leverages would be liquidated at {format_number(mark_price)}",
    )


def _name(value: float) -> str:
    """A price or leverage with all its digits.

    >>> _name(1950.0), _name(0.1)
    ('1950', '0.1')
    """
    return f"{value:.0f}" if value.is_integer() else repr(value)
