"""Conversion of an open position from ccxt's form into one that can be scored, with the assumptions made.

A value that cannot be read is left out, never guessed. A position that cannot be scored has its name and the reason.
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec
from msgspec import Struct

from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position, Side
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.positions.adl_meters import Raw, parse_number
from adlrisk.positions.margin import (
    AccountEquity,
    MarginMode,
    find_margin_mode,
    parse_isolated_margin,
    parse_maintenance_margin,
    parse_maintenance_rate,
)

Basis = Literal["isolated", "account", "own-share"]
EquityOf = Callable[[str], AccountEquity | None]  # by settlement currency

# Deribit publishes sizes in money, and ccxt returns them as contracts.
_SIZES_IN_MONEY: Final = frozenset({"deribit"})
# KuCoin publishes the effective leverage, other venues the leverage setting.
_LEVERAGE_IS_EFFECTIVE: Final = frozenset({"kucoin"})
_DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})
# More than a mark price moves between two calls, and less than the error of a wrong contract size.
_TOLERANCE: Final = 0.05


class OpenPosition(Struct, frozen=True, kw_only=True):
    """One open position of an account."""

    symbol: str  # the venue's own id of the contract
    market: str  # ccxt's name of it
    side: str | None
    position: Position | None = None  # None: it cannot be scored
    margin_basis: Basis | None = None  # where its margin comes from
    assumptions: tuple[str, ...] = ()
    not_scored_reason: str | None = None


class AccountContext(Struct, frozen=True, kw_only=True):
    """The data about a position that are not in its own row."""

    rules: VenueRules
    reading: float | None  # of the ADL meter, on the venue's scale
    account_mode: MarginMode | None = None
    equity_of: EquityOf = lambda _: None


class _UnscorableError(Exception):
    """The position cannot be scored; the message says why."""


def convert_position(row: Raw, market: Raw | None, context: AccountContext) -> OpenPosition | None:
    """The open position in ccxt's ``row``; ``None`` if its size is zero."""
    contracts = parse_number(row.get("contracts"))
    if contracts == 0.0:
        return None
    name = str(row.get("symbol"))
    side = row.get("side")
    symbol = name if market is None else str(market.get("id"))
    assumptions: list[str] = []
    try:
        position, margin_basis = _convert(row, market, context, assumptions)
    except _UnscorableError as error:
        return OpenPosition(symbol=symbol, market=name, side=side, not_scored_reason=str(error))
    return OpenPosition(
        symbol=symbol,
        market=name,
        side=side,
        position=position,
        margin_basis=margin_basis,
        assumptions=tuple(assumptions),
    )


def _convert(row: Raw, market: Raw | None, context: AccountContext, assumptions: list[str]) -> tuple[Position, Basis]:
    venue = context.rules.id
    inverse = _is_inverse(market)
    side = _parse_side(row)
    size, entry, mark = (_require_number(row, field) for field in ("contracts", "entryPrice", "markPrice"))
    contract_size = _find_contract_size(venue, row, market)
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
    mode = find_margin_mode(row, account_mode=context.account_mode)
    if mode == "isolated":
        margin_basis: Basis = "isolated"
        fields |= _isolated_fields(venue, row)
    else:
        cross = mode == "cross"
        shared = _account_fields(market, context, pnl=pnl, mark=mark, assumptions=assumptions) if cross else None
        margin_basis = "own-share" if shared is None else "account"
        fields |= _own_share_fields(venue, row, mode=mode, assumptions=assumptions) if shared is None else shared
    try:
        return msgspec.convert(fields, type=Position), margin_basis
    except msgspec.ValidationError as error:
        raise _UnscorableError(f"its figures are beyond what can be scored: {error}") from None


def _is_inverse(market: Raw | None) -> bool:
    if market is None:
        raise _UnscorableError("the venue lists no such contract")
    if not market.get("swap"):
        raise _UnscorableError("it is no perpetual")
    linear, inverse = bool(market.get("linear")), bool(market.get("inverse"))
    if linear == inverse:
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


def _find_contract_size(venue: str, row: Raw, market: Raw | None) -> float:
    if venue in _SIZES_IN_MONEY:
        return 1.0
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


def _isolated_fields(venue: str, row: Raw) -> dict[str, object]:
    margin = parse_isolated_margin(venue, row)
    if margin is None or margin <= 0.0:
        raise _UnscorableError("the venue's answer has no margin of the isolated position")
    rate, absolute = parse_maintenance_rate(venue, row["info"]), parse_maintenance_margin(venue, row["info"])
    return {
        "margin": margin,
        "maintenance_margin_rate": rate if rate is not None and 0.0 < rate < 1.0 else None,
        "maintenance_margin": absolute or None,
    }


def _account_fields(
    market: Raw | None, context: AccountContext, *, pnl: float, mark: float, assumptions: list[str]
) -> dict[str, object] | None:
    """The account's equity without the position's own PnL, which scoring adds; ``None`` if it is not known."""
    market = market or {}
    settle = str(market.get("settle"))
    equity = context.equity_of(settle)
    if equity is None:
        return None
    unit = 1.0
    if equity.in_dollars:
        if market.get("quote") not in _DOLLARS:
            return None
        if market.get("inverse"):
            unit = 1.0 / mark
        elif settle != "USD":
            assumptions.append(f"the account's equity is in dollars, and one {settle} is taken as one dollar")
    margin = equity.amount * unit - pnl
    if margin <= 0.0:
        raise _UnscorableError("without this position's profit the account has no equity")
    held = equity.maintenance_margin
    return {"margin": margin, "maintenance_margin": None if not held else held * unit}


def _own_share_fields(venue: str, row: Raw, *, mode: MarginMode | None, assumptions: list[str]) -> dict[str, object]:
    """The position's initial margin, or its leverage setting: only a part of what backs it."""
    unknown = "margin mode is" if mode is None else "margin is cross and the account's equity is"
    assumptions.append(
        f"its {unknown} not known: only its own initial margin counts as its margin, so leverage, share of profit, "
        "prices and queue key refer to that share alone"
    )
    share, leverage = parse_number(row.get("initialMargin")), parse_number(row.get("leverage"))
    if share is not None and share > 0.0:
        return {"margin": share}
    if leverage is not None and leverage > 0.0 and venue not in _LEVERAGE_IS_EFFECTIVE:
        return {"leverage": leverage}
    raise _UnscorableError("its margin is not known: the venue's answer has no margin and no leverage")
