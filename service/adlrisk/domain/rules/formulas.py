"""The venues' queue formulas by name.

A formula has two arithmetic expressions over the same inputs, one for winners (return on entry above 0) and one
for losers; a higher value is reduced sooner. The expressions use arithmetic only, so they take floats and the
columns of a book alike.
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.arithmetic import Numbers
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState

Confidence = Literal["documented", "secondary", "inferred", "approximation", "disputed"]


class RankInputs(Struct, frozen=True, kw_only=True):
    """Inputs of the formulas: floats for one position, columns for a book."""

    return_on_entry: Numbers
    effective_leverage: Numbers
    unrealized_pnl: Numbers
    margin: Numbers
    wallet_floored: Numbers  # max(1, wallet balance), settlement currency
    equity: Numbers
    entry_notional: Numbers
    price_ratio: Numbers  # mark/entry for a long, entry/mark for a short
    maintenance_margin: Numbers  # 0 where the formula does not need it


class Formula(Struct, frozen=True):
    """A venue's ranking key."""

    meaning: str
    winner: Callable[[RankInputs], Numbers]
    loser: Callable[[RankInputs], Numbers] | None
    winner_needs_maintenance: bool = False
    loser_needs_maintenance: bool = False
    winner_needs_wallet: bool = False
    divides_by_margin: bool = False  # so that a position without margin of its own has no key

    @property
    def needs_maintenance_margin(self) -> bool:
        """Whether either expression needs the position's maintenance margin."""
        return self.winner_needs_maintenance or self.loser_needs_maintenance


class AlternativeKey(Struct, frozen=True, kw_only=True, gc=False):
    """The position's key under another ranking that a source gives for the venue."""

    formula: Annotated[str, Meta(description="Name of the queue formula.")]
    priority: Annotated[
        float | None, Meta(description="The key; null when not eligible, or where it needs a figure that is missing.")
    ]
    eligible: Annotated[bool | None, Meta(description="Whether that queue would hold the position; null unknown.")]
    confidence: Annotated[Confidence, Meta(description="How well it is known that the venue ranks by it.")]


class QueueKey(Struct, frozen=True, kw_only=True, gc=False):
    """A position's own ranking key at its venue."""

    formula: Annotated[str, Meta(description="Name of the venue's queue formula; docs/formulas.md has them all.")]
    priority: Annotated[float | None, Meta(description="The key, higher is reduced sooner; null when not eligible.")]
    eligible: Annotated[bool, Meta(description="Whether the venue's queue would hold the position.")]
    confidence: Annotated[
        Confidence | None,
        Meta(description="How well the venue's ranking is known; `disputed`: see `alternatives`."),
    ]
    alternatives: Annotated[
        tuple[AlternativeKey, ...],
        Meta(description="The keys under rankings that other sources give for the venue; each has a scale of its own."),
    ] = ()


PNL_LEVERAGE: Final = Formula(
    """Profit first by leveraged return, losers last by the least leveraged.

    ``p·L`` for winners and ``p/L`` for losers; p = return on entry, L = effective leverage.
    Dimensionless. Source: BitMEX, "Auto-deleveraging" (support article 18589621443357), per side.
    """,
    winner=lambda x: x.return_on_entry * x.effective_leverage,
    loser=lambda x: x.return_on_entry / x.effective_leverage,
)

PNL_OVER_MARGIN_RATIO: Final = Formula(
    """Profit weighted by how near the margin is to maintenance.

    ``p/r`` for winners and ``p·r`` for losers; r = equity / maintenance margin. Dimensionless.
    Source: HTX, "Auto-deleveraging" (support article 64914554002695).
    """,
    winner=lambda x: x.return_on_entry * x.maintenance_margin / x.equity,
    loser=lambda x: x.return_on_entry * x.equity / x.maintenance_margin,
    winner_needs_maintenance=True,
    loser_needs_maintenance=True,
)

PROFIT_TIMES_MARGIN_RATIO: Final = Formula(
    """Profit over wallet balance times the margin ratio; all losers share the last place.

    ``u/max(1, W) · MM/e`` for winners, 0 for losers; W is the account's wallet balance, the margin if the position is
    all it holds; the floor of 1 is in settlement units.
    Source: Binance, "What is auto-deleveraging" (support article 360033525471).
    """,
    winner=lambda x: x.unrealized_pnl / x.wallet_floored * x.maintenance_margin / x.equity,
    loser=lambda x: 0.0 * x.margin,
    winner_needs_maintenance=True,
    winner_needs_wallet=True,
)

