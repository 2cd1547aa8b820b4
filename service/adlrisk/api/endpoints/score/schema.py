"""Structs of the requests ``POST /score`` and ``POST /scores``, and of the latter's answer."""

from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import Moment, SymbolId, VenueId, settle_as_of
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position

if TYPE_CHECKING:
    from datetime import datetime


class ScoreRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One position to score."""

    venue: VenueId = "generic"
    symbol: SymbolId | None = None
    position: Annotated[Position, Meta(description="The position to score.")]
    market: Annotated[Market, Meta(description="What is known about the market.")] = Market()
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar; take an aware datetime."""
        settle_as_of(self, self.as_of)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            venue: str = "generic",
            symbol: str | None = None,
            position: Position,
            market: Market = ...,
            as_of: "datetime | str | None" = None,
        ) -> None: ...


_MAX_ITEMS: Final = 10_000


class ScoresRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A batch of positions to score, each a request of `POST /score`."""

    items: Annotated[
        list[
            Annotated[
                msgspec.Raw,
                Meta(
                    description="Anything else yields a problem in its place.",
                    extra_json_schema={"$ref": "#/components/schemas/ScoreRequest"},
                ),
            ]
        ],
        Meta(min_length=1, max_length=_MAX_ITEMS, description="Requests of `POST /score`."),
    ]


class ScoresAnswer(Struct, frozen=True, kw_only=True):
    """A score or a problem for each item, in the order of the request."""

    results: list[
        Annotated[
            msgspec.Raw,
            Meta(
                extra_json_schema={
                    "oneOf": [
                        {"$ref": "#/components/schemas/ScoreAnswer"},
                        {"$ref": "#/components/schemas/Problem"},
                    ]
                }
            ),
        ]
    ]
