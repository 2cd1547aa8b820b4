"""What several venues' answers have in common, once their fields are found."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from adlrisk.collect.adapters.observation import Finding, Liquidation
from adlrisk.collect.adapters.parsing import (
    BALANCE,
    FUNDING_CAP,
    FUNDING_RATE,
    INTERVAL_HOURS,
    MARGIN_RATE,
    NOT_NEGATIVE,
    PRICE,
    SIZE,
    Reading,
    Row,
)
from adlrisk.collect.adapters.source import Forced, Listed, Terms
from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.domain.position.position import Side

DEPTH_BANDS: Final = (100, 30, 10, 3)  # basis points of mid, to either side
Level = Sequence[object]  # price and size, as the venue writes them, and whatever follows
_TIERS: Final = "maintenance_tiers"


def on_record(reading: Reading, **fields: Any) -> Finding:
    """A finding of fields that go on record as they are."""
    return Finding(market=MarketRecord(**fields), left_out=reading.left_out)


def clock(row: Row, key: str, reading: Reading) -> Finding:
    """A finding of the venue's time."""
    return Finding(venue_time=reading.moment(row, key, field="clock"), left_out=reading.left_out)


def mark_price(row: Row | None, key: str, reading: Reading) -> Finding:
    """A finding of the mark price."""
    return on_record(reading, mark_price=reading.number(row, key, field="mark_price", within=PRICE))


def insurance(row: Row | None, key: str, reading: Reading) -> Finding:
    """A finding of a fund's balance."""
    return on_record(reading, insurance_fund=reading.number(row, key, field="insurance_fund", within=BALANCE))


def funding_rate(row: Row | None, key: str, reading: Reading) -> float | None:
    """The rate per interval."""
    return reading.number(row, key, field="funding_rate", within=FUNDING_RATE)


def funding_interval(row: Row | None, key: str, reading: Reading) -> float | None:
    """The hours between fundings, where the venue says them in hours.

    Where it says nothing that can be read, the rate is left out too: the service would take the venue's usual
    interval, and scale the rate by a wrong one.
    """
    hours = reading.number(row, key, field="funding_interval_hours", within=INTERVAL_HOURS)
    if hours is None:
        reading.leave_out("funding_rate", "missing")
    return hours


def funding_cap(row: Row | None, keys: Sequence[str], reading: Reading) -> float | None:
    """The largest size that the limits under ``keys`` allow."""
    limits = [reading.number(row, key, field="funding_cap", within=FUNDING_CAP) for key in keys]
    sizes = [abs(limit) for limit in limits if limit is not None]
    return max(sizes) if len(sizes) == len(keys) else None


class TierRow(Struct, frozen=True, kw_only=True):
    """One tier as read; ``None`` is what could not be."""

    up_to_notional: float | None
    rate: float | None
    amount: float | None = 0.0
    unlimited: bool = False


def tier_size(row: Row | None, key: str, reading: Reading) -> float | None:
    """Where a tier ends."""
    return reading.number(row, key, field=_TIERS, within=SIZE)


def tier_rate(row: Row | None, key: str, reading: Reading) -> float | None:
    """A maintenance margin rate."""
    return reading.number(row, key, field=_TIERS, within=MARGIN_RATE)


def tier_amount(row: Row | None, key: str, reading: Reading) -> float | None:
    """A tier's deduction."""
    return reading.number(row, key, field=_TIERS, within=NOT_NEGATIVE)


def tiers(rows: Iterable[TierRow], reading: Reading) -> Finding:
    """A finding of the tiers, all or none: with one missing, positions of its size would get another's rate."""
    read: list[MaintenanceTier] = []
    for row in rows:
        if row.rate is None or row.amount is None or (row.up_to_notional is None and not row.unlimited):
            return Finding(left_out=reading.left_out)
        read.append(MaintenanceTier(up_to_notional=row.up_to_notional, rate=row.rate, amount=row.amount))
    if not read:
        reading.leave_out(_TIERS, "missing")
    elif not all(_rises(before, after) for before, after in itertools.pairwise(read)):
        reading.leave_out(_TIERS, "absurd")
    # What is noted under this field, here or on the way, leaves all tiers out.
    spoilt = any(left_out.field == _TIERS for left_out in reading.left_out)
    return Finding(left_out=reading.left_out) if spoilt else on_record(reading, maintenance_tiers=tuple(read))


