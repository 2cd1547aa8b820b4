"""Adapter of Binance USDⓈ-M and COIN-M futures.

Shapes of the answers: developers.binance.com, derivatives, REST API and web socket streams.
Not used: maintenance tiers (they need a key). ``symbolAdlRisk`` rates the risk of ADL and does not say whether ADL is
under way.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import CallName, FetchError, Observation
from adlrisk.collect.adapters.parsing import PRICE, SIZE, CheckedParser, Row, find_row, row_at, rows_at
from adlrisk.collect.adapters.source import Call, ContractTerms, Listing, Query, Source, StreamedLiquidation
from adlrisk.domain.position.market import AdlRating
from adlrisk.domain.position.position import Contract, Side

_BOOK_LEVELS: Final = 1000  # the most that /depth returns
_FUND_SECONDS: Final = 2 * 86_400.0  # how often it is updated is not documented
_RATING_SECONDS: Final = 5_400.0  # updated every half hour
_INTEREST_SECONDS: Final = 600.0  # its time is that of a change, which may be minutes ago
_NO_SETTLEMENT: Final = "4133404800000"  # the deliveryDate of perpetuals, in 2100; another one: when it is delisted
_RATINGS: Final[dict[str, AdlRating]] = {"low": "low", "medium": "medium", "high": "high"}
_CLOSED_SIDE: Final[dict[str, Side]] = {
    "SELL": "long",
    "BUY": "short",
}  # the order's side is the opposite of the position's


def _parse_linear_terms(contract: Contract, row: Row, parser: CheckedParser) -> ContractTerms:
    # Sizes are in the base coin: exchangeInfo of USDⓈ-M has no contract size.
    return _parse_terms(contract, 1.0, row, parser)


def _parse_inverse_terms(contract: Contract, row: Row, parser: CheckedParser) -> ContractTerms:
    size = parser.read_number(row, "contractSize", field="contract_size", within=SIZE)
    return _parse_terms(contract, size, row, parser)


def _parse_terms(contract: Contract, size: float | None, row: Row, parser: CheckedParser) -> ContractTerms:
    return ContractTerms(
        contract=contract,
        contract_size=size,
        lot_size=_parse_lot_size(row, parser),
        settles_at=shared.parse_settlement(row, "deliveryDate", parser, none=_NO_SETTLEMENT),
    )


def _parse_lot_size(row: Row, parser: CheckedParser) -> float | None:
    filters = row.get("filters")
    lot = find_row(filters, "filterType", "LOT_SIZE") if isinstance(filters, list) else None
    return parser.read_number(lot, "stepSize", field="lot_size", within=SIZE)


async def _fetch_premium(api: str, query: Query) -> Row | None:
    answer = await query.request(f"{api}GetPremiumIndex", {"symbol": query.listing.symbol})
    # COIN-M returns a list, of one row for a symbol.
    rows = [row_at(row) for row in (answer if isinstance(answer, list) else [answer])]
    if not any("symbol" in row for row in rows):
        raise FetchError("unreadable", "no symbol in the premium index")
    return find_row(rows, "symbol", query.listing.symbol)


async def _fetch_funding(api: str, query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_premium(api, query)
    adjusted = rows_at(await query.request(f"{api}GetFundingInfo", {}, shared=True))
    limits = find_row(adjusted, "symbol", query.listing.symbol)
    rate = shared.parse_funding_rate(row, "lastFundingRate", parser)
    if not parser.check_fresh(row, "time", "funding_rate"):
        rate = None
    if limits is None:  # not adjusted: the venue's default interval applies, which its card has
        return shared.to_observation(parser, funding_rate=rate)
    interval = shared.parse_funding_interval(limits, "fundingIntervalHours", parser)
    return shared.to_observation(
        parser,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.parse_funding_cap(limits, ("adjustedFundingRateCap", "adjustedFundingRateFloor"), parser),
    )


async def _fetch_mark(api: str, query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_premium(api, query)
    if not parser.check_fresh(row, "time", "mark_price"):
        return Observation(left_out=parser.left_out)
    return shared.parse_mark_price(row, "markPrice", parser)


async def _fetch_depth(api: str, query: Query) -> Observation:
    parser = query.new_parser()
    row = row_at(await query.request(f"{api}GetDepth", {"symbol": query.listing.symbol, "limit": _BOOK_LEVELS}))
    if not parser.check_fresh(row, "T", "depth"):
        return Observation(left_out=parser.left_out)
    return shared.measure_depths(row, "bids", "asks", terms=query.listing.terms, parser=parser)


async def _fetch_open_interest(api: str, query: Query) -> Observation:
    parser = query.new_parser()
    row = find_row(
        [await query.request(f"{api}GetOpenInterest", {"symbol": query.listing.symbol})], "symbol", query.listing.symbol
    )
    if not parser.check_fresh(row, "time", "open_interest", seconds=_INTEREST_SECONDS):
        return Observation(left_out=parser.left_out)
    return shared.parse_open_interest(row, "openInterest", parser)


async def _fetch_clock(api: str, query: Query) -> Observation:
    return shared.parse_clock(row_at(await query.request(f"{api}GetTime", {})), "serverTime", query.new_parser())


def _calls_at(api: str) -> dict[CallName, Call]:
    """The calls that both answer, at ``fapiPublic`` or ``dapiPublic``."""
    return {
        "funding": partial(_fetch_funding, api),
        "mark": partial(_fetch_mark, api),
        "depth": partial(_fetch_depth, api),
        "open_interest": partial(_fetch_open_interest, api),
        "clock": partial(_fetch_clock, api),
    }


async def _fetch_insurance(query: Query) -> Observation:
    parser = query.new_parser()
    answer = row_at(await query.request("fapiPublicGetInsuranceBalance", {"symbol": query.listing.symbol}))
    # A fund holds several coins; the settlement coin's balance is used, and the others add to the cover.
    fund = find_row(rows_at(answer, "assets"), "asset", query.listing.settle)
    covered = rows_at(answer, "symbols")
    if query.listing.symbol not in covered:
        fund = None
    if fund is not None and not parser.check_fresh(fund, "updateTime", "insurance_fund", seconds=_FUND_SECONDS):
        return Observation(left_out=parser.left_out)
    observation = shared.parse_insurance_fund(fund, "marginBalance", parser)
    if observation.market.insurance_fund is None:
        return observation
    reading = shared.parse_fund_reading(fund, "updateTime", parser, contracts=len(covered))
    return msgspec.structs.replace(observation, fund=reading)


async def _fetch_rating(query: Query) -> Observation:
    parser = query.new_parser()
    row = find_row(
        [await query.request("fapiPublicGetSymbolAdlRisk", {"symbol": query.listing.symbol})],
        "symbol",
        query.listing.symbol,
    )
    if not parser.check_fresh(row, "updateTime", "adl_rating", seconds=_RATING_SECONDS):
        return Observation(left_out=parser.left_out)
    return shared.to_observation(parser, adl_rating=parser.read_choice(row, "adlRisk", _RATINGS, field="adl_rating"))


def _parse_liquidations(
    message: object, find: Callable[[str], Listing | None], now: datetime
) -> Iterator[StreamedLiquidation]:
    """The order of a ``forceOrder`` event: its filled size, at its average price.

    The stream reports at most one order per second and symbol, the largest, so the sum is a lower bound.
    """
    order = row_at(message, "o")
    listing = find(str(order.get("s")))
    if listing is None:
        return
    parser = CheckedParser(now=now)
    yield shared.build_liquidation(
        listing,
        side=_CLOSED_SIDE.get(str(order.get("S"))),
        at=parser.read_time(order, "T", field="liquidations"),
        price=parser.read_number(order, "ap", field="liquidations", within=PRICE),
        contracts=parser.read_number(order, "z", field="liquidations", within=SIZE),
        parser=parser,
    )


LINEAR: Final = Source(
    venue="binance",
    ccxt="binanceusdm",
    options={"fetchMarkets": {"types": ["linear"]}},
    symbol_key="symbol",
    parse_terms=_parse_linear_terms,
    calls={**_calls_at("fapiPublic"), "insurance": _fetch_insurance, "rating": _fetch_rating},
    parse_liquidations=_parse_liquidations,
)

INVERSE: Final = Source(
    venue="binance_coinm",
    ccxt="binancecoinm",
    options={"fetchMarkets": {"types": ["inverse"]}},
    symbol_key="symbol",
    parse_terms=_parse_inverse_terms,
    calls=_calls_at("dapiPublic"),
    parse_liquidations=_parse_liquidations,
)
