"""An open position as ccxt gives it, as a position that can be scored, and what had to be assumed for it.

What cannot be read is left out, never guessed. A position that cannot be scored at all keeps its name and the reason.
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec
from msgspec import Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position, Side, notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.positions.adl_meters import Raw, parse_number
from adlrisk.positions.margin import (
    AccountEquity,
    MarginMode,
    isolated_margin,
    maintenance_margin,
    maintenance_rate,
    margin_mode,
)

Basis = Literal["isolated", "account", "own-share"]
EquityOf = Callable[[str], AccountEquity | None]  # by settlement currency

# Deribit tells sizes in money, not in contracts, and ccxt takes them for contracts.
_SIZES_IN_MONEY: Final = frozenset({"deribit"})
# KuCoin tells the effective leverage where others tell the slider.
_LEVERAGE_IS_EFFECTIVE: Final = frozenset({"kucoin"})
_DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})
# Further apart than what a mark price moves between two calls, and nearer than a contract size taken wrongly.
_TOLERANCE: Final = 0.05


class OpenPosition(Struct, frozen=True, kw_only=True):
    """One open position of an account."""

    symbol: str  # the venue's own id of the contract
    market: str  # ccxt's name of it
    side: str | None
    position: Position | None = None  # None: it cannot be scored
    basis: Basis | None = None  # what its margin is
    assumed: tuple[str, ...] = ()
    why_not: str | None = None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What is known beside the position itself."""

    rules: VenueRules
    reading: float | None  # of the ADL meter, as the venue tells it
    account_mode: MarginMode | None = None
    equity_of: EquityOf = lambda _: None


class _UnscorableError(Exception):
    """The position cannot be scored; the message says why."""


def open_position(told: Raw, market: Raw | None, around: Surroundings) -> OpenPosition | None:
    """The position that ccxt ``told`` of; ``None`` for an empty one."""
    contracts = parse_number(told.get("contracts"))
    if contracts == 0.0:
        return None
    name = str(told.get("symbol"))
    side = told.get("side")
    symbol = name if market is None else str(market.get("id"))
    assumed: list[str] = []
    try:
        position, basis = _converted(told, market, around, assumed)
    except _UnscorableError as error:
        return OpenPosition(symbol=symbol, market=name, side=side, why_not=str(error))
    return OpenPosition(symbol=symbol, market=name, side=side, position=position, basis=basis, assumed=tuple(assumed))


def _converted(told: Raw, market: Raw | None, around: Surroundings, assumed: list[str]) -> tuple[Position, Basis]:
    venue = around.rules.id
    inverse = _is_inverse(market)
    side = _side(told)
    size, entry, mark = (_needed(told, field) for field in ("contracts", "entryPrice", "markPrice"))
    contract_size = _contract_size(venue, told, market)
    quantity = size * contract_size
    pnl = float(
        unrealized_pnl(quantity, price_gain(sign_of(side), entry, mark), entry=entry, mark=mark, inverse=inverse)
    )
    _check_size(told, quantity=quantity, entry=entry, mark=mark, pnl=pnl, inverse=inverse)
    given: dict[str, object] = {
        "side": side,
        "size": size,
        "entry_price": entry,
        "mark_price": mark,
        "contract": "inverse" if inverse else "linear",
        "contract_size": contract_size,
        "adl_meter": _checked(around.reading, around.rules, assumed),
    }
    mode = margin_mode(told, account_mode=around.account_mode)
    if mode == "isolated":
        basis: Basis = "isolated"
        given |= _isolated(venue, told)
    else:
        found = _of_account(market, around, pnl=pnl, mark=mark, assumed=assumed) if mode == "cross" else None
        basis = "own-share" if found is None else "account"
        given |= _own_share(venue, told, mode=mode, assumed=assumed) if found is None else found
    try:
        return msgspec.convert(given, type=Position), basis
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


def _side(told: Raw) -> Side:
    sides: dict[object, Side] = {"long": "long", "short": "short"}
    try:
        return sides[told.get("side")]
    except KeyError:
        raise _UnscorableError("the venue does not say whether it is long or short") from None


