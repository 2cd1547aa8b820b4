"""Conversion of a venue's row into an open position that can be scored, with the assumptions made.

A position has its own figures only: what backs a cross one is its account's (``cross_accounts``). A value that cannot
be read is left out, never guessed. A position that cannot be scored has its name and the reason.
"""

from typing import Any, Final

import msgspec

from adlrisk.domain.position.arithmetic import notional_value
from adlrisk.domain.position.bounds import SMALLEST_POSITIVE
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Contract, Position
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.positions.consistency import find_contradiction
from adlrisk.positions.open_position import Currencies, OpenPosition
from adlrisk.positions.readers.parsing import number
from adlrisk.positions.readers.reader import Raw, Reader, Row, VenuePosition

_UNKNOWN_WITHOUT_MARGIN: Final = "leverage, share of profit, prices and queue key are unknown"
_FARTHEST_PASSED: Final = 0.5  # of the mark
_NOTHING_READ: Final = VenuePosition(side=None, size=None, entry_price=None, mark_price=None, margin_mode=None)


class _UnscorableError(Exception):
    """The position cannot be scored; the message says why."""


def convert_position(
    row: Row, *, name: str, reader: Reader, rules: VenueRules, is_requested: bool = True
) -> OpenPosition | None:
    """The open position in ``row``, which ccxt calls ``name``; ``None`` if its size is zero."""
    assumptions: list[str] = []
    position, not_scored_reason, contradiction = None, None, None
    try:
        published = _read(row, reader)
    except _UnscorableError as error:
        published, not_scored_reason = _NOTHING_READ, str(error)
    if published.size == 0.0:
        return None
    meter = _check_reading(published.adl_meter, rules, assumptions)
    if not_scored_reason is None:
        try:
            position = _convert(row, published, meter)
        except _UnscorableError as error:
            not_scored_reason = str(error)
    if position is not None:
        contradiction = find_contradiction(position, published)
        position = _leave_out_doubtful(position) if contradiction else position
        assumptions += _list_assumptions(position, published, contradiction)
    liquidation, passed = _sort_liquidation(published, position)
    return OpenPosition(
        symbol=str(published.symbol or row.market.get("id") or name),
        market=name,
        side=published.side,
        margin_mode=published.margin_mode,
        currencies=_find_currencies(row.market),
        separate_account=published.separate_account,
        position=position,
        contradiction=contradiction,
        size=published.size,
        liquidation_price=liquidation,
        passed_liquidation_price=None if contradiction else passed,
        adl_meter=meter,
        assumptions=tuple(assumptions),
        not_scored_reason=not_scored_reason,
        is_requested=is_requested,
    )


def _read(row: Row, reader: Reader) -> VenuePosition:
    try:
        return reader.read(row)
    except Exception as error:  # noqa: BLE001 (a venue's answer may have any form)
        raise _UnscorableError(
            f"the venue's answer has another form than its documentation ({type(error).__name__})"
        ) from None


def _convert(row: Row, published: VenuePosition, meter: float | None) -> Position:
    contract, contract_size = _find_contract(row.market, published)
    if published.side is None:
        raise _UnscorableError("the venue does not say whether it is long or short")
    size = _require(published.size, "size")
    entry = _require(published.entry_price or number(row.extra, "entry_price"), "entry price")
    mark = _require(published.mark_price or number(row.extra, "mark_price"), "mark price")
    fields: dict[str, object] = {
        "side": published.side,
        "size": size,
        "entry_price": entry,
        "mark_price": mark,
        "contract": contract,
        "contract_size": contract_size,
        "adl_meter": meter,
    }
    if published.margin_mode == "isolated":
        fields |= {
            "margin": published.margin if (published.margin or 0.0) > 0.0 else None,
            "maintenance_margin_rate": _as_rate(published.maintenance_rate),
            "maintenance_margin": published.maintenance_margin or None,
        }
    else:
        notional = float(notional_value(size * contract_size, mark, inverse=contract == "inverse"))
        fields["maintenance_margin_rate"] = _own_maintenance_rate(published, notional=notional)
    try:
        return msgspec.convert(fields, type=Position)
    except msgspec.ValidationError as error:
        raise _UnscorableError(f"its figures are beyond what can be scored: {error}") from None


