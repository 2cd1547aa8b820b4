"""The values derived from a position's prices and from what backs it.

Each formula is defined here once, for linear contracts (settled in the quote currency) and inverse ones (settled in the
base currency), under the names of ``domain.position.arithmetic``. A value that is undefined or unknown is ``None``.
"""

from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.domain.position.arithmetic import (
    equity_of,
    given_balance,
    margin_of,
    notional_value,
    price_gain,
    return_on_entry,
    sign_of,
    unrealized_pnl,
)
from adlrisk.domain.position.maintenance import Maintenance, resolve_maintenance
from adlrisk.domain.position.position import MaintenanceBasis, Position
from adlrisk.domain.position.prices import Prices, inverse_prices, linear_prices


class PositionState(Struct, frozen=True, kw_only=True, gc=False):
    """Values derived from a position: amounts in settlement currency, prices in quote currency, ratios as fractions.

    What depends on the equity is null where the request has none of `equity`, `margin` and `leverage`.
    """

    notional: Annotated[float, Meta(description="Value at mark: q·M linear, q/M inverse.")]
    entry_notional: Annotated[float, Meta(description="Value at entry: q·E linear, q/E inverse.")]
    unrealized_pnl: Annotated[float, Meta(description="Profit (+) or loss (−) at mark.")]
    pnl_to_notional: Annotated[float, Meta(description="unrealized_pnl / notional.")]
    return_on_entry: Annotated[float, Meta(description="unrealized_pnl / entry_notional.")]
    return_on_margin: Annotated[
        float | None, Meta(description="unrealized_pnl / margin; null if margin is not above 0, or unknown.")
    ]
    margin: Annotated[
        float | None,
        Meta(
            description="As given, or equity − unrealized_pnl, or entry_notional / leverage; 0 or below while this "
            "position's profit carries its account; null if unknown."
        ),
    ]
    equity: Annotated[
        float | None, Meta(description="As given, or margin + unrealized_pnl; ≤ 0 is insolvent; null if unknown.")
    ]
    profit_share: Annotated[
        float | None,
        Meta(
            description="unrealized_pnl / equity while both are positive, else 0; above 1 where margin is negative; "
            "null for a profit while equity is unknown."
        ),
    ]
    effective_leverage: Annotated[
        float | None, Meta(description="notional / equity; null when the position is insolvent, or equity unknown.")
    ]
    bankruptcy_price: Annotated[
        float | None, Meta(description="Mark price at which equity is 0; null when out of reach, or equity unknown.")
    ]
    liquidation_price: Annotated[
        float | None,
        Meta(
            description="Mark price at which equity meets maintenance margin; the mark price itself if the "
            "`maintenance_margin` that was sent is not below equity; null when out of reach, without a maintenance "
            "margin, or while equity is unknown."
        ),
    ]
    liquidation_distance: Annotated[
        float | None,
        Meta(description="s·(mark − liquidation) / mark: the remaining adverse move, a fraction."),
    ]


def derive_state(
    position: Position, *, maintenance_margin_rate: float | None, maintenance_basis: MaintenanceBasis
) -> PositionState:
    """The state of ``position``; undefined and unknown values are ``None``.

    ``maintenance_margin_rate`` is the rate in force (the position's own, or a default of its market or
    venue); ``maintenance_basis`` is the value the venue takes maintenance margin on.

    >>> short = Position(side="short", size=10, entry_price=2000, mark_price=1800, margin=1000)
    >>> state = derive_state(short, maintenance_margin_rate=0.01, maintenance_basis="mark")
    >>> state.unrealized_pnl, state.equity, state.effective_leverage, round(state.liquidation_price, 2)
    (2000.0, 3000.0, 6.0, 2079.21)
    """
    state, _ = derive_with_maintenance(
        position, maintenance_margin_rate=maintenance_margin_rate, maintenance_basis=maintenance_basis
    )
    return state


def derive_with_maintenance(
    position: Position,
    *,
    maintenance_margin_rate: float | None,
    maintenance_basis: MaintenanceBasis,
    others: float | None = None,
    prices: Prices | None = None,
) -> tuple[PositionState, Maintenance]:
    """The state of ``position``, and the maintenance margin in force.

    ``others``, if known, is that of other positions in it; ``prices`` are used in place of those of the position alone.
    """
    s = sign_of(position.side)
    q = position.size * position.contract_size
    E, M = position.entry_price, position.mark_price  # noqa: N806 (the names of the formulas)
    inverse = position.contract == "inverse"
    entry_value: float = notional_value(q, E, inverse=inverse)
    mark_value: float = notional_value(q, M, inverse=inverse)
    gain: float = price_gain(s, E, M)
    pnl: float = unrealized_pnl(q, gain, entry=E, mark=M, inverse=inverse)
    maintenance = resolve_maintenance(
        position,
        notional=mark_value,
        entry_notional=entry_value,
        rate=maintenance_margin_rate,
        basis=maintenance_basis,
        others=others,
    )
    margin, equity = _backing(position, entry_value=entry_value, pnl=pnl)
    bankruptcy, liquidation = prices or (None, None)
    if prices is None and margin is not None and equity is not None:
        # From the equity at the mark if it is given: through the entry price it would lose digits.
        anchor, backing = (E, margin) if position.equity is None else (M, equity)
        bankruptcy, liquidation = (inverse_prices if inverse else linear_prices)(
            s=s, q=q, entry=E, anchor=anchor, backing=backing, maintenance=maintenance
        )
        if is_due(maintenance, equity):
            liquidation = M
    state = PositionState(
        notional=mark_value,
        entry_notional=entry_value,
        unrealized_pnl=pnl,
        pnl_to_notional=gain / (E if inverse else M),
        return_on_entry=return_on_entry(gain, entry=E, mark=M, inverse=inverse),
        return_on_margin=pnl / margin if margin is not None and margin > 0.0 else None,
        margin=margin,
        equity=equity,
        profit_share=_profit_share(pnl, equity),
        effective_leverage=mark_value / equity if equity is not None and equity > 0.0 else None,
        bankruptcy_price=bankruptcy,
        liquidation_price=liquidation,
        liquidation_distance=liquidation_distance(s, M, liquidation),
    )
    return state, maintenance


def is_due(maintenance: Maintenance, equity: float | None) -> bool:
    """Whether liquidation is due: the maintenance margin that was given leaves nothing of the equity."""
    return maintenance.is_given and equity is not None and equity <= (maintenance.total or 0.0)


def liquidation_distance(s: float, mark: float, liquidation: float | None) -> float | None:
    """s·(mark − liquidation) / mark, the remaining adverse move; ``None`` without a liquidation price."""
    return None if liquidation is None else s * (mark - liquidation) / mark + 0.0


def _backing(position: Position, *, entry_value: float, pnl: float) -> tuple[float | None, float | None]:
    """Margin and equity; ``None`` if the position has neither of them nor a leverage."""
    if position.equity is not None:
        equity = given_balance(position.equity)
        return margin_of(equity, pnl), equity
    if position.margin is not None:
        return position.margin, equity_of(position.margin, pnl)
    if position.leverage is not None:
        margin = entry_value / position.leverage
        return margin, equity_of(margin, pnl)
    return None, None


def _profit_share(pnl: float, equity: float | None) -> float | None:
    if pnl <= 0.0:
        return 0.0
    if equity is None:
        return None
    return pnl / equity if equity > 0.0 else 0.0
