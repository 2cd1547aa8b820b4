"""Hyperliquid's perpetuals (those of its own, not of other builders).

Source of the answers' shapes: hyperliquid.gitbook.io, "Info endpoint", "Perpetuals", "Margin tiers".
Not asked: the insurance fund (there is none), liquidations (no public stream of them). Fundings are hourly, which no
answer says: the venue's card does.
"""

import math
from typing import Any, Final

from adlrisk.collect.adapters import shared
from adlrisk.collect.adapters.observation import Finding
from adlrisk.collect.adapters.parsing import SIZE, Reading, Row, Within, row_at, rows_at
from adlrisk.collect.adapters.source import Asking, Source, Terms
from adlrisk.domain.position.position import Contract

_LEVELS: Final = 20  # of l2Book, a side
_DECIMALS: Final = Within(0.0, 12.0)
_LEVERAGE: Final = Within(1.0, 1000.0)
_SINGLE_BELOW: Final = 50.0  # margin tables with a smaller id have one tier, of that leverage
_DIGITS: Final = 4  # to which the book's prices are rounded
_COARSEST: Final = 0.2  # of a band: the steps to which they may be
_TIERS: Final = "maintenance_tiers"
_Tier = tuple[float | None, float | None]  # lower bound and largest leverage


def _terms(contract: Contract, row: Row, reading: Reading) -> Terms:
    decimals = reading.number(row, "szDecimals", field="lot_size", within=_DECIMALS)
    if decimals is not None and not decimals.is_integer():
        reading.leave_out("lot_size", "absurd")
        decimals = None
    lot = None if decimals is None else float(f"1e-{decimals:.0f}")
    return Terms(contract=contract, contract_size=1.0, lot_size=lot)


async def _assets(asking: Asking) -> tuple[Row, Row | None, Row | None]:
    """What is known of all assets, the asset, and what is known of it now; one answer for all contracts."""
    answer = rows_at(await asking.ask("publicPostInfo", {"type": "metaAndAssetCtxs"}, shared=True))
    meta = row_at(answer[0] if answer else None)
    now = rows_at(answer[1] if len(answer) > 1 else None)
    for index, asset in enumerate(rows_at(meta, "universe")):
        if row_at(asset).get("name") == asking.listed.symbol:
            return meta, row_at(asset), row_at(now[index]) if index < len(now) else None
    return meta, None, None


async def _funding(asking: Asking) -> Finding:
    reading = asking.reading()
    _, _, row = await _assets(asking)
    return shared.on_record(reading, funding_rate=shared.funding_rate(row, "funding", reading))


async def _mark(asking: Asking) -> Finding:
    _, _, row = await _assets(asking)
    return shared.mark_price(row, "markPx", asking.reading())


async def _tiers(asking: Asking) -> Finding:
    """Half the initial margin at the tier's largest leverage; a tier's deduction keeps the margin continuous.

    ``deduction(n) = deduction(n − 1) + lower_bound(n)·(rate(n) − rate(n − 1))``. Source: "Margin tiers".
    """
    reading = asking.reading()
    meta, asset, _ = await _assets(asking)
    table = reading.number(asset, "marginTableId", field=_TIERS, within=SIZE)
    if table is None:
        return Finding(left_out=reading.left_out)
    if table < _SINGLE_BELOW:
        leverages: list[_Tier] = [(0.0, reading.value(table, field=_TIERS, within=_LEVERAGE))]
    else:
        leverages = _leverages(meta, table, reading)
    if asset is not None and leverages:
        # The contract's largest leverage is that of its first tier: if not, this is another contract's table.
        largest = reading.number(asset, "maxLeverage", field=_TIERS, within=_LEVERAGE)
        if largest is not None and largest != leverages[0][1]:
            reading.leave_out(_TIERS, "absurd")
    return shared.tiers(_with_deductions(leverages), reading)


def _leverages(meta: Row, table: float, reading: Reading) -> list[_Tier]:
    """Lower bounds and largest leverages of the tiers of ``marginTables``: pairs of an id and its tiers."""
    for pair in rows_at(meta, "marginTables"):
        identity, content = (*rows_at(pair), None, None)[:2]
        if identity in {int(table), str(int(table))}:
            return [
                (
                    reading.number(row_at(tier), "lowerBound", field=_TIERS, within=Within(0.0, SIZE.most)),
                    reading.number(row_at(tier), "maxLeverage", field=_TIERS, within=_LEVERAGE),
                )
                for tier in rows_at(content, "marginTiers")
            ]
    return []


def _with_deductions(leverages: list[_Tier]) -> list[shared.TierRow]:
    tiers: list[shared.TierRow] = []
    deduction, before = 0.0, None
    for index, (lower, leverage) in enumerate(leverages):
        rate = None if leverage is None else 0.5 / leverage
        if before is not None and rate is not None and lower is not None:
            deduction += lower * (rate - before)
        last = index + 1 == len(leverages)
        end = None if last else leverages[index + 1][0]
        tiers.append(shared.TierRow(up_to_notional=end, rate=rate, amount=max(deduction, 0.0), unlimited=last))
        before = rate
    return tiers


async def _depth(asking: Asking) -> Finding:
    """From 20 levels a side, which reach far enough only with their prices rounded: outwards, to 4 digits.

    Whole steps within a band are counted, so a band is narrower by up to a step: it is told where that is little of it.
    """
    reading = asking.reading()
    request = {"type": "l2Book", "coin": asking.listed.symbol, "nSigFigs": _DIGITS}
    answer = row_at(await asking.ask("publicPostInfo", request))
    if not reading.fresh(answer, "time", "depth"):
        return Finding(left_out=reading.left_out)
    bids, asks, *_ = (*(_levels(side) for side in rows_at(answer, "levels")), None, None)
    book = {"bids": bids, "asks": asks}
    finding = shared.depths(book, "bids", "asks", terms=asking.listed.terms, reading=reading)
    if not finding.depths or not bids:
        return finding
    step = _step(float(bids[0][0])) * 10_000.0
    fine = {band: depth for band, depth in finding.depths.items() if step <= _COARSEST * band}
    if not fine:
        reading.leave_out("depth", "missing")
    return Finding(depths=fine, left_out=reading.left_out)


def _levels(side: object) -> list[tuple[Any, Any]]:
    return [(row_at(level).get("px"), row_at(level).get("sz")) for level in rows_at(side)]


def _step(price: float) -> float:
    """The step between rounded prices, as a part of the price."""
    return 10.0 ** (math.floor(math.log10(price)) - _DIGITS + 1) / price


async def _clock(asking: Asking) -> Finding:
    answer = row_at(await asking.ask("publicPostInfo", {"type": "exchangeStatus"}))
    return shared.clock(answer, "time", asking.reading())


SOURCE: Final = Source(
    venue="hyperliquid",
    ccxt="hyperliquid",
    options={"fetchMarkets": {"types": ["swap"]}},
    symbol_key="name",
    terms=_terms,
    unsaid=frozenset({"funding_interval_hours", "funding_cap"}),
    calls={"tiers": _tiers, "funding": _funding, "mark": _mark, "depth": _depth, "clock": _clock},
)
