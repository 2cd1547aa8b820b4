"""Adapter of Bybit's linear and inverse perpetuals.

Shapes of the answers: repository bybit-exchange/docs, docs/v5/market and docs/v5/websocket/public.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import FetchError, InsurancePool, Observation
from adlrisk.collect.adapters.parsing import BALANCE, PRICE, RATIO, SIZE, CheckedParser, Row, find_row, row_at, rows_at
from adlrisk.collect.adapters.source import ContractTerms, Listing, Query, Source, StreamedLiquidation
from adlrisk.domain.position.position import Contract, Side

_BOOK_LEVELS: Final = 500  # the most that /orderbook returns for futures
_FUND_SECONDS: Final = 2 * 86_400.0  # shared pools are updated every 24 hours
_ALERT_SECONDS: Final = 180.0  # updated every minute, and the answer may be a minute old
_ROUNDED: Final = 0.05  # how far initial margin rate × maximum leverage, each rounded, may be from 1
_CLOSED_SIDE: Final[dict[str, Side]] = {"Buy": "long", "Sell": "short"}  # docs of the stream: Buy is a liquidated long


def _parse_terms(contract: Contract, row: Row, parser: CheckedParser) -> ContractTerms:
    # Linear sizes are in the base coin, inverse contracts are worth 1 USD. ccxt returns the smallest order instead.
    lots = row.get("lotSizeFilter")
    lot = parser.read_number(lots if isinstance(lots, dict) else None, "qtyStep", field="lot_size", within=SIZE)
    settles_at = shared.parse_settlement(row, "deliveryTime", parser, none="0")  # of a perpetual: when it is delisted
    return ContractTerms(contract=contract, contract_size=1.0, lot_size=lot, settles_at=settles_at)


def _market_params(query: Query) -> dict[str, str]:
    contract = query.listing.terms.contract or "linear"
    return {"category": contract, "symbol": query.listing.symbol}


async def _fetch_ticker(query: Query, parser: CheckedParser, *fields: str) -> Row | None:
    answer = await query.request("publicGetV5MarketTickers", _market_params(query))
    if not parser.check_fresh(row_at(answer), "time", *fields):
        return None
    return find_row(rows_at(answer, "result", "list"), "symbol", query.listing.symbol)


async def _fetch_funding(query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_ticker(query, parser, "funding_rate", "funding_interval_hours", "funding_cap")
    interval = shared.parse_funding_interval(row, "fundingIntervalHour", parser)
    rate = shared.parse_funding_rate(row, "fundingRate", parser)
    return shared.to_observation(
        parser,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.parse_funding_cap(row, ("fundingCap",), parser),
    )


async def _fetch_mark(query: Query) -> Observation:
    parser = query.new_parser()
    return shared.parse_mark_price(await _fetch_ticker(query, parser, "mark_price"), "markPrice", parser)


async def _fetch_open_interest(query: Query) -> Observation:
    parser = query.new_parser()
    # Of a single side; ``openInterest`` beside it is the sum of both.
    row = await _fetch_ticker(query, parser, "open_interest")
    return shared.parse_open_interest(row, "singleOpenInterest", parser)


async def _fetch_depth(query: Query) -> Observation:
    parser = query.new_parser()
    answer = await query.request("publicGetV5MarketOrderbook", {**_market_params(query), "limit": _BOOK_LEVELS})
    book = row_at(answer, "result")
    if book.get("s") != query.listing.symbol:
        raise FetchError("unreadable", "the order book of another contract")
    if not parser.check_fresh(book, "ts", "depth"):
        return Observation(left_out=parser.left_out)
    return shared.measure_depths(book, "b", "a", terms=query.listing.terms, parser=parser)


async def _fetch_tiers(query: Query) -> Observation:
    """The risk limits; limit and deduction are in the settlement coin."""
    parser = query.new_parser()
    answer = await query.request("publicGetV5MarketRiskLimit", _market_params(query))
    rows = [row for row in rows_at(answer, "result", "list") if find_row([row], "symbol", query.listing.symbol)]
    read = [_parse_tier(row, parser) for row in rows if isinstance(row, dict)]
    return shared.build_tiers(sorted(read, key=lambda tier: tier.up_to_notional or 0.0), parser)


def _parse_tier(row: Row, parser: CheckedParser) -> shared.ParsedTier:
    rate = shared.parse_tier_rate(row, "maintenanceMargin", parser)
    leverage = shared.parse_tier_end(row, "maxLeverage", parser)
    # The docs' sample has rates in percent, the venue sends fractions; 1 / maximum leverage shows which.
    initial = parser.read_number(row, "initialMargin", field="maintenance_tiers", within=SIZE)
    if leverage is not None and initial is not None and abs(initial * leverage - 1.0) > _ROUNDED:
        parser.leave_out("maintenance_tiers", "absurd")
    # The lowest tier has no deduction, and may send an empty text for it.
    no_deduction = row.get("mmDeduction") == "" and str(row.get("isLowestRisk")) == "1"
    amount = 0.0 if no_deduction else shared.parse_tier_deduction(row, "mmDeduction", parser)
    return shared.ParsedTier(
        up_to_notional=shared.parse_tier_end(row, "riskLimitValue", parser), rate=rate, amount=amount
    )


async def _fetch_insurance(query: Query) -> Observation:
    parser = query.new_parser()
    answer = row_at(await query.request("publicGetV5MarketInsurance", {}, shared=True), "result")
    symbol, coin = query.listing.symbol, query.listing.settle
    pools = [row for row in rows_at(answer, "list") if isinstance(row, dict) and symbol in _symbols_of(row)]
    pool = find_row(pools, "coin", coin)
    if not parser.check_fresh(answer, _updated_key(answer), "insurance_fund", seconds=_FUND_SECONDS):
        return Observation(left_out=parser.left_out)
    observation = shared.parse_insurance_fund(pool, "balance", parser)
    if observation.market.insurance_fund is None or _symbols_of(pool or {}) != [symbol]:
        return observation
    # The answer's time is that of the isolated pools, updated every minute; a shared one's balance is up to a day old.
    reading = shared.parse_fund_reading(answer, _updated_key(answer), parser, contracts=1)
    return msgspec.structs.replace(observation, fund=reading)


def _symbols_of(row: Row) -> list[str]:
    return str(row.get("symbols")).split(",")


async def _fetch_adl(query: Query) -> Observation:
    """The figures that trigger ADL, by the rule in docs/v5/market/adl-alert.mdx."""
    parser = query.new_parser()
    answer = row_at(await query.request("publicGetV5MarketAdlAlert", {"symbol": query.listing.symbol}), "result")
    row = find_row(rows_at(answer, "list"), "symbol", query.listing.symbol)
    balance = parser.read_number(row, "balance", field="pool", within=BALANCE)
    if not parser.check_fresh(answer, _updated_key(answer), "pool", seconds=_ALERT_SECONDS) or balance is None:
        return Observation(left_out=parser.left_out)
    pool = InsurancePool(
        balance=balance,
        pnl_ratio=parser.read_number(row, "pnlRatio", field="pool", within=RATIO),
        trigger_balance=parser.read_number(row, "adlTriggerThreshold", field="pool", within=BALANCE),
        starts_at=parser.read_number(row, "insurancePnlRatio", field="pool", within=RATIO),
        stops_above=parser.read_number(row, "adlStopRatio", field="pool", within=RATIO),
    )
    return Observation(pool=pool, left_out=parser.left_out)


def _updated_key(answer: Row) -> str:
    """The docs' table has ``updateTime``, their sample ``updatedTime``."""
    return "updateTime" if "updateTime" in answer else "updatedTime"


