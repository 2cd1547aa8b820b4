"""OKX's linear and inverse perpetuals.

Source of the answers' shapes: www.okx.com/docs-v5, "Public data" and "Order book trading".
Not asked: whether ADL is on. The REST answer's ``adlType`` is deprecated and empty since June 2026.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import Finding
from adlrisk.collect.adapters.parsing import PRICE, SIZE, Reading, Row, row_at, row_with, rows_at
from adlrisk.collect.adapters.source import Asking, Forced, Listed, Source, Terms
from adlrisk.domain.position.position import Contract, Side

_LEVELS: Final = 5000  # the most that /market/books-full gives
_FUND_SECONDS: Final = 2 * 86_400.0  # told once a day, about 08:00 UTC
_CLOSED_BY: Final[dict[str, Side]] = {"sell": "long", "buy": "short"}  # the order's side, opposite to the position's


def _terms(contract: Contract, row: Row, reading: Reading) -> Terms:
    # A contract is worth ctVal times ctMult; ccxt leaves the multiplier out.
    value = reading.number(row, "ctVal", field="contract_size", within=SIZE)
    multiplier = reading.number(row, "ctMult", field="contract_size", within=SIZE)
    size = None if value is None or multiplier is None else value * multiplier
    return Terms(
        contract=contract,
        contract_size=size,
        lot_size=reading.number(row, "lotSz", field="lot_size", within=SIZE),
    )


async def _first(asking: Asking, endpoint: str, **params: Any) -> Row | None:
    """The row about the contract in an answer that may hold several."""
    answer = await asking.ask(endpoint, {"instId": asking.listed.symbol, **params})
    return row_with(rows_at(answer, "data"), "instId", asking.listed.symbol)


async def _funding(asking: Asking) -> Finding:
    reading = asking.reading()
    row = await _first(asking, "publicGetPublicFundingRate")
    if not reading.fresh(row, "ts", "funding_rate", "funding_interval_hours", "funding_cap"):
        return Finding(left_out=reading.left_out)
    rate = shared.funding_rate(row, "fundingRate", reading)
    interval = _interval(row, reading)
    return shared.on_record(
        reading,
        funding_rate=None if interval is None else rate,
        funding_interval_hours=interval,
        funding_cap=shared.funding_cap(row, ("maxFundingRate", "minFundingRate"), reading),
    )


def _interval(row: Row | None, reading: Reading) -> float | None:
    """The hours from this funding to the next."""
    here = reading.moment(row, "fundingTime", field="funding_interval_hours")
    there = reading.moment(row, "nextFundingTime", field="funding_interval_hours")
    if here is not None and there is not None:
        hours = (there - here).total_seconds() / 3600.0
        return shared.funding_interval({"hours": hours}, "hours", reading)
    reading.leave_out("funding_rate", "missing")
    return None


async def _mark(asking: Asking) -> Finding:
    reading = asking.reading()
    row = await _first(asking, "publicGetPublicMarkPrice", instType="SWAP")
    if not reading.fresh(row, "ts", "mark_price"):
        return Finding(left_out=reading.left_out)
    return shared.mark_price(row, "markPx", reading)


async def _depth(asking: Asking) -> Finding:
    reading = asking.reading()
    answer = await asking.ask("publicGetMarketBooksFull", {"instId": asking.listed.symbol, "sz": _LEVELS})
    books = rows_at(answer, "data")
    book = row_at(books[0] if books else None)
    if not reading.fresh(book, "ts", "depth"):
        return Finding(left_out=reading.left_out)
    return shared.depths(book, "bids", "asks", terms=asking.listed.terms, reading=reading)


async def _tiers(asking: Asking) -> Finding:
    """The position tiers, which end at a number of contracts: valued at the mark price of now.

    No deduction: a position's whole size takes its tier's rate. Cross and isolated margin have tables of their own;
    which one a position is under is not known here, so tiers are told only while both are the same.
    """
    reading = asking.reading()
    mark = await _mark(asking)
    price = mark.market.mark_price
    size = shared.contract_size(asking.listed.terms, reading, field="maintenance_tiers")
    cross, isolated = [await _table(asking, mode) for mode in ("cross", "isolated")]
    if price is None or size is None:
        reading.leave_out("maintenance_tiers", mark.left_out[0].why if mark.left_out else "missing")
        return Finding(left_out=reading.left_out)
    if cross != isolated:
        reading.leave_out("maintenance_tiers", "absurd")
        return Finding(left_out=reading.left_out)
    inverse = asking.listed.terms.contract == "inverse"
    notional_per_contract = size / price if inverse else size * price
    rows = []
    for contracts_key, rate_key in cross:
        contracts = shared.tier_size({"maxSz": contracts_key}, "maxSz", reading)
        rate = shared.tier_rate({"mmr": rate_key}, "mmr", reading)
        end = None if contracts is None else contracts * notional_per_contract
        rows.append(shared.TierRow(up_to_notional=end, rate=rate))
    return shared.tiers(sorted(rows, key=lambda row: row.up_to_notional or 0.0), reading)


async def _table(asking: Asking, mode: str) -> list[tuple[object, object]]:
    family = str(asking.listed.row.get("instFamily"))
    answer = await asking.ask(
        "publicGetPublicPositionTiers", {"instType": "SWAP", "tdMode": mode, "instFamily": family}
    )
    rows = [row_at(row) for row in rows_at(answer, "data")]
    return [(row.get("maxSz"), row.get("mmr")) for row in rows if row.get("instFamily") == family]


async def _insurance(asking: Asking) -> Finding:
    reading = asking.reading()
    family = str(asking.listed.row.get("instFamily"))
    answer = await asking.ask("publicGetPublicInsuranceFund", {"instType": "SWAP", "instFamily": family})
    fund = row_with(rows_at(answer, "data"), "instFamily", family)
    told = [] if fund is None else [row_at(row) for row in rows_at(fund, "details")]
    ours = [row for row in told if row.get("ccy") == asking.listed.settle]
    newest = max(ours, key=lambda row: str(row.get("ts")).zfill(20), default=None)
    if not reading.fresh(newest, "ts", "insurance_fund", seconds=_FUND_SECONDS):
        return Finding(left_out=reading.left_out)
    return shared.insurance(newest, "balance", reading)


async def _clock(asking: Asking) -> Finding:
    rows = rows_at(await asking.ask("publicGetPublicTime", {}), "data")
    return shared.clock(row_at(rows[0] if rows else None), "ts", asking.reading())


def _liquidations(message: object, find: Callable[[str], Listed | None], now: datetime) -> Iterator[Forced]:
    """Liquidation orders of all perpetuals, at their bankruptcy price; at most one a second and contract is told."""
    for row in rows_at(message, "data"):
        contract = row_at(row)
        listed = find(str(contract.get("instId")))
        if listed is None:
            continue
        for detail in rows_at(contract, "details"):
            close = row_at(detail)
            reading = Reading(now=now)
            yield shared.forced(
                listed,
                side=_CLOSED_BY.get(str(close.get("side"))),
                at=reading.moment(close, "ts", field="liquidations"),
                price=reading.number(close, "bkPx", field="liquidations", within=PRICE),
                contracts=reading.number(close, "sz", field="liquidations", within=SIZE),
                reading=reading,
            )


SOURCE: Final = Source(
    venue="okx",
    ccxt="okx",
    options={"fetchMarkets": {"types": ["swap"]}},
    symbol_key="instId",
    terms=_terms,
    calls={
        "tiers": _tiers,
        "funding": _funding,
        "mark": _mark,
        "depth": _depth,
        "insurance": _insurance,
        "clock": _clock,
    },
    liquidations=_liquidations,
)
