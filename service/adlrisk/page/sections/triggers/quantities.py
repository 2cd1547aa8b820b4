"""Quantities over the moves of an exposure, from the mildest to the worst of its cases: as curves and as a table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element
from msgspec import Struct

from adlrisk.page.numbers import format_briefly, format_change, format_number
from adlrisk.page.pictures.curves import Axis, Band, Curve, draw_curves
from adlrisk.page.pictures.figure import tabulate
from adlrisk.page.pictures.scale import Scale, scale_of

_HEADROOM: Final = 0.08
_RESIDUE: Final = 1e-7  # of the fund's balance: so little is left where the smallest lots would cost more

Case = Mapping[str, Any]


class Quantity(Struct, frozen=True, kw_only=True):
    """The least and the most of something at each move, over all cases and both ways there."""

    heading: str
    short: str
    unit: str
    moves: Sequence[float]  # rising
    least: Sequence[float]
    most: Sequence[float]
    more_is_worse: bool


class Quantities(Struct, frozen=True, kw_only=True):
    """What is shown of an exposure."""

    adl: Quantity
    fund: Quantity
    closed: Quantity  # of the position that is asked about


def gather_quantities(
    cases: Sequence[Case], *, id_: str, currency: str, fund_balance: float | None = None
) -> Quantities:
    """The quantities of ``cases``; those of a position for the one called ``id_``.

    What is left of a fund of ``fund_balance`` counts as nothing where it is a residue of lots.
    """
    residue = _RESIDUE * (fund_balance or 0.0)
    return Quantities(
        adl=_gather(
            cases, lambda point: point["adl_size"], heading="ADL of all positions", short="ADL", unit="contracts"
        ),
        fund=_gather(
            cases,
            lambda point: 0.0 if abs(point["fund_after"]) < residue else point["fund_after"],
            heading="Left in the insurance fund",
            short="Fund",
            unit=currency,
            more_is_worse=False,
        ),
        closed=_gather(
            cases, lambda point: point["closed"][id_], heading="Closed of yours by ADL", short="Yours", unit="contracts"
        ),
    )


def show_span(quantity: Quantity, index: int) -> str:
    """The least and the most at a move."""
    least, most = format_number(quantity.least[index]), format_number(quantity.most[index])
    return least if least == most else f"{least} to {most}"


def draw_quantity(name: str, quantity: Quantity) -> Element:
    """The worst and the mildest as curves, and the area between them."""
    least, most = (list(zip(quantity.moves, values, strict=True)) for values in (quantity.least, quantity.most))
    worst, mildest = (most, least) if quantity.more_is_worse else (least, most)
    ends = "; ".join(f"at {format_change(quantity.moves[index])} {show_span(quantity, index)}" for index in (0, -1))
    return htpy.figure(".picture-frame")[
        htpy.figcaption[quantity.heading],
        draw_curves(
            name,
            x=Axis(scale=scale_of(quantity.moves), caption="move of the mark price", write=format_change),
            y=Axis(scale=_scale_from_zero(quantity), caption=quantity.unit, write=format_briefly),
            curves=[Curve(points=worst, css="curve-worst"), Curve(points=mildest, css="curve-mildest")],
            band=Band(lower=least, upper=most),
            title=f"{quantity.heading} over the move of the mark price, in {quantity.unit}",
            description=f"The worst of all cases solid, the mildest dashed: {ends}.",
        ),
    ]


def tabulate_quantities(quantities: Sequence[Quantity]) -> Element:
    """The numbers of the curves."""
    columns = [ends for quantity in quantities for ends in (quantity.least, quantity.most)]
    return tabulate(
        "Least and most over all cases",
        columns=("Move", *(f"{quantity.short}, {end}" for quantity in quantities for end in ("least", "most"))),
        rows=[
            (format_change(move), *map(format_number, row))
            for move, row in zip(quantities[0].moves, zip(*columns, strict=True), strict=True)
        ],
    )


def _gather(
    cases: Sequence[Case],
    find: Callable[[Mapping[str, Any]], float],
    *,
    heading: str,
    short: str,
    unit: str,
    more_is_worse: bool = True,
) -> Quantity:
    points = [sorted(case["curve"], key=lambda point: float(point["move"])) for case in cases]
    values = list(zip(*([find(point) for point in curve] for curve in points), strict=True))
    return Quantity(
        heading=heading,
        short=short,
        unit=unit,
        moves=[point["move"] for point in points[0]],
        least=list(map(min, values)),
        most=list(map(max, values)),
        more_is_worse=more_is_worse,
    )


def _scale_from_zero(quantity: Quantity) -> Scale:
    """A scale with 0 and some room over the curves."""
    scale = scale_of([0.0, *quantity.least, *quantity.most])
    if scale.low == scale.high:
        return Scale(low=0.0, high=1.0)
    return Scale(low=scale.low, high=scale_of([scale.low, scale.high], margin=_HEADROOM).high)
