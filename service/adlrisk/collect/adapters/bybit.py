"""Bybit's linear and inverse perpetuals.

Source of the answers' shapes: repository bybit-exchange/docs, docs/v5/market and docs/v5/websocket/public.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import FetchError, Finding, Pool
from adlrisk.collect.adapters.parsing import BALANCE, PRICE, RATIO, SIZE, Reading, Row, row_at, row_with, rows_at
from adlrisk.collect.adapters.source import Asking, Forced, Listed, Source, Terms
from adlrisk.domain.position.position import Contract, Side

_LEVELS: Final = 500  # the most that /orderbook gives for futures
_FUND_SECONDS: Final = 2 * 86_400.0  # shared pools are told once in 24 hours
_ALERT_SECONDS: Final = 180.0  # told every minute, and the answer may be a minute old
_ROUNDED: Final = 0.05  # how far initial margin rate times largest leverage, each rounded, may be from 1
_CLOSED: Final[dict[str, Side]] = {"Buy": "long", "Sell": "short"}  # docs of the stream: Buy is a liquidated long


def _terms(contract: Contract, row: Row, reading: Reading) -> Terms:
    # Linear sizes are in the base coin, inverse contracts are worth 1 USD. ccxt gives the smallest order instead.
    lots = row.get("lotSizeFilter")
    lot = reading.number(lots if isinstance(lots, dict) else None, "qtyStep", field="lot_size", within=SIZE)
    return Terms(contract=contract, contract_size=1.0, lot_size=lot)


def _category(asking: Asking) -> dict[str, str]:
    contract = asking.listed.terms.contract or "linear"
    return {"category": contract, "symbol": asking.listed.symbol}


async def _ticker(asking: Asking, reading: Reading, *fields: str) -> Row | None:
    answer = await asking.ask("publicGetV5MarketTickers", _category(asking))
    if not reading.fresh(row_at(answer), "time", *fields):
        return None
    return row_with(rows_at(answer, "result", "list"), "symbol", asking.listed.symbol)


async def _funding(asking: Asking) -> Finding:
    reading = asking.reading()
    row = await _ticker(asking, reading, "funding_rate", "funding_interval_hours", "funding_cap")
    interval = shared.funding_interval(row, "fundingIntervalHour", reading)
    rate = shared.funding_rate(row, "fundingRate", reading)
    return shared.on_record(
        reading,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.funding_cap(row, ("fundingCap",), reading),
    )


async def _mark(asking: Asking) -> Finding:
    reading = asking.reading()
    return shared.mark_price(await _ticker(asking, reading, "mark_price"), "markPrice", reading)


async def _depth(asking: Asking) -> Finding:
    reading = asking.reading()
    answer = await asking.ask("publicGetV5MarketOrderbook", {**_category(asking), "limit": _LEVELS})
    book = row_at(answer, "result")
    if book.get("s") != asking.listed.symbol:
        raise FetchError("unreadable", "the order book of another contract")
    if not reading.fresh(book, "ts", "depth"):
        return Finding(left_out=reading.left_out)
    return shared.depths(book, "b", "a", terms=asking.listed.terms, reading=reading)


async def _tiers(asking: Asking) -> Finding:
    """The risk limits; the limit is in the settlement coin, the deduction too."""
    reading = asking.reading()
    answer = await asking.ask("publicGetV5MarketRiskLimit", _category(asking))
    rows = [row for row in rows_at(answer, "result", "list") if row_with([row], "symbol", asking.listed.symbol)]
    read = [_tier(row, reading) for row in rows if isinstance(row, dict)]
    return shared.tiers(sorted(read, key=lambda tier: tier.up_to_notional or 0.0), reading)


def _tier(row: Row, reading: Reading) -> shared.TierRow:
    rate = shared.tier_rate(row, "maintenanceMargin", reading)
    leverage = shared.tier_size(row, "maxLeverage", reading)
    # The docs' sample has rates in percent, the venue fractions. 1 over the largest leverage tells which.
    initial = reading.number(row, "initialMargin", field="maintenance_tiers", within=SIZE)
    if leverage is not None and initial is not None and abs(initial * leverage - 1.0) > _ROUNDED:
        reading.leave_out("maintenance_tiers", "absurd")
    # The lowest tier deducts nothing, and may say so by an empty text.
    nothing = row.get("mmDeduction") == "" and str(row.get("isLowestRisk")) == "1"
    amount = 0.0 if nothing else shared.tier_amount(row, "mmDeduction", reading)
    return shared.TierRow(up_to_notional=shared.tier_size(row, "riskLimitValue", reading), rate=rate, amount=amount)


async def _insurance(asking: Asking) -> Finding:
    reading = asking.reading()
    answer = row_at(await asking.ask("publicGetV5MarketInsurance", {}, shared=True), "result")
    symbol, coin = asking.listed.symbol, asking.listed.settle
    pools = [row for row in rows_at(answer, "list") if isinstance(row, dict) and symbol in _symbols(row)]
    pool = row_with(pools, "coin", coin)
    if not reading.fresh(answer, _updated(answer), "insurance_fund", seconds=_FUND_SECONDS):
        return Finding(left_out=reading.left_out)
    return shared.insurance(pool, "balance", reading)


def _symbols(row: Row) -> list[str]:
    return str(row.get("symbols")).split(",")


async def _adl(asking: Asking) -> Finding:
    """What the venue triggers ADL by; docs/v5/market/adl-alert.mdx has the rule."""
    reading = asking.reading()
    answer = row_at(await asking.ask("publicGetV5MarketAdlAlert", {"symbol": asking.listed.symbol}), "result")
    row = row_with(rows_at(answer, "list"), "symbol", asking.listed.symbol)
    balance = reading.number(row, "balance", field="pool", within=BALANCE)
    if not reading.fresh(answer, _updated(answer), "pool", seconds=_ALERT_SECONDS) or balance is None:
        return Finding(left_out=reading.left_out)
    pool = Pool(
        balance=balance,
        pnl_ratio=reading.number(row, "pnlRatio", field="pool", within=RATIO),
        trigger_balance=reading.number(row, "adlTriggerThreshold", field="pool", within=BALANCE),
        starts_at=reading.number(row, "insurancePnlRatio", field="pool", within=RATIO),
        stops_above=reading.number(row, "adlStopRatio", field="pool", within=RATIO),
    )
    return Finding(pool=pool, left_out=reading.left_out)


def _updated(answer: Row) -> str:
    """The docs' table has ``updateTime``, their sample ``updatedTime``."""
    return "updateTime" if "updateTime" in answer else "updatedTime"


