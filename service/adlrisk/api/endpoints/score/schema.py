"""Structs of the requests ``POST /score`` and ``POST /scores``, and of the latter's answer."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import Moment, SymbolId, VenueId, reject_invalid_date
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position


class ScoreRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One position to score."""

    venue: VenueId = "generic"
    symbol: SymbolId | None = None
    position: Annotated[Position, Meta(description="The position to score.")]
    market: Annotated[Market, Meta(description="What is known about the market.")] = Market()
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar."""
        reject_invalid_date("as_of", self.as_of)


_MAX_ITEMS: Final = 10_000


class ScoresRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A batch of positions to score, each a request of `POST /score`."""

    items: Annotated[
        list[
            Annotated[
                msgspec.Raw,
                Meta(
                    extra_json_schema={
                        "anyOf": [
                            {"$ref": "#/components/schemas/ScoreRequest"},
                            {"description": "Anything else yields a problem in its place."},
                        ]
                    }
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
