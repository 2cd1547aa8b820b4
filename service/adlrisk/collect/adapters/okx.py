"""Adapter of OKX's linear and inverse perpetuals.

Shapes of the answers: www.okx.com/docs-v5, "Public data" and "Order book trading".
Not used: whether ADL is under way. The REST answer's ``adlType`` is deprecated and empty since June 2026.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import Observation
from adlrisk.collect.adapters.parsing import PRICE, SIZE, CheckedParser, Row, find_row, row_at, rows_at
from adlrisk.collect.adapters.source import ContractTerms, Listing, Query, Source, StreamedLiquidation
from adlrisk.domain.position.position import Contract, Side

_BOOK_LEVELS: Final = 5000  # the most that /market/books-full returns
_FUND_SECONDS: Final = 2 * 86_400.0  # updated once a day, about 08:00 UTC
_CLOSED_SIDE: Final[dict[str, Side]] = {"sell": "long", "buy": "short"}  # the order's side, opposite to the position's


def _parse_terms(contract: Contract, row: Row, parser: CheckedParser) -> ContractTerms:
    # A contract is worth ctVal times ctMult; ccxt leaves the multiplier out.
    value = parser.read_number(row, "ctVal", field="contract_size", within=SIZE)
    multiplier = parser.read_number(row, "ctMult", field="contract_size", within=SIZE)
    size = None if value is None or multiplier is None else value * multiplier
    return ContractTerms(
        contract=contract,
        contract_size=size,
        lot_size=parser.read_number(row, "lotSz", field="lot_size", within=SIZE),
        settles_at=shared.parse_settlement(row, "expTime", parser, none=""),  # of a perpetual: when it goes offline
    )


async def _fetch_row(query: Query, endpoint: str, **params: Any) -> Row | None:
    """The contract's row of an answer that may hold several."""
    answer = await query.request(endpoint, {"instId": query.listing.symbol, **params})
    return find_row(rows_at(answer, "data"), "instId", query.listing.symbol)