PRICE_RATIO_LEVERAGE: Final = Formula(
    """Price gain times effective leverage; only winners are in the queue.

    ``(M/E long, E/M short) · L``. Dimensionless. Source: Hyperliquid documentation, "Auto-deleveraging"
    (the ratio of a short is inferred).
    """,
    winner=lambda x: x.price_ratio * x.effective_leverage,
    loser=None,
)


PNL_OVER_EQUITY: Final = Formula(
    """Profit over the account's equity; only winners are in the queue.

    ``u/e``: profit on the position's value times effective leverage, in which the value cancels. Dimensionless.
    Source: WhiteBIT, "Auto-Deleveraging" (documentation of its API, concepts).
    """,
    winner=lambda x: x.unrealized_pnl / x.equity,
    loser=None,
)


def _value_ratio(x: RankInputs) -> Numbers:
    return x.price_ratio * x.entry_notional / x.margin


VALUE_RATIO_LEVERAGE: Final = Formula(
    """Price gain times the leverage at entry, winners and losers alike.

    ``(M/E long, E/M short) · entry_notional/W``, W the margin, above 0. Dimensionless.
    Source: CoinEx, "Auto-deleveraging" (support article 360018671293).
    """,
    winner=_value_ratio,
    loser=_value_ratio,
    divides_by_margin=True,
)

FormulaName = Literal[
    "pnl_leverage",
    "pnl_over_margin_ratio",
    "profit_times_margin_ratio",
    "price_ratio_leverage",
    "value_ratio_leverage",
    "pnl_over_equity",
]

FORMULAS: Final[dict[str, Formula]] = {
    "pnl_leverage": PNL_LEVERAGE,
    "pnl_over_margin_ratio": PNL_OVER_MARGIN_RATIO,
    "profit_times_margin_ratio": PROFIT_TIMES_MARGIN_RATIO,
    "price_ratio_leverage": PRICE_RATIO_LEVERAGE,
    "value_ratio_leverage": VALUE_RATIO_LEVERAGE,
    "pnl_over_equity": PNL_OVER_EQUITY,
}


def needs_wallet(formula: str | None, state: PositionState) -> bool:
    """Whether the key of a solvent position under ``formula`` needs the wallet balance of its account."""
    if formula is None or state.effective_leverage is None:
        return False
    return FORMULAS[formula].winner_needs_wallet and state.return_on_entry > 0.0


def lacks_maintenance(formula: str | None, state: PositionState, maintenance_margin: float | None) -> bool:
    """Whether the position's key under ``formula`` needs a maintenance margin above 0 that there is not."""
    if formula is None or maintenance_margin:
        return False
    rule = FORMULAS[formula]
    return rule.winner_needs_maintenance if state.return_on_entry > 0.0 else rule.loser_needs_maintenance


def queue_key(
    position: Position,
    state: PositionState,
    *,
    formula: str,
    confidence: Confidence | None,
    maintenance_margin: float | None,
) -> QueueKey | None:
    """The position's own ranking key under ``formula``; ``None`` if its equity or the maintenance margin is unknown.

    An insolvent position (equity ≤ 0) is not eligible: the queue exists to absorb it.
    """
    margin, equity, leverage = state.margin, state.equity, state.effective_leverage
    if margin is None or equity is None:
        return None
    rule = FORMULAS[formula]
    wins = state.return_on_entry > 0.0
    expression = rule.winner if wins else rule.loser
    if leverage is None or expression is None or (rule.divides_by_margin and margin <= 0.0):
        return QueueKey(formula=formula, priority=None, eligible=False, confidence=confidence)
    needed = rule.winner_needs_maintenance if wins else rule.loser_needs_maintenance
    if needed and not maintenance_margin:
        return None
    entry, mark = position.entry_price, position.mark_price
    wallet = margin if position.wallet_balance is None else position.wallet_balance
    inputs = RankInputs(
        return_on_entry=state.return_on_entry,
        effective_leverage=leverage,
        unrealized_pnl=state.unrealized_pnl,
        margin=margin,
        wallet_floored=max(1.0, wallet),
        equity=equity,
        entry_notional=state.entry_notional,
        price_ratio=mark / entry if position.side == "long" else entry / mark,
        maintenance_margin=maintenance_margin or 0.0,
    )
    return QueueKey(formula=formula, priority=expression(inputs), eligible=True, confidence=confidence)
