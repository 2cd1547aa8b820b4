"""Adapter of Gate's linear and inverse perpetuals.

Shapes of the answers: www.gate.com/docs/developers/apiv4, "Futures"; repository gateio/gateapi-python, docs.
``adl_risk_states`` rates the risk of ADL and does not say whether ADL is under way. The web socket rounds sizes of
contracts that allow decimals down, so their liquidations are a lower bound.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import FetchError, Observation
from adlrisk.collect.adapters.parsing import PRICE, SIZE, Bounds, CheckedParser, Row, row_at, rows_at
from adlrisk.collect.adapters.source import ContractTerms, Listing, Query, Source, StreamedLiquidation
from adlrisk.domain.position.market import AdlRating
from adlrisk.domain.position.position import Contract, Side

_BOOK_LEVELS: Final = 200
_SECOND_MS: Final = 1000.0  # most times are in seconds
_FUND_SECONDS: Final = 2 * 86_400.0  # a balance a day
_RATING_SECONDS: Final = 300.0  # how often a state is calculated is not documented; changes are pushed every second
_ROUNDED: Final = 0.05  # how far initial margin rate × maximum leverage, each rounded, may be from 1
_NO_MULTIPLIER: Final = Bounds(0.0, 0.0)  # of inverse contracts, which are worth 1 USD
_ORDER: Final = Bounds(-SIZE.most, SIZE.most)
_TIERS: Final = "maintenance_tiers"
_TYPES: Final[dict[str, Contract]] = {"direct": "linear", "inverse": "inverse"}
_RATINGS: Final[dict[str, AdlRating]] = {"normal": "low", "warning": "medium", "adl_risk": "high"}


def _parse_terms(contract: Contract, row: Row, parser: CheckedParser) -> ContractTerms:
    settles_at = _parse_settlement(row, parser)
    kind = parser.read_choice(row, "type", _TYPES, field="contract")
    if kind != contract:  # such as a quanto contract, whose size is of neither kind
        parser.leave_out("contract", "absurd")
        return ContractTerms(settles_at=settles_at)
    # Sizes are whole contracts unless the contract allows decimals; their step is not published.
    is_whole = row.get("enable_decimal") is False
    if not is_whole:
        parser.leave_out("lot_size", "missing")
    return ContractTerms(
        contract=contract,
        contract_size=_parse_contract_size(contract, row, parser),
        lot_size=1.0 if is_whole else None,
        settles_at=settles_at,
    )


def _parse_contract_size(contract: Contract, row: Row, parser: CheckedParser) -> float | None:
    within = SIZE if contract == "linear" else _NO_MULTIPLIER
    multiplier = parser.read_number(row, "quanto_multiplier", field="contract_size", within=within)
    return 1.0 if multiplier == 0.0 else multiplier


def _parse_settlement(row: Row, parser: CheckedParser) -> str | None:
    """When the contract is delisted; only contracts that are to be have the time."""
    if str(row.get("delisted_time")) in {"None", "", "0"} and row.get("in_delisting") is False:
        return None
    return shared.parse_settlement(row, "delisted_time", parser, unit_ms=_SECOND_MS)


async def _fetch_contract(query: Query) -> Row | None:
    """The contract's row, which has its current figures too."""
    params = {"settle": query.listing.settle, "contract": query.listing.symbol}
    row = row_at(await query.request("publicFuturesGetSettleContractsContract", params, shared=True))
    if "name" not in row:
        raise FetchError("unreadable", "no name in the contract")
    return row if row.get("name") == query.listing.symbol else None


async def _fetch_funding(query: Query) -> Observation:
    parser = query.new_parser()
    row = await _fetch_contract(query)
    rate = shared.parse_funding_rate(row, "funding_rate", parser)
    seconds = parser.read_number(row, "funding_interval", field="funding_interval_hours", within=SIZE)
    hours = None if seconds is None else seconds / 3600.0
    interval = shared.parse_funding_interval({"hours": hours}, "hours", parser)
    return shared.to_observation(
        parser,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.parse_funding_cap(row, ("funding_rate_limit",), parser),
    )


async def _fetch_mark(query: Query) -> Observation:
    return shared.parse_mark_price(await _fetch_contract(query), "mark_price", query.new_parser())


async def _fetch_open_interest(query: Query) -> Observation:
    # The longs' contracts, which are as many as the shorts'.
    return shared.parse_open_interest(await _fetch_contract(query), "position_size", query.new_parser())


async def _fetch_depth(query: Query) -> Observation:
    parser = query.new_parser()
    params = {"settle": query.listing.settle, "contract": query.listing.symbol, "limit": _BOOK_LEVELS}
    book = row_at(await query.request("publicFuturesGetSettleOrderBook", params))
    if not parser.check_fresh(book, "current", "depth", unit_ms=_SECOND_MS):
        return Observation(left_out=parser.left_out)
    sides = {side: _parse_levels(book.get(side)) for side in ("bids", "asks")}
    return shared.measure_depths(sides, "bids", "asks", terms=query.listing.terms, parser=parser)


