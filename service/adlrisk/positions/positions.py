"""Conversion of an open position from ccxt's form into one that can be scored, with the assumptions made.

A position has its own figures only: what backs a cross one is its account's (``cross_accounts``). A value that cannot
be read is left out, never guessed. A position that cannot be scored has its name and the reason.
"""

from typing import Final

import msgspec
from msgspec import Struct

from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.position.bounds import SMALLEST_POSITIVE
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import MarginMode, Position, Side
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.positions.adl_meters import Raw, parse_number
from adlrisk.positions.margin import (
    find_margin_mode,
    parse_isolated_margin,
    parse_maintenance_margin,
    parse_maintenance_rate,
)

# More than a mark price moves between two calls, and less than the error of a wrong contract size.
_TOLERANCE: Final = 0.05


class Currencies(Struct, frozen=True, kw_only=True):
    """The currencies of a contract; ``None`` where the venue does not name them."""

    base: str | None
    quote: str | None
    settle: str | None


class OpenPosition(Struct, frozen=True, kw_only=True):
    """One open position of an account."""

    symbol: str  # the venue's own id of the contract
    market: str  # ccxt's name of it
    side: str | None
    margin_mode: MarginMode | None
    currencies: Currencies | None = None  # None: the venue lists no such contract
    separate_account: str | None = None  # the name of a margin account that is not the venue's main one
    position: Position | None = None  # without what backs it, unless that is its own; None: it cannot be scored
    assumptions: tuple[str, ...] = ()
    not_scored_reason: str | None = None
    is_requested: bool = True  # else it is known only as a part of the account


class PositionContext(Struct, frozen=True, kw_only=True):
    """The data about a position that are not in its own row."""

    rules: VenueRules
    venue: str  # the exchange's own name, if the card stands for several
    reading: float | None  # of the ADL meter, on the venue's scale
    account_mode: MarginMode | None = None
    separate_account: str | None = None
    is_requested: bool = True


class _UnscorableError(Exception):
    """The position cannot be scored; the message says why."""


def convert_position(row: Raw, market: Raw | None, context: PositionContext) -> OpenPosition | None:
    """The open position in ccxt's ``row``; ``None`` if its size is zero."""
    contracts = parse_number(row.get("contracts"))
    if contracts == 0.0:
        return None
    name = str(row.get("symbol"))
    mode = find_margin_mode(row, account_mode=context.account_mode)
    assumptions: list[str] = []
    position, not_scored_reason = None, None
    try:
        position = _convert(row, market, context, mode, assumptions)
    except _UnscorableError as error:
        not_scored_reason = str(error)
    return OpenPosition(
        symbol=name if market is None else str(market.get("id")),
        market=name,
        side=row.get("side"),
        margin_mode=mode,
        currencies=None if market is None else _find_currencies(market),
        separate_account=context.separate_account,
        position=position,
        assumptions=tuple(assumptions),
        not_scored_reason=not_scored_reason,
        is_requested=context.is_requested,
    )


def _convert(
    row: Raw, market: Raw | None, context: PositionContext, mode: MarginMode | None, assumptions: list[str]
) -> Position:
    venue = context.venue
    inverse = _is_inverse(market)
    side = _parse_side(row)
    size, entry, mark = (_require_number(row, field) for field in ("contracts", "entryPrice", "markPrice"))
    contract_size = _find_contract_size(row, market)
    quantity = size * contract_size
    pnl = float(
        unrealized_pnl(quantity, price_gain(sign_of(side), entry, mark), entry=entry, mark=mark, inverse=inverse)
    )
    _check_size(row, quantity=quantity, entry=entry, mark=mark, pnl=pnl, inverse=inverse)
    fields: dict[str, object] = {
        "side": side,
        "size": size,
        "entry_price": entry,
        "mark_price": mark,
        "contract": "inverse" if inverse else "linear",
        "contract_size": contract_size,
        "adl_meter": _check_reading(context.reading, context.rules, assumptions),
    }
    if mode == "isolated":
        fields |= _isolated_fields(venue, row, assumptions)
    else:
        notional = float(notional_value(quantity, mark, inverse=inverse))
        fields["maintenance_margin_rate"] = _own_maintenance_rate(venue, row["info"], notional=notional)
    if mode is None:
        assumptions.append(f"its margin mode is not known, so {_UNKNOWN_WITHOUT_MARGIN}")
    try:
        return msgspec.convert(fields, type=Position)
    except msgspec.ValidationError as error:
        raise _UnscorableError(f"its figures are beyond what can be scored: {error}") from None