def _find_contract(market: Raw, published: VenuePosition) -> tuple[Contract, float]:
    """The kind of the contract, and its size: the reader's own, else the market's."""
    if not market:
        raise _UnscorableError("the venue lists no such contract")
    if not market.get("swap"):
        raise _UnscorableError("it is no perpetual")
    contract = published.contract or _find_kind(market)
    size = published.contract_size or market.get("contractSize")
    if not isinstance(size, int | float) or not size > 0.0:
        raise _UnscorableError("the contract's size is not known")
    return contract, float(size)


def _find_kind(market: Raw) -> Contract:
    linear, inverse = bool(market.get("linear")), bool(market.get("inverse"))
    if linear == inverse or (inverse and market.get("settle") != market.get("base")):
        raise _UnscorableError("it settles neither in its quote currency nor in its base currency")
    return "inverse" if inverse else "linear"


def _find_currencies(market: Raw) -> Currencies | None:
    if not market:
        return None
    return Currencies(base=market.get("base"), quote=market.get("quote"), settle=market.get("settle"))


def _require(read: float | None, what: str) -> float:
    if read is None or not read > 0.0:
        raise _UnscorableError(f"the venue's answer has no {what}")
    return read


def _check_reading(reading: float | None, rules: VenueRules, assumptions: list[str]) -> float | None:
    if reading is None or rules.meter is None:
        return None
    try:
        normalise_reading(reading, rules.meter)
    except RefusedError as error:
        assumptions.append(f"the ADL reading was left out: {error.detail}")
        return None
    return reading


def _sort_liquidation(published: VenuePosition, position: Position | None) -> tuple[float | None, float | None]:
    """The venue's liquidation price, either as one to come or as one that the mark has passed.

    One that was passed long ago is none: the position would be gone. Some venues write 0.00001 where there is none.
    """
    price = published.liquidation_price
    if position is None or price is None or not price > 0.0:
        return None, None
    if (price < position.mark_price) == (position.side == "long"):
        return price, None
    is_near = abs(price - position.mark_price) <= _FARTHEST_PASSED * position.mark_price
    return None, price if is_near else None


def _leave_out_doubtful(position: Position) -> Position:
    """The position without what backs it and what it needs, as its size cannot be relied upon."""
    nothing: dict[str, Any] = dict.fromkeys(("margin", "maintenance_margin", "maintenance_margin_rate"))
    return msgspec.structs.replace(position, **nothing)


def _list_assumptions(position: Position, published: VenuePosition, contradiction: str | None) -> list[str]:
    listed = list(published.notes)
    if contradiction is not None:
        listed.append(f"{contradiction}, so {_UNKNOWN_WITHOUT_MARGIN}")
    elif published.margin_mode is None:
        listed.append(f"its margin mode is not known, so {_UNKNOWN_WITHOUT_MARGIN}")
    elif published.margin_mode == "isolated" and position.margin is None:
        listed.append(f"the venue's answer has no margin of it, so {_UNKNOWN_WITHOUT_MARGIN}")
    return listed


def _own_maintenance_rate(published: VenuePosition, *, notional: float) -> float | None:
    """The share of its value that the venue keeps as maintenance margin of a cross position, else its tier's rate.

    A cross position has no maintenance margin apart from its account's, so the amount that the venue publishes is
    expressed as a rate: exact at the mark price, whatever the tier deducts or the venue adds for fees.
    """
    amount = published.maintenance_margin
    return (_as_rate(amount / notional) if amount else None) or _as_rate(published.maintenance_rate)


def _as_rate(rate: float | None) -> float | None:
    return rate if rate is not None and SMALLEST_POSITIVE <= rate < 1.0 else None