async def _clock(asking: Asking) -> Finding:
    return shared.clock(row_at(await asking.ask("publicGetV5MarketTime", {})), "time", asking.reading())


def _liquidations(message: object, find: Callable[[str], Listed | None], now: datetime) -> Iterator[Forced]:
    """All liquidations of half a second, at their bankruptcy price."""
    for row in rows_at(message, "data"):
        close = row_at(row)
        listed = find(str(close.get("s")))
        if listed is None:
            continue
        reading = Reading(now=now)
        yield shared.forced(
            listed,
            side=_CLOSED.get(str(close.get("S"))),
            at=reading.moment(close, "T", field="liquidations"),
            price=reading.number(close, "p", field="liquidations", within=PRICE),
            contracts=reading.number(close, "v", field="liquidations", within=SIZE),
            reading=reading,
        )


SOURCE: Final = Source(
    venue="bybit",
    ccxt="bybit",
    options={"fetchMarkets": {"types": ["linear", "inverse"]}},
    symbol_key="symbol",
    terms=_terms,
    calls={
        "tiers": _tiers,
        "funding": _funding,
        "mark": _mark,
        "depth": _depth,
        "insurance": _insurance,
        "adl": _adl,
        "clock": _clock,
    },
    liquidations=_liquidations,
    rate_limited=frozenset({403, 418, 429}),  # 403 "access too frequent"
)
