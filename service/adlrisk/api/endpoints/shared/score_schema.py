"""Structs of the answer that a scored position gets, alone, in a batch or as a leg of an account."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from adlrisk.api.endpoints.shared.market_lookup import MarketLookup
from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import VenueRef


class ScoreAnswer(Score, frozen=True, kw_only=True):
    """The score, with the rules, the market record and the time it is based on."""

    market: Annotated[
        MarketLookup | None,
        Meta(description="What became of the market record of `symbol`; null if the request names none."),
    ]
    venue: VenueRef
    as_of: Annotated[str, Meta(description="The time the score is for.", extra_json_schema={"format": "date-time"})]
    id: Annotated[str | UnsetType, Meta(description="Id of the item of `POST /scores`, if it has one.")] = UNSET