def _parse_levels(side: object) -> object:
    """The levels as pairs; whatever is none stays as it is, and is left out where depths are measured."""
    if not isinstance(side, list):
        return side
    return [(level.get("p"), level.get("s")) if isinstance(level, dict) else level for level in side]


async def _fetch_tiers(query: Query) -> Observation:
    """The risk limits; limit and deduction are in the settlement currency."""
    parser = query.new_parser()
    params = {"settle": query.listing.settle, "contract": query.listing.symbol}
    rows = [row_at(row) for row in rows_at(await query.request("publicFuturesGetSettleRiskLimitTiers", params))]
    ours = [row for row in rows if row.get("contract", query.listing.symbol) == query.listing.symbol]
    tiers = [_parse_tier(row, parser) for row in ours]
    return shared.build_tiers(sorted(tiers, key=lambda tier: tier.up_to_notional or 0.0), parser)


def _parse_tier(row: Row, parser: CheckedParser) -> shared.ParsedTier:
    leverage = shared.parse_tier_end(row, "leverage_max", parser)
    initial = parser.read_number(row, "initial_rate", field=_TIERS, within=SIZE)
    if leverage is not None and initial is not None and abs(initial * leverage - 1.0) > _ROUNDED:
        parser.leave_out(_TIERS, "absurd")
    return shared.ParsedTier(
        up_to_notional=shared.parse_tier_end(row, "risk_limit", parser),
        rate=shared.parse_tier_rate(row, "maintenance_rate", parser),
        amount=shared.parse_tier_deduction(row, "deduction", parser),
    )


async def _fetch_insurance(query: Query) -> Observation:
    """The newest balance of the fund, one for all contracts of a settlement currency."""
    parser = query.new_parser()
    params = {"settle": query.listing.settle}
    rows = [row_at(row) for row in rows_at(await query.request("publicFuturesGetSettleInsurance", params, shared=True))]
    newest = max(rows, key=lambda row: str(row.get("t")).zfill(20), default=None)
    if not parser.check_fresh(newest, "t", "insurance_fund", seconds=_FUND_SECONDS, unit_ms=_SECOND_MS):
        return Observation(left_out=parser.left_out)
    return shared.parse_insurance_fund(newest, "b", parser)


async def _fetch_rating(query: Query) -> Observation:
    parser = query.new_parser()
    params = {"settle": query.listing.settle}
    answer = row_at(await query.request("publicFuturesGetSettleAdlRiskStates", params, shared=True))
    states = row_at(answer, "states") if answer.get("settle") == query.listing.settle else {}
    state = row_at(states, query.listing.symbol) if query.listing.symbol in states else None
    if not parser.check_fresh(state, "calculated_at_ms", "adl_rating", seconds=_RATING_SECONDS):
        return Observation(left_out=parser.left_out)
    return shared.to_observation(parser, adl_rating=parser.read_choice(state, "state", _RATINGS, field="adl_rating"))


async def _fetch_clock(query: Query) -> Observation:
    return shared.parse_clock(row_at(await query.request("publicSpotGetTime", {})), "server_time", query.new_parser())


def _parse_liquidations(
    message: object, find: Callable[[str], Listing | None], now: datetime
) -> Iterator[StreamedLiquidation]:
    """Liquidation orders at their price; a negative size sells, which closes a long."""
    for row in rows_at(message, "result"):
        order = row_at(row)
        listing = find(str(order.get("contract")))
        if listing is None:
            continue
        parser = CheckedParser(now=now)
        size = parser.read_number(order, "size", field="liquidations", within=_ORDER)
        side: Side = "long" if size is not None and size < 0.0 else "short"
        yield shared.build_liquidation(
            listing,
            side=side,
            at=parser.read_time(order, "time", field="liquidations"),
            price=parser.read_number(order, "price", field="liquidations", within=PRICE),
            contracts=None if size is None else parser.parse_number(abs(size), field="liquidations", within=SIZE),
            parser=parser,
        )


SOURCE: Final = Source(
    venue="gate",
    ccxt="gate",
    options={"fetchMarkets": {"types": ["swap"]}},
    symbol_key="name",
    parse_terms=_parse_terms,
    unpublished=frozenset({"fund_peak"}),  # a balance once a day shows no peak of hours
    calls={
        "tiers": _fetch_tiers,
        "funding": _fetch_funding,
        "mark": _fetch_mark,
        "depth": _fetch_depth,
        "insurance": _fetch_insurance,
        "rating": _fetch_rating,
        "open_interest": _fetch_open_interest,
        "clock": _fetch_clock,
    },
    parse_liquidations=_parse_liquidations,
    liquidation_channel="futures.public_liquidates",
)
