"""Partial close: one position before and after an auto-deleveraging closes part or all of it."""

from typing import Annotated, Final, cast

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.deleverage.lots import count_lots, round_down, size_of_lots
from adlrisk.domain.position.arithmetic import (
    equity_of,
    price_gain,
    sign_of,
    unrealized_pnl,
)
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.maintenance import Maintenance
from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.domain.position.state import PositionState, derive_with_maintenance
from adlrisk.domain.rules.card import VenueRules

_WHOLE: Final = 1.0 - 1e-12  # closing at least this fraction of the size is a full close but for rounding


class Holding(Struct, frozen=True, kw_only=True):
    """A position's size and state; after a full close, amounts are 0 and ratios and prices are null."""

    size: Annotated[float, Meta(description="Contracts.")]
    notional: Annotated[float, Meta(description="Value at mark.")]
    entry_notional: Annotated[float, Meta(description="Value at entry.")]
    unrealized_pnl: Annotated[float, Meta(description="Profit (+) or loss (−) at mark.")]
    pnl_to_notional: Annotated[float | None, Meta(description="unrealized_pnl / notional.")]
    return_on_entry: Annotated[float | None, Meta(description="unrealized_pnl / entry_notional.")]
    return_on_margin: Annotated[
        float | None, Meta(description="unrealized_pnl / margin; null if the realized loss has used it up.")
    ]
    margin: Annotated[
        float, Meta(description="Margin of the position; a realized loss can make cross margin negative.")
    ]
    equity: Annotated[float, Meta(description="margin + unrealized_pnl; ≤ 0 is insolvent.")]
    profit_share: Annotated[float | None, Meta(description="unrealized_pnl / equity while both are positive, else 0.")]
    effective_leverage: Annotated[float | None, Meta(description="notional / equity; null when insolvent.")]
    bankruptcy_price: Annotated[
        float | None, Meta(description="Mark price at which equity is 0; null when out of reach.")
    ]
    liquidation_price: Annotated[
        float | None,
        Meta(
            description="Mark price at which equity meets maintenance margin; "
            "null when out of reach or without a maintenance margin rate."
        ),
    ]
    liquidation_distance: Annotated[float | None, Meta(description="s·(mark − liquidation) / mark, a fraction.")]


class Scenario(Struct, frozen=True, kw_only=True):
    """PnL of the position if the price moves to ``price``, settlement currency."""

    price: Annotated[float, Meta(description="Quote currency.")]
    pnl_without_adl: Annotated[float, Meta(description="Unrealized PnL of the untouched position.")]
    pnl_with_adl: Annotated[float, Meta(description="Realized PnL, and unrealized PnL of the rest.")]
    missed_profit: Annotated[float, Meta(description="The difference; negative where the ADL saved money.")]


class PartialClose(Struct, frozen=True, kw_only=True):
    """The effect of an ADL on one position."""

    closed_size: Annotated[float, Meta(description="Contracts that are closed.")]
    fill_price: Annotated[float, Meta(description="Price they are closed at, quote currency.")]
    realized_pnl: Annotated[
        float, Meta(description="PnL of the closed size, from its entry, without fees; settlement currency.")
    ]
    exposure_removed: Annotated[float, Meta(description="Closed share of the size, a fraction.")]
    before: Holding
    after: Holding
    scenarios: Annotated[tuple[Scenario, ...], Meta(description="One for each scenario price, in their order.")]


def close_part(
    position: Position,
    *,
    size: float | None,
    fraction: float | None,
    fill_price: float | None,
    margin_mode: MarginMode,
    lot_size: float | None,
    scenario_prices: tuple[float, ...],
    rules: VenueRules,
) -> PartialClose:
    """``position`` before and after ``size``, or else ``fraction``, of it is closed at ``fill_price``.

    ``fill_price`` defaults to the mark price. With ``lot_size`` everything is in whole lots, and a fraction is rounded
    down to them. Isolated margin is released in proportion to the closed size; cross margin stays, and the realized
    PnL is added to it. The maintenance margin of other positions in the account stays as it is; that of an isolated
    position scales with its size.

    Raises:
        RefusedError: nothing says what backs the position; a size is not a whole number of lots, or larger than the
            position.
    """
    if position.equity is None and position.margin is None and position.leverage is None:
        detail = "required, but missing: equity, margin or leverage is needed"
        raise RefusedError(problem="margin-required", path=("position", "margin"), detail=detail)
    if lot_size is not None:
        closed, rest = _in_lots(position.size, size=size, fraction=fraction, lot_size=lot_size)
    else:
        closed, rest = _in_units(position.size, size=size, fraction=fraction)
    fill = position.mark_price if fill_price is None else fill_price
    realized = _pnl(position, closed, start=position.entry_price, end=fill)
    before, maintenance = _derive(position, rules)
    after = _GONE
    if rest:
        share = rest / position.size if margin_mode == "isolated" else None
        margin = cast("float", before.margin)
        left = _leave(position, closed, rest, margin=margin, fill=fill, share=share)
        after = hold(rest, _derive_rest(left, maintenance, share, rules))
    return PartialClose(
        closed_size=closed,
        fill_price=fill,
        realized_pnl=realized,
        exposure_removed=closed / position.size,
        before=hold(position.size, before),
        after=after,
        scenarios=tuple(
            _scenario(position, price=price, closed=closed, rest=rest, fill=fill, realized=realized)
            for price in scenario_prices
        ),
    )


