"""The rows of the route table for the venues' pages, and their handlers."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import htpy as h
import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Endpoint, PageCall, PageHandler, Reply
from adlrisk.api.endpoints.shared.conditional import revalidate
from adlrisk.api.endpoints.venues.answer import build_card
from adlrisk.api.endpoints.venues.cards import GET_VENUE, LIST_VENUES, VENUE_IN_PATH
from adlrisk.api.endpoints.venues.schema import VenueCard, VenueList
from adlrisk.api.http.etags import compute_etag
from adlrisk.api.http.problems import ProblemError
from adlrisk.page.calls import Caller
from adlrisk.page.replies import HTML_ONLY, build_reply, render_problem
from adlrisk.page.venues.card import render_unknown_venue, render_venue
from adlrisk.page.venues.overview import render_venues
from adlrisk.page.venues.parts import VENUES_PATH
from adlrisk.page.venues.search import suggest_venues

_MAX_PARAMETERS: Final = 20
_NOT_FOUND: Final = 404
_NUL: Final = "\0"  # which HTML cannot hold


async def _answer_list(call: PageCall) -> Reply:
    exchange = await Caller(call_api=call.call_api).get(
        LIST_VENUES
    )  # as often as anyone may, and with a key if it takes one
    if exchange.problem is not None:
        return _reply_problem(exchange.status, exchange.problem)
    venues = call.context.venues
    listed = msgspec.convert(exchange.answer, VenueList).venues
    cards = [build_card(venues[venue.id]) for venue in listed]
    content = render_venues(cards, aliases=venues.aliases, query=_read_search(call.query))
    return _reply(call, title="Venues", content=content)


async def _answer_venue(call: PageCall) -> Reply:
    asked, venues = call.path["venue"].replace(_NUL, ""), call.context.venues
    exchange = await Caller(call_api=call.call_api).get(GET_VENUE, venue=asked)
    if exchange.problem is None:
        card = msgspec.convert(exchange.answer, VenueCard)
        aliases = [alias for alias, id_ in venues.aliases.items() if id_ == card.id]
        return _reply(call, title=card.name, content=render_venue(card, aliases=aliases))
    if exchange.status != _NOT_FOUND:
        return _reply_problem(exchange.status, exchange.problem)
    alike = suggest_venues(map(build_card, venues.values()), asked, aliases=venues.aliases)
    content = render_unknown_venue(asked, exchange.problem["detail"], alike=alike)
    return build_reply(title="No such venue", here="venues", content=content, status=_NOT_FOUND)


def _read_search(query: bytes) -> str:
    """What is searched for: the first `q`.

    Raises:
        ProblemError: there are dozens of parameters (400).
    """
    try:
        pairs = parse_qsl(query.decode("latin-1"), errors="replace", max_num_fields=_MAX_PARAMETERS)
    except ValueError as error:
        raise ProblemError("bad-request", "The search has one parameter, q") from error
    return next((value for name, value in pairs if name == "q"), "").replace(_NUL, "")


def _reply(call: PageCall, *, title: str, content: h.Node) -> Reply:
    reply = build_reply(title=title, here="venues", content=content)
    return revalidate(call, reply, etag=compute_etag(reply.body))


def _reply_problem(status: int, problem: Mapping[str, Any]) -> Reply:
    return msgspec.structs.replace(
        build_reply(title="", here="venues", content=None, status=status), body=render_problem(problem)
    )


VENUE_PAGES: Final = (
    Endpoint(
        method="GET",
        path=VENUES_PATH,
        operation_id="getVenuesPage",
        access="open",
        tag="Operations",
        summary="The page of all venues",
        description="How each venue deleverages; `?q=` searches by name.",
        handle=PageHandler(render=_answer_list, render_problem=render_problem),
        compresses=True,
        answers=HTML_ONLY,
    ),
    Endpoint(
        method="GET",
        path=f"{VENUES_PATH}/{{venue}}",
        operation_id="getVenuePage",
        access="open",
        tag="Operations",
        summary="The page of a venue",
        description="All that its rule card says.",
        handle=PageHandler(render=_answer_venue, render_problem=render_problem),
        compresses=True,
        parameters=(VENUE_IN_PATH,),
        answers={
            **HTML_ONLY,
            404: Answer(description="No such venue; the page searches.", type=str, media_types=("text/html",)),
        },
    ),
)
