"""``/venues`` and ``/venues/{venue}``: the rule cards in force, and changes to them."""

from collections.abc import Awaitable
from functools import partial
from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint, Parameter, Reply
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, NOT_MODIFIED, revalidate
from adlrisk.api.endpoints.venues.answer import build_card, list_venues
from adlrisk.api.endpoints.venues.schema import VenueCard, VenueList
from adlrisk.api.http.codecs import JSON, MEDIA_TYPES, MERGE_PATCH
from adlrisk.api.http.etags import compute_etag
from adlrisk.api.http.problems import ProblemError, explain_unknown_venue, field_error
from adlrisk.api.http.validation import explain_error
from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues.catalogue import UnknownVenueError, Venue
from adlrisk.venues.changes import OnVenueChange
from adlrisk.venues.live_rules import ContendedError, RevisionMismatchError, UnreadableOverrideError
from adlrisk.venues.overrides import VenuePatch, to_override


def _handle_list(call: Call) -> Reply:
    venues = call.context.venues
    refs = "".join(f"{venue.revision}{venue.source}{venue.ref.facts_age_days} " for venue in venues.values())
    return revalidate(call, Reply(body=list_venues(venues)), etag=_adapt_etag(call, compute_etag(refs.encode())))


def _handle_card(call: Call) -> Reply:
    venue = find_venue(call)
    return revalidate(call, Reply(body=build_card(venue)), etag=_compute_etag(call, venue))


async def _handle_patch(call: Call) -> Reply:
    venue = find_venue(call).rules.id
    change = call.context.live_rules.patch(
        venue, to_override(call.body), expected=_parse_if_match(call), on_change=_record_change(call)
    )
    return await _apply_change(call, change)


async def _handle_reset(call: Call) -> Reply:
    venue = find_venue(call).rules.id
    change = call.context.live_rules.reset(venue, expected=_parse_if_match(call), on_change=_record_change(call))
    return await _apply_change(call, change)


def _record_change(call: Call) -> OnVenueChange:
    return partial(call.context.audit_log.record_venue, author=call.author, request_id=call.request_id)


async def _apply_change(call: Call, change: Awaitable[Venue]) -> Reply:
    """Await a change, and answer with the card now in force.

    Raises:
        ProblemError: the change was rejected.
    """
    try:
        venue = await change
    except RevisionMismatchError as error:
        detail = f"The card is at revision {error.revision}, which is not in If-Match"
        raise ProblemError("precondition-failed", detail) from error
    except ContendedError as error:
        detail = f"Other changes of {error} came first at every attempt; nothing was changed. Send it again"
        raise ProblemError("change-contended", detail, headers={"retry-after": "1"}) from error
    except msgspec.ValidationError as error:
        pointer, detail = explain_error(str(error), None, kind=VenueRules)
        raise ProblemError("invalid-card", f"{pointer}: {detail}", errors=(field_error(pointer, detail),)) from error
    except UnreadableOverrideError as error:
        pointer, reason = explain_error(str(error), None)
        detail = f"The stored override cannot be read ({f'{pointer}: ' if pointer else ''}{reason}); DELETE it first"
        raise ProblemError("override-unreadable", detail) from error
    return Reply(body=build_card(venue), headers={"etag": _compute_etag(call, venue)})


def find_venue(call: Call) -> Venue:
    """Return the venue named in the path by its id or alias, with the rules in force.

    Raises:
        ProblemError: it is unknown (404).
    """
    try:
        return call.context.venues[call.path["venue"]]
    except UnknownVenueError as error:
        raise ProblemError("unknown-venue", explain_unknown_venue(error), status=404) from error


def _parse_if_match(call: Call) -> frozenset[str] | None:
    """Return the revisions in If-Match, of any day and format; ``None`` if any revision will do."""
    tags = [tag.strip() for tag in call.headers.joined(b"if-match").split(",") if tag.strip()]
    if not call.headers.all(b"if-match") or "*" in tags:
        return None
    return frozenset(tag.strip('"').partition("-")[0] for tag in tags)


def _compute_etag(call: Call, venue: Venue) -> str:
    """Return the ETag of the card: its revision, the age of its facts, and where it is from if not bundled."""
    local = "-local" if venue.source == "local" else ""
    return _adapt_etag(call, f'"{venue.revision}-{venue.ref.facts_age_days}{local}"')


def _adapt_etag(call: Call, etag: str) -> str:
    """Return the ETag for the answer's format: strong ETags are per byte sequence, so MessagePack needs its own."""
    return etag if call.answer_codec is JSON else f'{etag[:-1]}-{call.answer_codec.name.lower()}"'


_SAME_VENUE: Final = {"venue": "$request.path.venue"}

_IF_MATCH: Final = Parameter(
    name="If-Match",
    place="header",
    description="ETags, one of which must be the card's current one, else 412. Prevents lost updates.",
    schema={"type": "string"},
    example='"0123456789ab"',
)
VENUE_IN_PATH: Final = Parameter(
    name="venue",
    place="path",
    description="A venue in the catalogue.",
    schema={"$ref": "#/components/schemas/VenueId"},
    example="binance",
)

LIST_VENUES: Final = Endpoint(
    method="GET",
    path="/venues",
    operation_id="listVenues",
    tag="Venues",
    summary="List all venues",
    description="A summary per venue: id, ids in ccxt, kinds of contract, mechanism, queue formula, meter, fill price, "
    "confidence in the ranking, and when the card was last checked.",
    handle=_handle_list,
    compresses=True,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: Answer(
            description="The venues.",
            type=VenueList,
            headers=ETAG,
            links={"getVenue": {"venue": "$response.body#/venues/0/id"}},
        ),
        304: NOT_MODIFIED,
    },
)

GET_VENUE: Final = Endpoint(
    method="GET",
    path="/venues/{venue}",
    operation_id="getVenue",
    tag="Venues",
    summary="Get a venue's rule card",
    description="The venue's ADL rules in force: ranking, meter, fill price, trigger and thresholds, "
    "with sources, confidence, and what is unknown.",
    handle=_handle_card,
    compresses=True,
    parameters=(
        VENUE_IN_PATH,
        IF_NONE_MATCH,
    ),
    answers={
        200: Answer(description="The rule card.", type=VenueCard, headers=ETAG),
        304: NOT_MODIFIED,
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
    description="A JSON merge patch (RFC 7396) of the card in force: omitted fields stay, null removes a value so that "
    "its general default applies. The change takes effect here at once and on every replica within a second, and "
    "answers show the new revision. A patch that would make the card invalid is rejected as a whole. Concurrent "
    "patches are both applied; with `If-Match` the second is rejected.",
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
    problems=(
        "unknown-venue",
        "invalid-card",
        "precondition-failed",
        "change-contended",
        "override-unreadable",
        "store-unavailable",
    ),
)

RESET_VENUE: Final = Endpoint(
    method="DELETE",
    path="/venues/{venue}/override",
    operation_id="resetVenue",
    access="admin",
    tag="Venues",
    summary="Remove the override of a venue",
    description="Removes all changes to the card; does nothing if there are none. Safe to retry.",
    handle=_handle_reset,
    parameters=(VENUE_IN_PATH, _IF_MATCH),
    answers={
        200: Answer(description="The card in force.", type=VenueCard, headers=ETAG, links={"getVenue": _SAME_VENUE})
    },
    problems=("unknown-venue", "precondition-failed", "change-contended", "override-unreadable", "store-unavailable"),
)
