"""Adapter of Hyperliquid's own perpetuals (not those of other builders).

Shapes of the answers: hyperliquid.gitbook.io, "Info endpoint", "Perpetuals", "Margin tiers".
Not used: the insurance fund (there is none), liquidations (no public stream has them), ``isDelisted`` (it tells no
time). Funding is hourly, which only the venue's card says.
"""

import math
from typing import Any, Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import Observation
from adlrisk.collect.adapters.parsing import SIZE, Bounds, CheckedParser, Row, row_at, rows_at
from adlrisk.collect.adapters.source import ContractTerms, Query, Source
from adlrisk.domain.position.position import Contract

_BOOK_LEVELS: Final = 20  # of l2Book, on each side
_DECIMALS: Final = Bounds(0.0, 12.0)
_LEVERAGE: Final = Bounds(1.0, 1000.0)
_SINGLE_BELOW: Final = 50.0  # a margin table with a smaller id has one tier, and the id is its leverage
_PRICE_DIGITS: Final = 4  # significant digits to which the book's prices are rounded
_COARSEST_STEP: Final = 0.2  # as a share of the band; with coarser prices the band is not used
_TIERS: Final = "maintenance_tiers"
_LeverageTier = tuple[float | None, float | None]  # lower bound and maximum leverage


def _parse_terms(contract: Contract, row: Row, parser: CheckedParser) -> ContractTerms:
    decimals = parser.read_number(row, "szDecimals", field="lot_size", within=_DECIMALS)
    if decimals is not None and not decimals.is_integer():
        parser.leave_out("lot_size", "absurd")
        decimals = None
    lot = None if decimals is None else float(f"1e-{decimals:.0f}")
    return ContractTerms(contract=contract, contract_size=1.0, lot_size=lot)


async def _fetch_assets(query: Query) -> tuple[Row, Row | None, Row | None]:
    """Metadata of all assets, of the asset, and its current figures; one answer covers all contracts."""
    answer = rows_at(await query.request("publicPostInfo", {"type": "metaAndAssetCtxs"}, shared=True))
    meta = row_at(answer[0] if answer else None)
    now = rows_at(answer[1] if len(answer) > 1 else None)
    for index, asset in enumerate(rows_at(meta, "universe")):
        if row_at(asset).get("name") == query.listing.symbol:
            return meta, row_at(asset), row_at(now[index]) if index < len(now) else None
    return meta, None, None


async def _fetch_funding(query: Query) -> Observation:
    parser = query.new_parser()
    _, _, row = await _fetch_assets(query)
    return shared.to_observation(parser, funding_rate=shared.parse_funding_rate(row, "funding", parser))


async def _fetch_mark(query: Query) -> Observation:
    _, _, row = await _fetch_assets(query)
    return shared.parse_mark_price(row, "markPx", query.new_parser())


async def _fetch_open_interest(query: Query) -> Observation:
    # Of one side or of both: sources contradict each other, and the venue's own documents do not say.
    _, _, row = await _fetch_assets(query)
    return shared.parse_open_interest_of_any_side(row, "openInterest", query.new_parser())


async def _fetch_tiers(query: Query) -> Observation:
    """Half the initial margin at the tier's maximum leverage; a tier's deduction keeps the margin continuous.

    ``deduction(n) = deduction(n − 1) + lower_bound(n)·(rate(n) − rate(n − 1))``. Source: "Margin tiers".
    """
    parser = query.new_parser()
    meta, asset, _ = await _fetch_assets(query)
    table = parser.read_number(asset, "marginTableId", field=_TIERS, within=SIZE)
    if table is None:
        return Observation(left_out=parser.left_out)
    if table < _SINGLE_BELOW:
        leverages: list[_LeverageTier] = [(0.0, parser.parse_number(table, field=_TIERS, within=_LEVERAGE))]
    else:
        leverages = _parse_leverages(meta, table, parser)
    if asset is not None and leverages:
        # The contract's maximum leverage is its first tier's; otherwise the table is another contract's.
        largest = parser.read_number(asset, "maxLeverage", field=_TIERS, within=_LEVERAGE)
        if largest is not None and largest != leverages[0][1]:
            parser.leave_out(_TIERS, "absurd")
    return shared.build_tiers(_add_deductions(leverages), parser)


