"""One perpetual-futures position and the values derived from its prices and margin.

Each formula is defined here once, for linear contracts (settled in the quote currency) and inverse ones
(settled in the base currency). ``s`` is +1 for a long and −1 for a short, ``q`` the size times the contract
size, ``E`` the entry price, ``M`` the mark price, ``m`` the maintenance margin rate and ``a`` the deduction
of the position's maintenance tier. A value that is undefined is ``None``.
"""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import NonNegative, Positive, Rate, Signed

Side = Literal["long", "short"]
Contract = Literal["linear", "inverse"]
MaintenanceBasis = Literal["mark", "entry"]
Numbers = Any  # a float or a numpy column of floats; this module does not import numpy

# A price (inverse: its reciprocal) below this fraction of the entry's is out of reach.
_UNREACHABLE: Final = 1e-12
# A difference smaller than this fraction of its terms is rounding and counts as 0.
_ROUNDING: Final = 1e-13


# The fields that single positions and books share.
SideGiven = Annotated[Side, Meta(description="Direction of the position.")]
SizeGiven = Annotated[Positive, Meta(description="Contracts; base units when `contract_size` is 1. Never negative.")]
EntryGiven = Annotated[Positive, Meta(description="Average entry price, quote currency.")]
MarkGiven = Annotated[Positive, Meta(description="The venue's mark price now, quote currency.")]
MarginGiven = Annotated[
    Positive | None,
    Meta(
        description="What backs the position, settlement currency, without its own unrealized PnL. "
        "Isolated: the position's margin. Cross: account equity minus this position's unrealized PnL. "
        "Overrides `leverage` if both are given."
    ),
]
LeverageGiven = Annotated[
    Positive | None, Meta(description="Used only without `margin`: margin = entry notional / leverage.")
]
ContractGiven = Annotated[
    Contract, Meta(description="`linear` settles in the quote currency, `inverse` in the base currency.")
]
ContractSizeGiven = Annotated[Positive, Meta(description="Base per contract (linear) or quote per contract (inverse).")]
MaintenanceRateGiven = Annotated[
    Rate | None,
    Meta(
        description="Maintenance margin rate of the position's tier, a fraction. Default: the venue's, if it has "
        "one for all contracts; unknown: no liquidation price."
    ),
]
MaintenanceAmountGiven = Annotated[
    NonNegative,
    Meta(description="The tier's deduction from maintenance margin (Binance `cum`), settlement currency."),
]
MaintenanceMarginGiven = Annotated[
    Positive | None,
    Meta(
        description="The absolute maintenance margin if known (cross: the account's), settlement currency. "
        "Overrides the rate in queue formulas."
    ),
]