async def _fetch_clock(query: Query) -> Observation:
    return shared.parse_clock(row_at(await query.request("publicGetV5MarketTime", {})), "time", query.new_parser())


def _parse_liquidations(
    message: object, find: Callable[[str], Listing | None], now: datetime
) -> Iterator[StreamedLiquidation]:
    """All liquidations within half a second, at their bankruptcy price."""
    for row in rows_at(message, "data"):
        close = row_at(row)
        listing = find(str(close.get("s")))
        if listing is None:
            continue
        parser = CheckedParser(now=now)
        yield shared.build_liquidation(
            listing,
            side=_CLOSED_SIDE.get(str(close.get("S"))),
            at=parser.read_time(close, "T", field="liquidations"),
            price=parser.read_number(close, "p", field="liquidations", within=PRICE),
            contracts=parser.read_number(close, "v", field="liquidations", within=SIZE),
            parser=parser,
        )


SOURCE: Final = Source(
    venue="bybit",
    ccxt="bybit",
    options={"fetchMarkets": {"types": ["linear", "inverse"]}},
    symbol_key="symbol",
    parse_terms=_parse_terms,
    calls={
        "tiers": _fetch_tiers,
        "funding": _fetch_funding,
        "mark": _fetch_mark,
        "depth": _fetch_depth,
        "insurance": _fetch_insurance,
        "adl": _fetch_adl,
        "open_interest": _fetch_open_interest,
        "clock": _fetch_clock,
    },
    parse_liquidations=_parse_liquidations,
    rate_limit_statuses=frozenset({403, 418, 429}),  # 403 "access too frequent"
)
