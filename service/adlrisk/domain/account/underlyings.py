"""Underlyings of an account: which leg of each an ADL would likelier take, and what would be left open."""

import math
from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.scoring.band import Band

_BANDS: Final[dict[Band, int]] = {"low": 0, "watch": 1, "high": 2}


class Hedge(Struct, frozen=True, kw_only=True, gc=False):
    """A leg as one of those that hedge each other; ``None`` is unknown."""

    id: str
    signed_notional: float  # settlement currency, above 0 for a long
    band: Band | None  # None: it could not be scored, so it cannot be compared with others
    meter: float | None = None  # normalised reading: 1 is reduced first
    priority: float | None = None  # the venue's ranking key
    released: float | None = 0.0  # what closing it at mark adds to the account's equity: isolated margin comes back


class IfTaken(Struct, frozen=True, kw_only=True, gc=False):
    """The account after the leg named as `first` has been closed."""

    net_notional_after: Annotated[
        float | None,
        Meta(description="Net notional of the underlying that is left, above 0 long; null if unknown."),
    ]
    equity_after: Annotated[
        float | None,
        Meta(
            description="Equity of the account after a fill at the mark price; null where the venue fills at another "
            "price, or equity is unknown."
        ),
    ]


class Underlying(Struct, frozen=True, kw_only=True, gc=False):
    """The legs that hedge each other, isolated ones included; amounts in settlement currency."""

    underlying: str
    net_notional: Annotated[float | None, Meta(description="Long less short notional at mark; null if unknown.")]
    legs: Annotated[tuple[str, ...], Meta(description="Ids of its readable legs, in the order of the request.")]
    first: Annotated[
        str | None,
        Meta(
            description="The leg that an ADL would likelier take: by normalised meter where every leg has one, else by "
            "band, ranking key, notional, id; null if one of them cannot be scored, so that its place is not known."
        ),
    ]
    if_taken: Annotated[IfTaken | None, Meta(description="What would be left; null without `first`.")]


def describe_underlying(legs: Sequence[Hedge], *, name: str, equity: float | None, is_complete: bool) -> Underlying:
    """The underlying ``name`` of ``legs``.

    ``equity`` is the account's if the venue fills at the mark price, else ``None``. ``is_complete`` says whether there
    are no other legs of it, whose size is not known.
    """
    first = find_first(legs)
    return Underlying(
        underlying=name,
        net_notional=_net(legs) if is_complete else None,
        legs=tuple([leg.id for leg in legs]),
        first=None if first is None else first.id,
        if_taken=None
        if first is None
        else IfTaken(
            net_notional_after=_net([leg for leg in legs if leg is not first]) if is_complete else None,
            equity_after=None if equity is None or first.released is None else math.fsum((equity, first.released)),
        ),
    )


def find_first(legs: Sequence[Hedge]) -> Hedge | None:
    """The leg that is likelier to be taken than the others; ``None`` if one cannot be compared with them."""
    by_meter = None not in [leg.meter for leg in legs]
    places = []
    for leg in legs:
        if leg.band is None:
            return None
        places.append(
            (
                -(leg.meter or 0.0) if by_meter else 0.0,
                -_BANDS[leg.band],
                leg.priority is None,
                -(leg.priority or 0.0),
                -abs(leg.signed_notional),
                leg.id,
            )
        )
    return legs[places.index(min(places))]


def _net(legs: Sequence[Hedge]) -> float:
    return math.fsum([leg.signed_notional for leg in legs]) + 0.0
