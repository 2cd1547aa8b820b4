"""Reader of WhiteBIT's futures.

Sources: WhiteBIT API v4, "Open positions", "Collateral account summary", "Collateral account balance summary",
"Available futures markets", "ADL quantile"; concepts, "Liquidation and margin requirements" and "Auto-deleveraging".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.domain.position.position import Side
from adlrisk.positions.readers.parsing import number, parse_number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_SETTLE: Final = "USDT"  # of all contracts, and what the account is valued in
_ROUNDING: Final = 0.01  # in USDT


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    side = _find_side(row)
    return VenuePosition(
        side=side,
        size=size_of(number(raw, "amount")),
        entry_price=positive(raw, "basePrice"),
        mark_price=None,  # it has none of its own
        margin_mode="cross",  # margin and futures share one collateral balance; isolated margin is for spot pairs only
        unrealized_pnl=number(raw, "pnl"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=None if side is None else parse_number(row.extra.get(side)),
    )


def _find_side(row: Row) -> Side | None:
    """The side that is named (hedge mode), else the sign of the amount, unless only the other side is in the queue."""
    word, amount = row.raw.get("positionSide"), number(row.raw, "amount")
    side = side_of(word, amount)
    if side_of(word) is not None:
        return side
    graded = [graded for graded in ("long", "short") if row.extra.get(graded) is not None]
    return None if len(graded) == 1 and graded != [side] else side


def _fetch_marks(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    answer = exchange.v4PublicGetFutures()
    return {listed["ticker_id"].upper(): {"mark_price": listed.get("mark_price")} for listed in answer["result"]}


def _fetch_readings(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    """The grade of each side; it is null on a side that is not held."""
    rows = exchange.request("collateral-account/adl-quantile", ["v4", "private"], "POST")
    return {row["market"].upper(): {"long": row.get("long"), "short": row.get("short")} for row in rows}


def _fetch_equity(exchange: Any, _: Ask) -> AccountEquity | None:
    """What margin and free margin add up to, if nothing has been borrowed.

    The requirement of maintenance margin has no documented unit.
    """
    amount = _find_sum(exchange.v4PrivatePostCollateralAccountSummary())
    if amount is None:
        return None
    balances = exchange.v4PrivatePostCollateralAccountBalanceSummary()
    if any(number(held, "borrow") != 0.0 for held in balances):
        return None
    others = any(held.get("asset") != _SETTLE and number(held, "balance") != 0.0 for held in balances)
    return AccountEquity(amount=amount, in_dollars=others)


def _find_sum(summary: Raw) -> float | None:
    """Margin and free margin, where their sum is the equity, without profit or with it.

    The documented examples differ in whether ``equity`` includes profit, and what open orders hold is not free.
    """
    fields = ("margin", "freeMargin", "equity", "pnl", "unrealizedFunding")
    margin, free, equity, profit, funding = (number(summary, field) for field in fields)
    if margin is None or free is None or equity is None or profit is None or funding is None:
        return None
    total = margin + free
    agrees = any(abs(total - whole) <= _ROUNDING for whole in (equity, equity + profit - funding))
    return total if agrees else None


WHITEBIT: Final = Reader(
    read=_read,
    additions=(
        Addition(what="the mark prices", fetch=_fetch_marks),
        Addition(what="the ADL readings", fetch=_fetch_readings),
    ),
    fetch_equity=_fetch_equity,
)
