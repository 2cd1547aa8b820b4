"""Parsing that the adapters share: fields, margin tiers, order-book depths and liquidations."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from adlrisk.collect.adapters.observation import FundReading, Liquidation, Observation
from adlrisk.collect.adapters.parsing import (
    BALANCE,
    FUNDING_CAP,
    FUNDING_RATE,
    INTERVAL_HOURS,
    MARGIN_RATE,
    NOT_NEGATIVE,
    PRICE,
    SIZE,
    CheckedParser,
    Row,
)
from adlrisk.collect.adapters.source import ContractTerms, Listing, StreamedLiquidation
from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.domain.position.position import Side

DEPTH_BANDS: Final = (100, 30, 10, 3)  # basis points around mid, on each side
Level = Sequence[object]  # price and size, as the venue writes them, and whatever follows
_TIERS: Final = "maintenance_tiers"
_SETTLED_FOR: Final = timedelta(days=1)  # a contract that is listed this long after its date was not settled then


def to_observation(parser: CheckedParser, **fields: Any) -> Observation:
    """An observation of ``fields`` that go into the record unchanged."""
    return Observation(market=MarketRecord(**fields), left_out=parser.left_out)


def parse_clock(row: Row, key: str, parser: CheckedParser) -> Observation:
    """An observation of the venue's time, milliseconds under ``key``."""
    return Observation(venue_time=parser.read_time(row, key, field="clock"), left_out=parser.left_out)


def parse_mark_price(row: Row | None, key: str, parser: CheckedParser) -> Observation:
    """An observation of the mark price."""
    return to_observation(parser, mark_price=parser.read_number(row, key, field="mark_price", within=PRICE))


def parse_insurance_fund(row: Row | None, key: str, parser: CheckedParser) -> Observation:
    """An observation of the insurance fund's balance."""
    return to_observation(parser, insurance_fund=parser.read_number(row, key, field="insurance_fund", within=BALANCE))


def parse_fund_reading(row: Row | None, key: str, parser: CheckedParser, *, contracts: int) -> FundReading | None:
    """When the fund's balance held, milliseconds under ``key``."""
    at = parser.read_time(row, key, field="insurance_fund")
    return None if at is None else FundReading(at=at, contracts=contracts)


def parse_open_interest(row: Row | None, key: str, parser: CheckedParser) -> Observation:
    """An observation of open interest, in contracts of one side."""
    observation = parse_open_interest_of_any_side(row, key, parser)
    return msgspec.structs.replace(observation, market=MarketRecord(open_interest=observation.open_interest))


def parse_open_interest_of_any_side(row: Row | None, key: str, parser: CheckedParser) -> Observation:
    """An observation of open interest that may be of one side or of both together: how it changes is known."""
    interest = parser.read_number(row, key, field="open_interest", within=NOT_NEGATIVE)
    return Observation(open_interest=interest, left_out=parser.left_out)


def parse_settlement(
    row: Row, key: str, parser: CheckedParser, *, none: str | None = None, unit_ms: float = 1.0
) -> str | None:
    """When a contract is settled or delisted, by the time under ``key``; ``none`` is the venue's way to say never."""
    if str(row.get(key)) == none:
        return None
    at = parser.read_time(row, key, field="settles_at", unit_ms=unit_ms)
    if at is None:
        return None
    if at < parser.now - _SETTLED_FOR:
        parser.leave_out("settles_at", "stale")
        return None
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_funding_rate(row: Row | None, key: str, parser: CheckedParser) -> float | None:
    """The funding rate per interval, a fraction."""
    return parser.read_number(row, key, field="funding_rate", within=FUNDING_RATE)


def parse_funding_interval(row: Row | None, key: str, parser: CheckedParser) -> float | None:
    """The hours between fundings, from a value in hours.

    Without a readable value the rate is left out too: the service would scale it by the venue's default interval,
    which may be wrong.
    """
    hours = parser.read_number(row, key, field="funding_interval_hours", within=INTERVAL_HOURS)
    if hours is None:
        parser.leave_out("funding_rate", "missing")
    return hours


def parse_funding_cap(row: Row | None, keys: Sequence[str], parser: CheckedParser) -> float | None:
    """The largest absolute value of the limits under ``keys``; ``None`` unless all are readable."""
    limits = [parser.read_number(row, key, field="funding_cap", within=FUNDING_CAP) for key in keys]
    sizes = [abs(limit) for limit in limits if limit is not None]
    return max(sizes) if len(sizes) == len(keys) else None


class ParsedTier(Struct, frozen=True, kw_only=True):
    """A margin tier as parsed; ``None`` is a value that could not be read."""

    up_to_notional: float | None
    rate: float | None
    amount: float | None = 0.0
    unlimited: bool = False


def parse_tier_end(row: Row | None, key: str, parser: CheckedParser) -> float | None:
    """The upper end of a tier."""
    return parser.read_number(row, key, field=_TIERS, within=SIZE)


def parse_tier_rate(row: Row | None, key: str, parser: CheckedParser) -> float | None:
    """A tier's maintenance margin rate, a fraction."""
    return parser.read_number(row, key, field=_TIERS, within=MARGIN_RATE)


def parse_tier_deduction(row: Row | None, key: str, parser: CheckedParser) -> float | None:
    """A tier's deduction."""
    return parser.read_number(row, key, field=_TIERS, within=NOT_NEGATIVE)