def hold(size: float, state: PositionState) -> Holding:
    """``size`` contracts in ``state``, whose backing is known."""
    return Holding(size=size, **msgspec.structs.asdict(state))


_GONE: Final = Holding(
    size=0.0,
    notional=0.0,
    entry_notional=0.0,
    unrealized_pnl=0.0,
    pnl_to_notional=None,
    return_on_entry=None,
    return_on_margin=None,
    margin=0.0,
    equity=0.0,
    profit_share=None,
    effective_leverage=None,
    bankruptcy_price=None,
    liquidation_price=None,
    liquidation_distance=None,
)


def _in_units(held: float, *, size: float | None, fraction: float | None) -> tuple[float, float]:
    """Closed and remaining size of ``held``."""
    closed = held * (fraction or 0.0) if size is None else size
    if closed >= held * _WHOLE:
        _reject_excess(closed, held, more=closed * _WHOLE > held)
        return held, 0.0
    return closed, held - closed


def _in_lots(held: float, *, size: float | None, fraction: float | None, lot_size: float) -> tuple[float, float]:
    """The same in whole lots."""
    lots = count_lots(held, lot_size, path=("position", "size"))
    if size is None:
        closed = min(lots, round_down(lots * (fraction or 0.0)))
    else:
        closed = count_lots(size, lot_size, path=("close", "size"))
        _reject_excess(size, held, more=closed > lots)
    if closed == lots:
        return held, 0.0
    if closed == 0:
        return 0.0, held
    return size_of_lots(closed, lot_size), size_of_lots(lots - closed, lot_size)


def _reject_excess(closed: float, held: float, *, more: bool) -> None:
    if more:
        detail = f"{closed:.12g} cannot be closed: the position holds {held:.12g}"
        raise RefusedError(problem="close-exceeds-position", path=("close", "size"), detail=detail)


def _leave(
    position: Position, closed: float, rest: float, *, margin: float, fill: float, share: float | None
) -> Position:
    """The rest of the position with what then backs it; ``share`` of the isolated margin stays, all of cross margin."""
    if position.equity is not None:
        # Equity where equity was given: by way of margin and entry price it would lose digits.
        gained = _pnl(position, closed, start=position.mark_price, end=fill)
        equity = equity_of(position.equity, gained) if share is None else position.equity * share
        return msgspec.structs.replace(position, size=rest, equity=equity)
    if share is None:
        realized = _pnl(position, closed, start=position.entry_price, end=fill)
        margin = _remaining_margin(margin, realized, unrealized=_pnl(position, rest, start=position.entry_price))
    else:
        margin *= share
    return msgspec.structs.replace(position, size=rest, margin=margin)


def _remaining_margin(margin: float, realized: float, *, unrealized: float) -> float:
    """Cross margin after the close; margin or equity that is mere rounding becomes 0."""
    remaining: float = equity_of(margin, realized)
    return remaining if equity_of(margin, realized + unrealized) else -unrealized


def _scenario(
    position: Position, *, price: float, closed: float, rest: float, fill: float, realized: float
) -> Scenario:
    entry = position.entry_price
    return Scenario(
        price=price,
        pnl_without_adl=_pnl(position, position.size, start=entry, end=price),
        pnl_with_adl=realized + _pnl(position, rest, start=entry, end=price),
        # PnL of the closed size from the fill on: the difference of the two above, without cancellation.
        missed_profit=_pnl(position, closed, start=fill, end=price),
    )


def _pnl(position: Position, size: float, *, start: float, end: float | None = None) -> float:
    """PnL of ``size`` contracts as the price goes from ``start`` to ``end``, or to the mark; settlement currency."""
    end = position.mark_price if end is None else end
    gain = price_gain(sign_of(position.side), start, end)
    inverse = position.contract == "inverse"
    pnl: float = unrealized_pnl(size * position.contract_size, gain, entry=start, mark=end, inverse=inverse)
    return pnl + 0.0  # turns −0.0 into 0.0


def _derive(position: Position, rules: VenueRules) -> tuple[PositionState, Maintenance]:
    rate = position.maintenance_margin_rate
    return derive_with_maintenance(
        position,
        maintenance_margin_rate=rules.maintenance_margin_rate if rate is None else rate,
        maintenance_basis=rules.maintenance_basis,
    )


def _derive_rest(left: Position, before: Maintenance, share: float | None, rules: VenueRules) -> PositionState:
    """The state of the rest under the maintenance margin of ``before``: that of other positions stays or scales."""
    if not before.is_given:
        return _derive(left, rules)[0]
    state, _ = derive_with_maintenance(
        msgspec.structs.replace(left, maintenance_amount=before.amount),
        maintenance_margin_rate=before.rate,
        maintenance_basis=rules.maintenance_basis,
        others=before.others if share is None else before.others * share,
    )
    return state
