"""Structs of the answer that a scored position gets, alone, in a batch or as a leg of an account."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import VenueRef
from adlrisk.venues.market_records import LookupStatus


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
    id: Annotated[str | UnsetType, Meta(description="Id of the item of `POST /scores`, if it has one.")] = UNSET
