"""The insurance fund as a request gives it, and the floor that it does not pay below."""

from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import NonNegative, Positive, Signed
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.rules.card import VenueRules


class Fund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The insurance fund behind the contract, settlement currency."""

    balance: Annotated[Signed, Meta(description="What it holds now.")]
    floor: Annotated[NonNegative, Meta(description="Balance below which it pays for nothing; ADL begins there.")] = 0.0
    peak: Annotated[
        Positive | None,
        Meta(description="Its largest balance in the venue's window, where a fall from it triggers ADL."),
    ] = None
    drawdown: Annotated[
        Annotated[float, Meta(gt=0.0, le=1.0)] | None,
        Meta(
            description="Fall from `peak` that triggers ADL, a fraction: the floor is then peak · (1 − drawdown), if "
            "that is higher than `floor`. Default: the venue's, where that is its rule."
        ),
    ] = None
    takes_over: Annotated[
        Annotated[float, Meta(ge=0.0, le=1000.0)],
        Meta(
            description="Notional that it can take over where the order book has no level left, as a multiple of what "
            "it holds above the floor; 0: it takes nothing over."
        ),
    ] = 0.0

    def __post_init__(self) -> None:
        """Reject a fall from a peak that is not given."""
        if self.drawdown is not None and self.peak is None:
            raise ValueError("Contradicting field `drawdown`: it is a fall from `peak`, which is not given")


def require_drawdown(fund: Fund, rules: VenueRules) -> None:
    """Refuse a peak of the fund where nobody says which fall from it triggers an ADL.

    Raises:
        RefusedError: neither the request nor the venue's card does.
    """
    if fund.peak is None or fund.drawdown is not None or rules.trigger.drawdown is not None:
        return
    detail = f"required with fund.peak: which fall of its fund triggers an ADL at {rules.name} is not on its card"
    raise RefusedError(problem="fund-drawdown-required", path=("fund", "drawdown"), detail=detail)


def floor_of(fund: Fund, *, drawdown: float | None) -> float:
    """The balance below which ``fund`` pays for nothing; ``drawdown`` is the venue's, where the fund has none.

    >>> floor_of(Fund(balance=90, floor=10, peak=100, drawdown=0.3), drawdown=None)
    70.0
    """
    fall = drawdown if fund.drawdown is None else fund.drawdown
    if fund.peak is None or fall is None:
        return fund.floor
    return max(fund.floor, fund.peak * (1.0 - fall))