def build_tiers(rows: Iterable[ParsedTier], parser: CheckedParser) -> Observation:
    """An observation of the tiers, all or none: if one were missing, its positions would get another tier's rate."""
    read: list[MaintenanceTier] = []
    for row in rows:
        if row.rate is None or row.amount is None or (row.up_to_notional is None and not row.unlimited):
            return Observation(left_out=parser.left_out)
        read.append(MaintenanceTier(up_to_notional=row.up_to_notional, rate=row.rate, amount=row.amount))
    if not read:
        parser.leave_out(_TIERS, "missing")
    elif not all(_is_ascending(before, after) for before, after in itertools.pairwise(read)):
        parser.leave_out(_TIERS, "absurd")
    # Anything left out under this field, here or before, leaves out all tiers.
    is_left_out = any(left_out.field == _TIERS for left_out in parser.left_out)
    return (
        Observation(left_out=parser.left_out) if is_left_out else to_observation(parser, maintenance_tiers=tuple(read))
    )


def _is_ascending(before: MaintenanceTier, after: MaintenanceTier) -> bool:
    if before.up_to_notional is None:
        return False
    reaches_further = after.up_to_notional is None or after.up_to_notional > before.up_to_notional
    return reaches_further and after.rate >= before.rate and after.amount >= before.amount


def require_contract_size(terms: ContractTerms, parser: CheckedParser, *, field: str) -> float | None:
    """The contract size; ``None`` leaves out ``field``."""
    if terms.contract is None or terms.contract_size is None:
        parser.leave_out(field, "missing")
        return None
    return terms.contract_size


def to_quote_currency(terms: ContractTerms, *, contracts: float, size: float, price: float) -> float:
    """``contracts`` in the quote currency: base times price (linear) or the contracts' face value (inverse)."""
    quantity = contracts * size
    return quantity if terms.contract == "inverse" else quantity * price


def measure_depths(
    row: Mapping[str, Any], bids: str, asks: str, *, terms: ContractTerms, parser: CheckedParser
) -> Observation:
    """An observation of what stands around mid on the thinner side; ``bids`` and ``asks`` are keys of ``row``.

    A venue returns a limited number of levels, which for a contract with small ticks end long before 1 %. The depth of
    a band is measured only if both sides reach beyond it: a side that ends earlier gives only a lower bound.
    """
    size = require_contract_size(terms, parser, field="depth")
    buyers, sellers = _parse_levels(row.get(bids), parser), _parse_levels(row.get(asks), parser)
    if size is None or not buyers or not sellers:
        return Observation(left_out=parser.left_out)
    falls = all(after < before for (before, _), (after, _) in itertools.pairwise(buyers))
    rises = all(after > before for (before, _), (after, _) in itertools.pairwise(sellers))
    if not falls or not rises or buyers[0][0] >= sellers[0][0]:
        parser.leave_out("depth", "absurd")
        return Observation(left_out=parser.left_out)
    mid = (buyers[0][0] + sellers[0][0]) / 2.0

    reached = min(mid - buyers[-1][0], sellers[-1][0] - mid)
    bands = [band for band in DEPTH_BANDS if reached > _reach(mid, band)]
    if not bands:
        parser.leave_out("depth", "missing")
    notionals = [
        [(price, to_quote_currency(terms, contracts=contracts, size=size, price=price)) for price, contracts in side]
        for side in (buyers, sellers)
    ]
    return Observation(
        depths={band: min(_sum_within(side, mid, band) for side in notionals) for band in bands},
        depth_sizes={band: min(_sum_within(side, mid, band) for side in (buyers, sellers)) for band in bands},
        left_out=parser.left_out,
    )


def _reach(mid: float, band: int) -> float:
    return mid * band / 10_000.0


def _sum_within(levels: Iterable[tuple[float, float]], mid: float, band: int) -> float:
    """The sum of what stands at ``levels``, pairs with the price first, within a band around mid."""
    return sum(amount for price, amount in levels if abs(price - mid) <= _reach(mid, band))


def _parse_levels(levels: object, parser: CheckedParser) -> list[tuple[float, float]] | None:
    if not isinstance(levels, list):
        parser.leave_out("depth", "missing" if levels is None or levels == "" else "mistyped")
        return None
    if not levels:
        parser.leave_out("depth", "absurd")
    read: list[tuple[float, float]] = []
    for level in levels:
        if not isinstance(level, list | tuple) or len(level) < 2:  # noqa: PLR2004 -- a price and a size
            parser.leave_out("depth", "mistyped")
            return None
        price = parser.parse_number(level[0], field="depth", within=PRICE)
        contracts = parser.parse_number(level[1], field="depth", within=SIZE)
        if price is None or contracts is None:
            return None
        read.append((price, contracts))
    return read


def build_liquidation(
    listing: Listing,
    *,
    side: Side | None,
    at: datetime | None,
    price: float | None,
    contracts: float | None,
    parser: CheckedParser,
) -> StreamedLiquidation:
    """A liquidation of ``listing``, left out if any part is missing."""
    size = require_contract_size(listing.terms, parser, field="liquidations")
    if side is None:
        parser.leave_out("liquidations", "mistyped")
    if side is None or at is None or price is None or contracts is None or size is None:
        return StreamedLiquidation(symbol=listing.symbol, liquidation=None, left_out=parser.left_out)
    notional = to_quote_currency(listing.terms, contracts=contracts, size=size, price=price)
    liquidation = Liquidation(at=at, side=side, price=price, notional=notional)
    return StreamedLiquidation(symbol=listing.symbol, liquidation=liquidation)