def _parse_leverages(meta: Row, table: float, parser: CheckedParser) -> list[_LeverageTier]:
    """Lower bounds and maximum leverages of the tiers in ``marginTables``, which are pairs of id and tiers."""
    for pair in rows_at(meta, "marginTables"):
        identity, content = (*rows_at(pair), None, None)[:2]
        if identity in {int(table), str(int(table))}:
            return [
                (
                    parser.read_number(row_at(tier), "lowerBound", field=_TIERS, within=Bounds(0.0, SIZE.most)),
                    parser.read_number(row_at(tier), "maxLeverage", field=_TIERS, within=_LEVERAGE),
                )
                for tier in rows_at(content, "marginTiers")
            ]
    return []


def _add_deductions(leverages: list[_LeverageTier]) -> list[shared.ParsedTier]:
    tiers: list[shared.ParsedTier] = []
    deduction, before = 0.0, None
    for index, (lower, leverage) in enumerate(leverages):
        rate = None if leverage is None else 0.5 / leverage
        if before is not None and rate is not None and lower is not None:
            deduction += lower * (rate - before)
        last = index + 1 == len(leverages)
        end = None if last else leverages[index + 1][0]
        tiers.append(shared.ParsedTier(up_to_notional=end, rate=rate, amount=max(deduction, 0.0), unlimited=last))
        before = rate
    return tiers


async def _fetch_depth(query: Query) -> Observation:
    """The depths of 20 levels on each side, which reach far enough only with prices rounded outwards to 4 digits.

    Only whole price steps within a band count, so a band is up to a step too narrow; it is left out if a step is much
    of it.
    """
    parser = query.new_parser()
    request = {"type": "l2Book", "coin": query.listing.symbol, "nSigFigs": _PRICE_DIGITS}
    answer = row_at(await query.request("publicPostInfo", request))
    if not parser.check_fresh(answer, "time", "depth"):
        return Observation(left_out=parser.left_out)
    bids, asks, *_ = (*(_parse_levels(side) for side in rows_at(answer, "levels")), None, None)
    book = {"bids": bids, "asks": asks}
    observation = shared.measure_depths(book, "bids", "asks", terms=query.listing.terms, parser=parser)
    if not observation.depths or not bids:
        return observation
    step = _price_step(float(bids[0][0])) * 10_000.0
    fine = [band for band in observation.depths if step <= _COARSEST_STEP * band]
    if not fine:
        parser.leave_out("depth", "missing")
    return Observation(
        depths={band: observation.depths[band] for band in fine},
        depth_sizes={band: observation.depth_sizes[band] for band in fine},
        left_out=parser.left_out,
    )


def _parse_levels(side: object) -> list[tuple[Any, Any]]:
    return [(row_at(level).get("px"), row_at(level).get("sz")) for level in rows_at(side)]


def _price_step(price: float) -> float:
    """The step between rounded prices, as a fraction of the price."""
    return 10.0 ** (math.floor(math.log10(price)) - _PRICE_DIGITS + 1) / price


async def _fetch_clock(query: Query) -> Observation:
    answer = row_at(await query.request("publicPostInfo", {"type": "exchangeStatus"}))
    return shared.parse_clock(answer, "time", query.new_parser())


SOURCE: Final = Source(
    venue="hyperliquid",
    ccxt="hyperliquid",
    options={"fetchMarkets": {"types": ["swap"]}},
    symbol_key="name",
    parse_terms=_parse_terms,
    unpublished=frozenset({"funding_interval_hours", "funding_cap", "settles_at", "open_interest"}),
    calls={
        "tiers": _fetch_tiers,
        "funding": _fetch_funding,
        "mark": _fetch_mark,
        "depth": _fetch_depth,
        "open_interest": _fetch_open_interest,
        "clock": _fetch_clock,
    },
)
