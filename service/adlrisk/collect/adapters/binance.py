"""Binance USDⓈ-M and COIN-M futures.

Source of the answers' shapes: developers.binance.com, derivatives, REST API and web socket streams.
Not asked: maintenance tiers (they need a key); ``symbolAdlRisk``, a rating of the risk of ADL (low, medium, high),
which does not say that ADL is on.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import CallName, FetchError, Finding
from adlrisk.collect.adapters.parsing import PRICE, SIZE, Reading, Row, row_at, row_with, rows_at
from adlrisk.collect.adapters.source import Asking, Call, Forced, Listed, Source, Terms
from adlrisk.domain.position.position import Contract, Side

_LEVELS: Final = 1000  # the most that /depth gives
_FUND_SECONDS: Final = 2 * 86_400.0  # a snapshot; its pace is not documented
_CLOSED_BY: Final[dict[str, Side]] = {
    "SELL": "long",
    "BUY": "short",
}  # the order's side is the opposite of the position's


def _linear_terms(contract: Contract, row: Row, reading: Reading) -> Terms:
    # Sizes are in the base coin: exchangeInfo of USDⓈ-M has no contract size.
    return Terms(contract=contract, contract_size=1.0, lot_size=_lot_size(row, reading))


def _inverse_terms(contract: Contract, row: Row, reading: Reading) -> Terms:
    size = reading.number(row, "contractSize", field="contract_size", within=SIZE)
    return Terms(contract=contract, contract_size=size, lot_size=_lot_size(row, reading))


def _lot_size(row: Row, reading: Reading) -> float | None:
    filters = row.get("filters")
    lot = row_with(filters, "filterType", "LOT_SIZE") if isinstance(filters, list) else None
    return reading.number(lot, "stepSize", field="lot_size", within=SIZE)


async def _premium(api: str, asking: Asking) -> Row | None:
    answer = await asking.ask(f"{api}GetPremiumIndex", {"symbol": asking.listed.symbol})
    # COIN-M answers with a list, of one for a symbol.
    rows = [row_at(row) for row in (answer if isinstance(answer, list) else [answer])]
    if not any("symbol" in row for row in rows):
        raise FetchError("unreadable", "no symbol in the premium index")
    return row_with(rows, "symbol", asking.listed.symbol)


async def _funding(api: str, asking: Asking) -> Finding:
    reading = asking.reading()
    row = await _premium(api, asking)
    adjusted = rows_at(await asking.ask(f"{api}GetFundingInfo", {}, shared=True))
    limits = row_with(adjusted, "symbol", asking.listed.symbol)
    rate = shared.funding_rate(row, "lastFundingRate", reading)
    if not reading.fresh(row, "time", "funding_rate"):
        rate = None
    if limits is None:  # not adjusted: the venue's usual interval, which is on its card
        return shared.on_record(reading, funding_rate=rate)
    interval = shared.funding_interval(limits, "fundingIntervalHours", reading)
    return shared.on_record(
        reading,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.funding_cap(limits, ("adjustedFundingRateCap", "adjustedFundingRateFloor"), reading),
    )


async def _mark(api: str, asking: Asking) -> Finding:
    reading = asking.reading()
    row = await _premium(api, asking)
    if not reading.fresh(row, "time", "mark_price"):
        return Finding(left_out=reading.left_out)
    return shared.mark_price(row, "markPrice", reading)


async def _depth(api: str, asking: Asking) -> Finding:
    reading = asking.reading()
    row = row_at(await asking.ask(f"{api}GetDepth", {"symbol": asking.listed.symbol, "limit": _LEVELS}))
    if not reading.fresh(row, "T", "depth"):
        return Finding(left_out=reading.left_out)
    return shared.depths(row, "bids", "asks", terms=asking.listed.terms, reading=reading)


async def _clock(api: str, asking: Asking) -> Finding:
    return shared.clock(row_at(await asking.ask(f"{api}GetTime", {})), "serverTime", asking.reading())


def _calls(api: str) -> dict[CallName, Call]:
    """What both are asked, at ``fapiPublic`` or ``dapiPublic``."""
    return {
        "funding": partial(_funding, api),
        "mark": partial(_mark, api),
        "depth": partial(_depth, api),
        "clock": partial(_clock, api),
    }


async def _insurance(asking: Asking) -> Finding:
    reading = asking.reading()
    answer = row_at(await asking.ask("fapiPublicGetInsuranceBalance", {"symbol": asking.listed.symbol}))
    # A fund holds several coins; the one that the contract settles in is told, the rest comes on top of it.
    fund = row_with(rows_at(answer, "assets"), "asset", asking.listed.settle)
    if asking.listed.symbol not in rows_at(answer, "symbols"):
        fund = None
    if fund is not None and not reading.fresh(fund, "updateTime", "insurance_fund", seconds=_FUND_SECONDS):
        return Finding(left_out=reading.left_out)
    return shared.insurance(fund, "marginBalance", reading)


def _liquidations(message: object, find: Callable[[str], Listed | None], now: datetime) -> Iterator[Forced]:
    """The order of a ``forceOrder`` event: what it has filled, at its average price.

    The stream tells at most one order a second and symbol, the largest, so these are the least there were.
    """
    order = row_at(message, "o")
    listed = find(str(order.get("s")))
    if listed is None:
        return
    reading = Reading(now=now)
    yield shared.forced(
        listed,
        side=_CLOSED_BY.get(str(order.get("S"))),
        at=reading.moment(order, "T", field="liquidations"),
        price=reading.number(order, "ap", field="liquidations", within=PRICE),
        contracts=reading.number(order, "z", field="liquidations", within=SIZE),
        reading=reading,
    )


LINEAR: Final = Source(
    venue="binance",
    ccxt="binanceusdm",
    options={"fetchMarkets": {"types": ["linear"]}},
    symbol_key="symbol",
    terms=_linear_terms,
    calls={**_calls("fapiPublic"), "insurance": _insurance},
    liquidations=_liquidations,
)

INVERSE: Final = Source(
    venue="binance_coinm",
    ccxt="binancecoinm",
    options={"fetchMarkets": {"types": ["inverse"]}},
    symbol_key="symbol",
    terms=_inverse_terms,
    calls=_calls("dapiPublic"),
    liquidations=_liquidations,
)
