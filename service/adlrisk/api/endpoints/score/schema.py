"""Structs of ``POST /score`` and ``POST /scores``."""

from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import (
    MARGIN_OR_LEVERAGE,
    Moment,
    SymbolId,
    VenueId,
    reject_invalid_date,
    to_text,
)
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import VenueRef
from adlrisk.venues.market_records import LookupStatus

if TYPE_CHECKING:
    from datetime import datetime


class ScoreRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One position to score."""

    venue: VenueId = "generic"
    symbol: SymbolId | None = None
    position: Annotated[Position, Meta(description="The position to score.", extra_json_schema=MARGIN_OR_LEVERAGE)]
    market: Annotated[Market, Meta(description="What is known about the market.")] = Market()
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar; take an aware datetime."""
        try:
            reject_invalid_date("as_of", self.as_of)
        except TypeError:  # no text: the request was built in Python
            msgspec.structs.force_setattr(self, "as_of", to_text("as_of", self.as_of))

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


class MarketLookup(Struct, frozen=True, kw_only=True, gc=False):
    """What became of the market record of the request's symbol."""

    symbol: str
    status: Annotated[
        LookupStatus,
        Meta(
            description="`used`: the record filled something in; `unused`: the request left nothing out that it knows; "
            "`absent`: the store holds none; `out_of_time`: it was observed after `as_of`, or has expired; "
            "`unreadable`: the store did not answer in time or holds something unusable; there may be a record, so "
            "retry."
        ),
    ]
    observed_at: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "date-time"})] | None,
        Meta(description="When the record was observed; null if there is none."),
    ] = None
    age_seconds: Annotated[
        float | None, Meta(description="Age of the record at `as_of`, negative if observed after it; null if none.")
    ] = None
    source: Annotated[str | None, Meta(description="Who observed the record; null if there is none.")] = None


class ScoreAnswer(Score, frozen=True, kw_only=True):
    """The score, with the rules, the market record and the time it is based on."""

    market: Annotated[
        MarketLookup | None,
        Meta(description="What became of the market record of `symbol`; null if the request names none."),
    ]
    venue: VenueRef
    as_of: Annotated[str, Meta(description="The time the score is for.", extra_json_schema={"format": "date-time"})]


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
