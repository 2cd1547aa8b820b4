"""Structs of ``POST /fills/classify``."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import VenueId
from adlrisk.domain.rules.classification import ClassifiedFill
from adlrisk.venues.catalogue import VenueRef

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_FILLS: Final = 10_000


class Fills(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fills of an account at one venue, as the library takes them."""

    venue: VenueId
    fills: Annotated[list[Any], Meta(min_length=1, max_length=_MAX_FILLS)]

    if TYPE_CHECKING:

        def __init__(self, *, venue: str, fills: "Sequence[Any]") -> None: ...


class FillsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fills of an account at one venue."""

    venue: VenueId
    fills: Annotated[
        list[Annotated[msgspec.Raw, Meta(description="Anything else is a fill of kind `unknown`.")]],
        Meta(
            min_length=1,
            max_length=_MAX_FILLS,
            description="Objects as the venue gives them (fills, orders or rows of a log: `fills` of its card says "
            "which), or ccxt's trades and orders with the venue's object in `info`.",
        ),
    ]


class FillsAnswer(Struct, frozen=True, kw_only=True):
    """What each fill is, in the order of the request."""

    results: list[ClassifiedFill]
    venue: VenueRef