# gc=False, as on all Structs of requests and answers: they hold only numbers, strings and tuples of such Structs, so
# no reference cycle can form, and a batch of thousands triggers fewer garbage collections.
class Position(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A perpetual-futures position as its holder sees it. `margin` or `leverage` is required."""

    side: SideGiven
    size: SizeGiven
    entry_price: EntryGiven
    mark_price: MarkGiven
    margin: MarginGiven = None
    leverage: LeverageGiven = None
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    maintenance_margin_rate: MaintenanceRateGiven = None
    maintenance_amount: MaintenanceAmountGiven = 0.0
    maintenance_margin: MaintenanceMarginGiven = None
    adl_meter: Annotated[
        Signed | None,
        Meta(description="The venue's ADL reading exactly as its API gives it, own scale and direction."),
    ] = None
    notional: Annotated[
        Signed | None,
        Meta(
            description="The position's value at mark as the venue's API gives it, settlement currency, with either "
            "sign. Only checked: more than 5 % off, some field is in the wrong unit, and the request is refused."
        ),
    ] = None
    unrealized_pnl: Annotated[
        Signed | None,
        Meta(
            description="Profit (+) or loss (−) as the venue's API gives it, settlement currency. Only checked: off by "
            "more than 5 % and 0.2 % of the notional, the request is refused."
        ),
    ] = None

    def __post_init__(self) -> None:
        """Reject a position without margin and leverage."""
        if self.margin is None and self.leverage is None:
            raise ValueError("Object missing required field `margin`: margin or leverage is needed")


class PositionState(Struct, frozen=True, kw_only=True, gc=False):
    """Values derived from a position: amounts in settlement currency, prices in quote currency, ratios as fractions."""

    notional: Annotated[float, Meta(description="Value at mark: q·M linear, q/M inverse.")]
    entry_notional: Annotated[float, Meta(description="Value at entry: q·E linear, q/E inverse.")]
    unrealized_pnl: Annotated[float, Meta(description="Profit (+) or loss (−) at mark.")]
    pnl_to_notional: Annotated[float, Meta(description="unrealized_pnl / notional.")]
    return_on_entry: Annotated[float, Meta(description="unrealized_pnl / entry_notional.")]
    return_on_margin: Annotated[
        float | None, Meta(description="unrealized_pnl / margin; null if an ADL has left no margin.")
    ]
    margin: Annotated[float, Meta(description="As given, or entry_notional / leverage.")]
    equity: Annotated[float, Meta(description="margin + unrealized_pnl; ≤ 0 is insolvent.")]
    profit_share: Annotated[float, Meta(description="unrealized_pnl / equity while both are positive, else 0.")]
    effective_leverage: Annotated[
        float | None, Meta(description="notional / equity; null when the position is insolvent.")
    ]
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
    liquidation_distance: Annotated[
        float | None,
        Meta(description="s·(mark − liquidation) / mark: the remaining adverse move, a fraction."),
    ]


def derive_state(
    position: Position, *, maintenance_margin_rate: float | None, maintenance_basis: MaintenanceBasis
) -> PositionState:
    """The state of ``position``; undefined values are ``None``.

    ``maintenance_margin_rate`` is the rate in force (the position's own, or a default of its market or
    venue); ``maintenance_basis`` is the value the venue takes maintenance margin on.

    >>> short = Position(side="short", size=10, entry_price=2000, mark_price=1800, margin=1000)
    >>> state = derive_state(short, maintenance_margin_rate=0.01, maintenance_basis="mark")
    >>> state.unrealized_pnl, state.equity, state.effective_leverage, round(state.liquidation_price, 2)
    (2000.0, 3000.0, 6.0, 2079.21)
    """
    s = sign_of(position.side)
    q = position.size * position.contract_size
    E, M = position.entry_price, position.mark_price  # noqa: N806 (the names of the formulas)
    inverse = position.contract == "inverse"
    entry_value: float = notional_value(q, E, inverse=inverse)
    mark_value: float = notional_value(q, M, inverse=inverse)
    margin = entry_value / position.leverage if position.margin is None else position.margin  # type: ignore[operator]  # one of the two is there, see Position
    gain: float = price_gain(s, E, M)
    pnl: float = unrealized_pnl(q, gain, entry=E, mark=M, inverse=inverse)
    equity: float = equity_of(margin, pnl)
    bankruptcy, liquidation = (_inverse_prices if inverse else _linear_prices)(
        s=s,
        q=q,
        entry=E,
        margin=margin,
        rate=maintenance_margin_rate,
        amount=position.maintenance_amount,
        on_entry=maintenance_basis == "entry",
    )
    return PositionState(
        notional=mark_value,
        entry_notional=entry_value,
        unrealized_pnl=pnl,
        pnl_to_notional=gain / (E if inverse else M),
        return_on_entry=return_on_entry(gain, entry=E, mark=M, inverse=inverse),
        return_on_margin=pnl / margin if margin > 0.0 else None,
        margin=margin,
        equity=equity,
        profit_share=pnl / equity if pnl > 0.0 and equity > 0.0 else 0.0,
        effective_leverage=mark_value / equity if equity > 0.0 else None,
        bankruptcy_price=bankruptcy,
        liquidation_price=liquidation,
        liquidation_distance=None if liquidation is None else s * (M - liquidation) / M + 0.0,
    )


def maintenance_margin(
    position: Position,
    *,
    notional: float,
    entry_notional: float,
    rate: float | None,
    basis: MaintenanceBasis,
) -> float | None:
    """The maintenance margin in force, settlement currency; ``None`` if it is neither given nor computable.

    The absolute amount if the position has one, else ``max(0, value·m − a)`` on the value the venue takes
    it on. It is 0 if the tier's deduction exceeds it.
    """
    if position.maintenance_margin is not None:
        return position.maintenance_margin
    if rate is None:
        return None
    based_on = entry_notional if basis == "entry" else notional
    due: float = maintenance_requirement(based_on, rate=rate, amount=position.maintenance_amount)
    return due


# The six functions below are pure arithmetic: they take floats and the columns of a book (domain.queue.book) alike.


def notional_value(quantity: Numbers, price: Numbers, *, inverse: bool) -> Numbers:
    """Value of ``quantity`` at ``price`` in settlement currency: q·P linear, q/P inverse."""
    return quantity / price if inverse else quantity * price


def price_gain(s: Numbers, entry: Numbers, mark: float) -> Numbers:
    """s·(M − E): the price move in the position's favour, quote currency."""
    return s * (mark - entry) + 0.0  # adding 0.0 turns a short's −0.0 into 0.0


def unrealized_pnl(quantity: Numbers, gain: Numbers, *, entry: Numbers, mark: float, inverse: bool) -> Numbers:
    """q·s·(M − E) linear, q·s·(M − E)/(E·M) inverse, settlement currency."""
    return quantity * gain / (entry * mark) if inverse else quantity * gain


def return_on_entry(gain: Numbers, *, entry: Numbers, mark: float, inverse: bool) -> Numbers:
    """Unrealized PnL over entry notional: s·(M − E)/E linear, s·(M − E)/M inverse."""
    return gain / mark if inverse else gain / entry


def maintenance_requirement(based_on: Numbers, *, rate: Numbers, amount: Numbers) -> Numbers:
    """max(0, value·m − a), settlement currency; 0 if the difference is mere rounding."""
    due = based_on * rate - amount
    return due * (due > _ROUNDING * amount) + 0.0


def equity_of(margin: Numbers, pnl: Numbers) -> Numbers:
    """Margin plus PnL, settlement currency; 0 if the sum is mere rounding."""
    equity = margin + pnl
    return equity * (abs(equity) > _ROUNDING * abs(margin)) + 0.0


def sign_of(side: Side) -> float:
    """+1 for a long, −1 for a short."""
    return 1.0 if side == "long" else -1.0


def _linear_prices(
    *, s: float, q: float, entry: float, margin: float, rate: float | None, amount: float, on_entry: bool
) -> tuple[float | None, float | None]:
    """Bankruptcy and liquidation price of a linear position, quote currency."""
    floor = _UNREACHABLE * entry
    bankruptcy = entry - s * margin / q
    if bankruptcy <= floor and s < 0.0:
        return None, None  # a realized loss has left the short insolvent at every price
    if rate is None:
        return _above(bankruptcy, floor), None
    if on_entry:
        liquidation = entry - s * (margin + amount - rate * q * entry) / q
    else:
        liquidation = _difference(s * entry, (margin + amount) / q) / (s - rate)
    if bankruptcy > floor:  # liquidation comes no later than bankruptcy
        liquidation = max(liquidation, bankruptcy) if s > 0.0 else min(liquidation, bankruptcy)
    return _above(bankruptcy, floor), _above(liquidation, floor)


def _inverse_prices(
    *, s: float, q: float, entry: float, margin: float, rate: float | None, amount: float, on_entry: bool
) -> tuple[float | None, float | None]:
    """Bankruptcy and liquidation price of an inverse position, computed as reciprocals; quote currency."""
    floor = _UNREACHABLE / entry
    bankruptcy = 1.0 / entry + s * margin / q
    if bankruptcy <= floor and s > 0.0:
        return None, None  # a realized loss has left the long insolvent at every price
    if rate is None:
        return _reciprocal_above(bankruptcy, floor), None
    if on_entry:
        liquidation = 1.0 / entry + s * (margin + amount - rate * q / entry) / q
    else:
        liquidation = _difference((margin + amount) / q, -s / entry) / (s + rate)
    if bankruptcy > floor:
        liquidation = min(liquidation, bankruptcy) if s > 0.0 else max(liquidation, bankruptcy)
    return _reciprocal_above(bankruptcy, floor), _reciprocal_above(liquidation, floor)


def _difference(a: float, b: float) -> float:
    """``a − b``; 0 if the two differ only by rounding."""
    return a - b if abs(a - b) > _ROUNDING * abs(a) else 0.0


def _above(price: float, floor: float) -> float | None:
    return price if price > floor else None


def _reciprocal_above(reciprocal: float, floor: float) -> float | None:
    return 1.0 / reciprocal if reciprocal > floor else None