def _needed(told: Raw, field: str) -> float:
    found = parse_number(told.get(field))
    if found is None or found <= 0.0:
        raise _UnscorableError(f"the venue's answer holds no {_WORDS[field]}")
    return found


_WORDS: Final = {"contracts": "size", "entryPrice": "entry price", "markPrice": "mark price"}


def _contract_size(venue: str, told: Raw, market: Raw | None) -> float:
    if venue in _SIZES_IN_MONEY:
        return 1.0
    size = parse_number(told.get("contractSize")) or parse_number((market or {}).get("contractSize"))
    if size is None or size <= 0.0:
        raise _UnscorableError("the contract's size is not known")
    return size


def _check_size(told: Raw, *, quantity: float, entry: float, mark: float, pnl: float, inverse: bool) -> None:
    """See that size, contract size and prices make the notional and the PnL that the venue itself tells."""
    at_mark: float = notional_value(quantity, mark, inverse=inverse)
    at_entry: float = notional_value(quantity, entry, inverse=inverse)
    notional = parse_number(told.get("notional"))
    if notional and all(abs(abs(notional) - own) > _TOLERANCE * own for own in (at_mark, at_entry)):
        raise _UnscorableError(f"its size does not make the notional of {notional:g} that the venue tells")
    venue_pnl = parse_number(told.get("unrealizedPnl"))
    if venue_pnl is not None and abs(venue_pnl - pnl) > _TOLERANCE * at_mark:
        raise _UnscorableError(
            f"its size and prices do not make the unrealized PnL of {venue_pnl:g} that the venue tells"
        )


def _checked(reading: float | None, rules: VenueRules, assumed: list[str]) -> float | None:
    if reading is None or rules.meter is None:
        return None
    try:
        normalise_reading(reading, rules.meter)
    except RefusedError as error:
        assumed.append(f"the ADL reading was left out: {error.detail}")
        return None
    return reading


def _isolated(venue: str, told: Raw) -> dict[str, object]:
    margin = isolated_margin(venue, told)
    if margin is None or margin <= 0.0:
        raise _UnscorableError("the venue's answer holds no margin of the isolated position")
    rate, absolute = maintenance_rate(venue, told["info"]), maintenance_margin(venue, told["info"])
    return {
        "margin": margin,
        "maintenance_margin_rate": rate if rate is not None and 0.0 < rate < 1.0 else None,
        "maintenance_margin": absolute or None,
    }


def _of_account(
    market: Raw | None, around: Surroundings, *, pnl: float, mark: float, assumed: list[str]
) -> dict[str, object] | None:
    """Equity of the account minus the position's own PnL, which is added again; ``None`` where it is not known."""
    market = market or {}
    settle = str(market.get("settle"))
    equity = around.equity_of(settle)
    if equity is None:
        return None
    unit = 1.0
    if equity.in_dollars:
        if market.get("quote") not in _DOLLARS:
            return None
        if market.get("inverse"):
            unit = 1.0 / mark
        elif settle != "USD":
            assumed.append(f"the account's equity is told in dollars, and one {settle} taken for one dollar")
    margin = equity.amount * unit - pnl
    if margin <= 0.0:
        raise _UnscorableError("the account's equity is all profit of this position, or gone")
    held = equity.maintenance_margin
    return {"margin": margin, "maintenance_margin": None if not held else held * unit}


def _own_share(venue: str, told: Raw, *, mode: MarginMode | None, assumed: list[str]) -> dict[str, object]:
    """What the venue sets aside for the position, which is not all that backs it."""
    why = "its margin mode is not known" if mode is None else "its margin is cross and the account's equity not known"
    assumed.append(
        f"{why}: its own initial margin stands for what backs it, so that leverage, share of profit, prices and queue "
        "key are those of that share alone"
    )
    share, slider = parse_number(told.get("initialMargin")), parse_number(told.get("leverage"))
    if share is not None and share > 0.0:
        return {"margin": share}
    if slider is not None and slider > 0.0 and venue not in _LEVERAGE_IS_EFFECTIVE:
        return {"leverage": slider}
    raise _UnscorableError("what backs it is not known: the venue's answer holds no margin and no leverage")
