"""``GET /venues`` and ``GET /venues/{venue}``: the rule cards in force."""

import hashlib
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from adlrisk.api.codecs import JSON
from adlrisk.api.endpoint import Answer, Call, Endpoint, Parameter, Reply
from adlrisk.api.problems import ProblemError
from adlrisk.domain.ranking import Confidence
from adlrisk.domain.rules import Mechanism, VenueRules
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, Venue, VenueRef


class VenueSummary(Struct, frozen=True, kw_only=True):
    """One line of the list of venues."""

    id: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    name: str
    mechanism: Mechanism
    formula: Annotated[str | None, Meta(description="Queue formula; null without a queue or where unknown.")]
    meter: Annotated[str | None, Meta(description="The venue's own name of its ADL reading.")]
    fill_price: Annotated[Literal["bankruptcy", "mark", "unknown"], Meta(description="What an ADL fills at.")]
    confidence: Annotated[Confidence | None, Meta(description="Of the ranking; null where none is known.")]
    revision: str
    source: Literal["catalogue", "override"]


class VenueList(Struct, frozen=True, kw_only=True):
    """All venues, in alphabetical order of their ids."""

    venues: list[VenueSummary]


class VenueCard(VenueRules, frozen=True, kw_only=True):
    """The rule card in force, and its revision."""

    venue: VenueRef


def card_of(venue: Venue) -> VenueCard:
    """The card as it is answered."""
    fields = {name: getattr(venue.rules, name) for name in venue.rules.__struct_fields__}
    return VenueCard(venue=venue.ref, **fields)


def list_of(venues: Catalogue) -> VenueList:
    """All venues, a line each."""
    return VenueList(venues=[_summary(venue) for venue in venues.values()])


async def _handle_list(call: Call) -> Reply:
    venues = call.service.venues
    revisions = "".join(venue.ref.revision for venue in venues.values())
    etag = f'"{hashlib.sha256(revisions.encode()).hexdigest()[:12]}"'
    return _cached(call, etag, list_of(venues))


async def _handle_card(call: Call) -> Reply:
    try:
        venue = call.service.venues[call.path["venue"]]
    except UnknownVenueError as error:
        raise ProblemError(
            "unknown-venue", f"There is no venue {error.venue[:64]!r}; GET /venues lists them", status=404
        ) from error
    return _cached(call, f'"{venue.ref.revision}"', card_of(venue))


def _cached(call: Call, etag: str, body: Any) -> Reply:
    """``body`` under its ETag, or 304 where the caller has it already.

    A strong ETag stands for the very bytes, so each format but JSON has one of its own.
    """
    if call.answer_codec is not JSON:
        etag = f'{etag[:-1]}-{call.answer_codec.name.lower()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    given = ",".join(call.headers.getall("if-none-match", []))
    known = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    if etag in known or "*" in known:
        return Reply(body=None, status=304, headers=headers)
    return Reply(body=body, headers=headers)


def _summary(venue: Venue) -> VenueSummary:
    rules = venue.rules
    return VenueSummary(
        id=rules.id,
        name=rules.name,
        mechanism=rules.mechanism,
        formula=rules.ranking.formula,
        meter=rules.meter.field if rules.meter else None,
        fill_price=rules.execution.price,
        confidence=rules.confidence,
        revision=venue.ref.revision,
        source=venue.ref.source,
    )


_IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match",
    place="header",
    description="ETags the caller has; 304 when one of them is current.",
    schema={"type": "string"},
    example='"0123456789ab"',
)
_ETAG: Final = {"ETag": "Revision of what is answered, strong."}
_UNCHANGED: Final = Answer(description="What the caller has is current.", media_types=(), headers=_ETAG)

LIST_VENUES: Final = Endpoint(
    method="GET",
    path="/venues",
    operation_id="listVenues",
    tag="Venues",
    summary="All venues, a line each",
    description="Id, mechanism, queue formula, meter, fill price, and how well the ranking is known.",
    handle=_handle_list,
    parameters=(_IF_NONE_MATCH,),
    answers={
        200: Answer(description="The venues.", type=VenueList, headers=_ETAG),
        304: _UNCHANGED,
    },
)

GET_VENUE: Final = Endpoint(
    method="GET",
    path="/venues/{venue}",
    operation_id="getVenue",
    tag="Venues",
    summary="A venue's rule card",
    description="The venue's ADL rule as it is in force: ranking, meter, fill price, trigger, thresholds, "
    "with sources, confidence, and what is not known.",
    handle=_handle_card,
    parameters=(
        Parameter(
            name="venue",
            place="path",
            description="A venue of the catalogue.",
            schema={"$ref": "#/components/schemas/VenueId"},
            example="binance",
        ),
        _IF_NONE_MATCH,
    ),
    answers={
        200: Answer(description="The rule card.", type=VenueCard, headers=_ETAG),
        304: _UNCHANGED,
    },
    problems=("unknown-venue",),
)