def _rises(before: MaintenanceTier, after: MaintenanceTier) -> bool:
    if before.up_to_notional is None:
        return False
    reaches_further = after.up_to_notional is None or after.up_to_notional > before.up_to_notional
    return reaches_further and after.rate >= before.rate and after.amount >= before.amount


def contract_size(terms: Terms, reading: Reading, *, field: str) -> float | None:
    """What turns contracts into money; without it ``field`` is left out."""
    if terms.contract is None or terms.contract_size is None:
        reading.leave_out(field, "missing")
        return None
    return terms.contract_size


def quote_value(terms: Terms, *, contracts: float, size: float, price: float) -> float:
    """``contracts`` in the quote currency: base times price (linear) or the contracts' face value (inverse)."""
    quantity = contracts * size
    return quantity if terms.contract == "inverse" else quantity * price


def depths(row: Mapping[str, Any], bids: str, asks: str, *, terms: Terms, reading: Reading) -> Finding:
    """A finding of the notional around mid, on the thinner side; ``bids`` and ``asks`` are keys of ``row``.

    A venue tells so many levels and no more, and around a contract with small ticks they end long before 1 %. What a
    book holds is told for each band that both its sides reach beyond: a side that ends before says only what there is
    at least.
    """
    size = contract_size(terms, reading, field="depth")
    buyers, sellers = _side(row.get(bids), reading), _side(row.get(asks), reading)
    if size is None or not buyers or not sellers:
        return Finding(left_out=reading.left_out)
    falls = all(after < before for (before, _), (after, _) in itertools.pairwise(buyers))
    rises = all(after > before for (before, _), (after, _) in itertools.pairwise(sellers))
    if not falls or not rises or buyers[0][0] >= sellers[0][0]:
        reading.leave_out("depth", "absurd")
        return Finding(left_out=reading.left_out)
    mid = (buyers[0][0] + sellers[0][0]) / 2.0

    def within(levels: list[tuple[float, float]], reach: float) -> float:
        return sum(
            quote_value(terms, contracts=contracts, size=size, price=price)
            for price, contracts in levels
            if abs(price - mid) <= reach
        )

    told = min(mid - buyers[-1][0], sellers[-1][0] - mid)
    reaches = {band: mid * band / 10_000.0 for band in DEPTH_BANDS}
    found = {
        band: min(within(buyers, reach), within(sellers, reach)) for band, reach in reaches.items() if told > reach
    }
    if not found:
        reading.leave_out("depth", "missing")
    return Finding(depths=found, left_out=reading.left_out)


def _side(levels: object, reading: Reading) -> list[tuple[float, float]] | None:
    if not isinstance(levels, list):
        reading.leave_out("depth", "missing" if levels is None or levels == "" else "mistyped")
        return None
    if not levels:
        reading.leave_out("depth", "absurd")
    read: list[tuple[float, float]] = []
    for level in levels:
        if not isinstance(level, list | tuple) or len(level) < 2:  # noqa: PLR2004 -- a price and a size
            reading.leave_out("depth", "mistyped")
            return None
        price = reading.value(level[0], field="depth", within=PRICE)
        contracts = reading.value(level[1], field="depth", within=SIZE)
        if price is None or contracts is None:
            return None
        read.append((price, contracts))
    return read


def forced(
    listed: Listed,
    *,
    side: Side | None,
    at: datetime | None,
    price: float | None,
    contracts: float | None,
    reading: Reading,
) -> Forced:
    """One forced close as read; with anything missing it is left out."""
    size = contract_size(listed.terms, reading, field="liquidations")
    if side is None:
        reading.leave_out("liquidations", "mistyped")
    if side is None or at is None or price is None or contracts is None or size is None:
        return Forced(symbol=listed.symbol, liquidation=None, left_out=reading.left_out)
    notional = quote_value(listed.terms, contracts=contracts, size=size, price=price)
    liquidation = Liquidation(at=at, side=side, price=price, notional=notional)
    return Forced(symbol=listed.symbol, liquidation=liquidation)