async def _fetch_funding(query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_row(query, "publicGetPublicFundingRate")
    if not parser.check_fresh(row, "ts", "funding_rate", "funding_interval_hours", "funding_cap"):
        return Observation(left_out=parser.left_out)
    rate = shared.parse_funding_rate(row, "fundingRate", parser)
    interval = _parse_interval(row, parser)
    return shared.to_observation(
        parser,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.parse_funding_cap(row, ("maxFundingRate", "minFundingRate"), parser),
    )


def _parse_interval(row: Row | None, parser: CheckedParser) -> float | None:
    """The hours between the next two fundings."""
    current = parser.read_time(row, "fundingTime", field="funding_interval_hours")
    following = parser.read_time(row, "nextFundingTime", field="funding_interval_hours")
    if following is not None and current is not None:
        hours = (following - current).total_seconds() / 3600.0
        return shared.parse_funding_interval({"hours": hours}, "hours", parser)
    parser.leave_out("funding_rate", "missing")
    return None


async def _fetch_mark(query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_row(query, "publicGetPublicMarkPrice", instType="SWAP")
    if not parser.check_fresh(row, "ts", "mark_price"):
        return Observation(left_out=parser.left_out)
    return shared.parse_mark_price(row, "markPx", parser)


async def _fetch_open_interest(query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_row(query, "publicGetPublicOpenInterest", instType="SWAP")
    if not parser.check_fresh(row, "ts", "open_interest"):
        return Observation(left_out=parser.left_out)
    return shared.parse_open_interest(row, "oi", parser)


async def _fetch_depth(query: Query) -> Observation:
    parser = query.new_parser()
    answer = await query.request("publicGetMarketBooksFull", {"instId": query.listing.symbol, "sz": _BOOK_LEVELS})
    books = rows_at(answer, "data")
    book = row_at(books[0] if books else None)
    if not parser.check_fresh(book, "ts", "depth"):
        return Observation(left_out=parser.left_out)
    return shared.measure_depths(book, "bids", "asks", terms=query.listing.terms, parser=parser)


async def _fetch_tiers(query: Query) -> Observation:
    """The position tiers, whose limits in contracts are valued at the current mark price.

    No deduction: the tier's rate applies to the whole position. Cross and isolated margin each have a table; which one
    applies to a position is not known here, so tiers are returned only while both are the same.
    """
    parser = query.new_parser()
    mark = await _fetch_mark(query)
    price = mark.market.mark_price
    size = shared.require_contract_size(query.listing.terms, parser, field="maintenance_tiers")
    cross, isolated = [await _fetch_tier_table(query, mode) for mode in ("cross", "isolated")]
    if price is None or size is None:
        parser.leave_out("maintenance_tiers", mark.left_out[0].why if mark.left_out else "missing")
        return Observation(left_out=parser.left_out)
    if cross != isolated:
        parser.leave_out("maintenance_tiers", "absurd")
        return Observation(left_out=parser.left_out)
    inverse = query.listing.terms.contract == "inverse"
    notional_per_contract = size / price if inverse else size * price
    rows = []
    for contracts_key, rate_key in cross:
        contracts = shared.parse_tier_end({"maxSz": contracts_key}, "maxSz", parser)
        rate = shared.parse_tier_rate({"mmr": rate_key}, "mmr", parser)
        end = None if contracts is None else contracts * notional_per_contract
        rows.append(shared.ParsedTier(up_to_notional=end, rate=rate))
    return shared.build_tiers(sorted(rows, key=lambda row: row.up_to_notional or 0.0), parser)


async def _fetch_tier_table(query: Query, mode: str) -> list[tuple[object, object]]:
    family = str(query.listing.row.get("instFamily"))
    answer = await query.request(
        "publicGetPublicPositionTiers", {"instType": "SWAP", "tdMode": mode, "instFamily": family}
    )
    rows = [row_at(row) for row in rows_at(answer, "data")]
    return [(row.get("maxSz"), row.get("mmr")) for row in rows if row.get("instFamily") == family]


async def _fetch_insurance(query: Query) -> Observation:
    parser = query.new_parser()
    family = str(query.listing.row.get("instFamily"))
    answer = await query.request("publicGetPublicInsuranceFund", {"instType": "SWAP", "instFamily": family})
    fund = find_row(rows_at(answer, "data"), "instFamily", family)
    details = [] if fund is None else [row_at(row) for row in rows_at(fund, "details")]
    ours = [row for row in details if row.get("ccy") == query.listing.settle]
    newest = max(ours, key=lambda row: str(row.get("ts")).zfill(20), default=None)
    if not parser.check_fresh(newest, "ts", "insurance_fund", seconds=_FUND_SECONDS):
        return Observation(left_out=parser.left_out)
    return shared.parse_insurance_fund(newest, "balance", parser)


async def _fetch_clock(query: Query) -> Observation:
    rows = rows_at(await query.request("publicGetPublicTime", {}), "data")
    return shared.parse_clock(row_at(rows[0] if rows else None), "ts", query.new_parser())


def _parse_liquidations(
    message: object, find: Callable[[str], Listing | None], now: datetime
) -> Iterator[StreamedLiquidation]:
    """Liquidation orders of all perpetuals at their bankruptcy price; at most one per second and contract is sent."""
    for row in rows_at(message, "data"):
        contract = row_at(row)
        listing = find(str(contract.get("instId")))
        if listing is None:
            continue
        for detail in rows_at(contract, "details"):
            close = row_at(detail)
            parser = CheckedParser(now=now)
            yield shared.build_liquidation(
                listing,
                side=_CLOSED_SIDE.get(str(close.get("side"))),
                at=parser.read_time(close, "ts", field="liquidations"),
                price=parser.read_number(close, "bkPx", field="liquidations", within=PRICE),
                contracts=parser.read_number(close, "sz", field="liquidations", within=SIZE),
                parser=parser,
            )


SOURCE: Final = Source(
    venue="okx",
    ccxt="okx",
    options={"fetchMarkets": {"types": ["swap"]}},
    symbol_key="instId",
    parse_terms=_parse_terms,
    unpublished=frozenset({"fund_peak"}),  # a balance once a day shows no peak of hours
    calls={
        "tiers": _fetch_tiers,
        "funding": _fetch_funding,
        "mark": _fetch_mark,
        "depth": _fetch_depth,
        "insurance": _fetch_insurance,
        "open_interest": _fetch_open_interest,
        "clock": _fetch_clock,
    },
    parse_liquidations=_parse_liquidations,
)
