"""Structs of the requests ``POST /score`` and ``POST /scores``, and of the latter's answers."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.shared.fields import Moment, SymbolId, VenueId, settle_as_of
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.alerts import AlertName
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.standing import Place

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

ItemId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="The client's own id, returned with the item's result; ids need not differ.",
    ),
]


class ScoresItem(ScoreRequest, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A position to score in a batch: a request of `POST /score`, which may have an id."""

    id: ItemId | None = None


class ScoresRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A batch of positions to score."""

    detail: Annotated[
        Literal["full", "brief"],
        Meta(
            description="`full`: each result is the answer of `POST /score`; `brief`: only what candidates are sorted "
            "by, a twentieth of the size."
        ),
    ] = "full"
    items: Annotated[
        list[
            Annotated[
                msgspec.Raw,
                Meta(
                    description="Anything else yields a problem in its place.",
                    extra_json_schema={"$ref": "#/components/schemas/ScoresItem"},
                ),
            ]
        ],
        Meta(min_length=1, max_length=_MAX_ITEMS, description="Requests of `POST /score`, each with an id if wanted."),
    ]


class BriefScore(Struct, frozen=True, kw_only=True, gc=False):
    """The score of an item in brief: fields of the full answer, without reasons."""

    id: Annotated[str | UnsetType, Meta(description="Id of the item, if it has one.")] = UNSET
    score: Annotated[int, Meta(description="Points of the signals that fired: 0, 2, 4, 6, 8 or 10.")]
    score_upper: Annotated[int, Meta(description="The score if every unknown signal that applies had fired.")]
    band: Annotated[Band, Meta(description="low: 0 or 2, watch: 4 or 6, high: 8 or 10.")]
    band_upper: Annotated[Band, Meta(description="The band of `score_upper`.")]
    standing: Annotated[Place, Meta(description="`standing.place` of the full answer.")]
    danger: Annotated[Danger, Meta(description="`nearer_danger.danger` of the full answer.")]
    alerts: Annotated[tuple[AlertName, ...], Meta(description="`alert` of each of the full answer's `alerts`.")]
    liquidation_price: Annotated[
        float | None, Meta(description="`state.liquidation_price` of the full answer; null as there.")
    ]


class ScoresAnswer(Struct, frozen=True, kw_only=True):
    """A score or a problem for each item, in the order of the request."""

    results: list[
        Annotated[
            Any,
            Meta(
                extra_json_schema={
                    "oneOf": [
                        {"$ref": "#/components/schemas/ScoreAnswer"},
                        {"$ref": "#/components/schemas/BriefScore"},
                        {"$ref": "#/components/schemas/Problem"},
                    ]
                }
            ),
        ]
    ]