_UNKNOWN_WITHOUT_MARGIN: Final = "leverage, share of profit, prices and queue key are unknown"


def _find_currencies(market: Raw) -> Currencies:
    return Currencies(base=market.get("base"), quote=market.get("quote"), settle=market.get("settle"))


def _is_inverse(market: Raw | None) -> bool:
    if market is None:
        raise _UnscorableError("the venue lists no such contract")
    if not market.get("swap"):
        raise _UnscorableError("it is no perpetual")
    linear, inverse = bool(market.get("linear")), bool(market.get("inverse"))
    if linear == inverse or (inverse and market.get("settle") != market.get("base")):
        raise _UnscorableError("it settles neither in its quote currency nor in its base currency")
    return inverse


def _parse_side(row: Raw) -> Side:
    sides: dict[object, Side] = {"long": "long", "short": "short"}
    try:
        return sides[row.get("side")]
    except KeyError:
        raise _UnscorableError("the venue does not say whether it is long or short") from None


def _require_number(row: Raw, field: str) -> float:
    number = parse_number(row.get(field))
    if number is None or number <= 0.0:
        raise _UnscorableError(f"the venue's answer has no {_FIELD_NAMES[field]}")
    return number


_FIELD_NAMES: Final = {"contracts": "size", "entryPrice": "entry price", "markPrice": "mark price"}


def _find_contract_size(row: Raw, market: Raw | None) -> float:
    size = parse_number(row.get("contractSize")) or parse_number((market or {}).get("contractSize"))
    if size is None or size <= 0.0:
        raise _UnscorableError("the contract's size is not known")
    return size


def _check_size(row: Raw, *, quantity: float, entry: float, mark: float, pnl: float, inverse: bool) -> None:
    """Check that size, contract size and prices match the notional and the PnL that the venue publishes."""
    at_mark: float = notional_value(quantity, mark, inverse=inverse)
    at_entry: float = notional_value(quantity, entry, inverse=inverse)
    notional = parse_number(row.get("notional"))
    if notional and all(abs(abs(notional) - own) > _TOLERANCE * own for own in (at_mark, at_entry)):
        raise _UnscorableError(f"its size does not match the venue's notional of {notional:g}")
    venue_pnl = parse_number(row.get("unrealizedPnl"))
    if venue_pnl is not None and abs(venue_pnl - pnl) > _TOLERANCE * at_mark:
        raise _UnscorableError(f"its size and prices do not match the venue's unrealized PnL of {venue_pnl:g}")


def _check_reading(reading: float | None, rules: VenueRules, assumptions: list[str]) -> float | None:
    if reading is None or rules.meter is None:
        return None
    try:
        normalise_reading(reading, rules.meter)
    except RefusedError as error:
        assumptions.append(f"the ADL reading was left out: {error.detail}")
        return None
    return reading


def _isolated_fields(venue: str, row: Raw, assumptions: list[str]) -> dict[str, object]:
    margin = parse_isolated_margin(venue, row)
    if margin is None or margin <= 0.0:
        margin = None
        assumptions.append(f"the venue's answer has no margin of it, so {_UNKNOWN_WITHOUT_MARGIN}")
    return {
        "margin": margin,
        "maintenance_margin_rate": _as_rate(parse_maintenance_rate(venue, row["info"])),
        "maintenance_margin": parse_maintenance_margin(venue, row["info"]) or None,
    }


def _own_maintenance_rate(venue: str, raw: Raw, *, notional: float) -> float | None:
    """The share of its value that the venue keeps as maintenance margin of a cross position, else its tier's rate.

    A cross position has no maintenance margin apart from its account's, so the amount that the venue publishes is
    expressed as a rate: exact at the mark price, whatever the tier deducts or the venue adds for fees.
    """
    amount = parse_maintenance_margin(venue, raw)
    return (_as_rate(amount / notional) if amount else None) or _as_rate(parse_maintenance_rate(venue, raw))


def _as_rate(rate: float | None) -> float | None:
    return rate if rate is not None and SMALLEST_POSITIVE <= rate < 1.0 else None
