"""``/venues`` and ``/venues/{venue}``: the rule cards in force, and how operators change them."""

from collections.abc import Awaitable
from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint, Parameter, Reply
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, UNCHANGED, unless_known
from adlrisk.api.endpoints.venues.schema import VenueCard, VenueList, VenueSummary
from adlrisk.api.http.codecs import JSON, MEDIA_TYPES, MERGE_PATCH
from adlrisk.api.http.etags import etag_of
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.api.http.validation import locate_error
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, Venue
from adlrisk.venues.live_rules import RevisionMismatchError, UnreadableOverrideError
from adlrisk.venues.overrides import VenuePatch, as_override


def card_of(venue: Venue) -> VenueCard:
    """The card as it is answered."""
    fields = {name: getattr(venue.rules, name) for name in venue.rules.__struct_fields__}
    return VenueCard(venue=venue.ref, **fields)


def list_of(venues: Catalogue) -> VenueList:
    """All venues, a line each."""
    return VenueList(venues=[_summary(venue) for venue in venues.values()])


def _handle_list(call: Call) -> Reply:
    venues = call.context.venues
    revisions = "".join(venue.ref.revision for venue in venues.values())
    return unless_known(call, Reply(body=list_of(venues)), etag=_etag(call, etag_of(revisions.encode())))


def _handle_card(call: Call) -> Reply:
    venue = venue_in_path(call)
    return unless_known(call, Reply(body=card_of(venue)), etag=_etag(call, f'"{venue.ref.revision}"'))


async def _handle_patch(call: Call) -> Reply:
    venue = venue_in_path(call).rules.id
    change = call.context.live_rules.patch(venue, as_override(call.body), expected=_expected(call))
    return await _changed(call, change)


async def _handle_reset(call: Call) -> Reply:
    venue = venue_in_path(call).rules.id
    return await _changed(call, call.context.live_rules.reset(venue, expected=_expected(call)))


async def _changed(call: Call, change: Awaitable[Venue]) -> Reply:
    """The card that a change has put in force."""
    try:
        venue = await change
    except RevisionMismatchError as error:
        detail = f"The card is at revision {error.revision}, which If-Match does not name"
        raise ProblemError("precondition-failed", detail) from error
    except msgspec.ValidationError as error:
        pointer, detail = locate_error(str(error))
        raise ProblemError("invalid-card", f"{pointer}: {detail}", errors=(field_error(pointer, detail),)) from error
    except UnreadableOverrideError as error:
        detail = f"What is kept for the venue cannot be built upon ({error}): DELETE its override first"
        raise ProblemError("override-unreadable", detail) from error
    return Reply(body=card_of(venue), headers={"etag": _etag(call, f'"{venue.ref.revision}"')})


def venue_in_path(call: Call) -> Venue:
    """The venue that the path names, as it is in force.

    Raises:
        ProblemError: there is none (404).
    """
    try:
        return call.context.venues[call.path["venue"]]
    except UnknownVenueError as error:
        raise ProblemError(
            "unknown-venue", f"There is no venue {error.venue[:64]!r}; GET /venues lists them", status=404
        ) from error


def _expected(call: Call) -> frozenset[str] | None:
    """The revisions that If-Match names, in whatever format they were read; ``None`` for any."""
    tags = [tag.strip() for tag in call.headers.joined(b"if-match").split(",") if tag.strip()]
    if not call.headers.all(b"if-match") or "*" in tags:
        return None
    return frozenset(tag.strip('"').partition("-")[0] for tag in tags)


def _etag(call: Call, etag: str) -> str:
    """The ETag in the answer's format: a strong one stands for the very bytes, so each but JSON has its own."""
    return etag if call.answer_codec is JSON else f'{etag[:-1]}-{call.answer_codec.name.lower()}"'


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


_SAME_VENUE: Final = {"venue": "$request.path.venue"}

_IF_MATCH: Final = Parameter(
    name="If-Match",
    place="header",
    description="ETags, one of which the card must have now, else 412: so that nobody's change is undone unseen.",
    schema={"type": "string"},
    example='"0123456789ab"',
)
VENUE_IN_PATH: Final = Parameter(
    name="venue",
    place="path",
    description="A venue of the catalogue.",
    schema={"$ref": "#/components/schemas/VenueId"},
    example="binance",
)

LIST_VENUES: Final = Endpoint(
    method="GET",
    path="/venues",
    operation_id="listVenues",
    tag="Venues",
    summary="All venues, a line each",
    description="Id, mechanism, queue formula, meter, fill price, and how well the ranking is known.",
    handle=_handle_list,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: Answer(
            description="The venues.",
            type=VenueList,
            headers=ETAG,
            links={"getVenue": {"venue": "$response.body#/venues/0/id"}},
        ),
        304: UNCHANGED,
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
        VENUE_IN_PATH,
        IF_NONE_MATCH,
    ),
    answers={
        200: Answer(description="The rule card.", type=VenueCard, headers=ETAG),
        304: UNCHANGED,
    },
    problems=("unknown-venue",),
)

PATCH_VENUE: Final = Endpoint(
    method="PATCH",
    path="/venues/{venue}",
    operation_id="patchVenue",
    access="admin",
    tag="Venues",
    summary="Change a venue's thresholds and terms",
    description="A JSON merge patch (RFC 7396) of the card in force: what is left out stays, null takes a value off so "
    "that its general default holds. It is in force at once here and within a second on every replica, and answers "
    "carry the new revision. A patch that would make an invalid card is refused whole. Two patches at once are both "
    "applied; with `If-Match` the second is refused.",
    handle=_handle_patch,
    body=Body(
        type=VenuePatch,
        limit=lambda context: context.settings.max_score_bytes,
        examples=("venue-patch",),
        media_types=(MERGE_PATCH, *MEDIA_TYPES),
    ),
    parameters=(VENUE_IN_PATH, _IF_MATCH),
    answers={
        200: Answer(
            description="The card in force.",
            type=VenueCard,
            headers=ETAG,
            links={"getVenue": _SAME_VENUE, "resetVenue": _SAME_VENUE},
        )
    },
    problems=("unknown-venue", "invalid-card", "precondition-failed", "override-unreadable", "store-unavailable"),
)

RESET_VENUE: Final = Endpoint(
    method="DELETE",
    path="/venues/{venue}/override",
    operation_id="resetVenue",
    access="admin",
    tag="Venues",
    summary="Back to the bundled card",
    description="Takes back all that was changed on the card; without changes nothing happens. Safe to retry.",
    handle=_handle_reset,
    parameters=(VENUE_IN_PATH, _IF_MATCH),
    answers={
        200: Answer(description="The card in force.", type=VenueCard, headers=ETAG, links={"getVenue": _SAME_VENUE})
    },
    problems=("unknown-venue", "precondition-failed", "override-unreadable", "store-unavailable"),
)
