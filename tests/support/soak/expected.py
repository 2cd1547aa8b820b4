"""Expected answers: those of the library without a server, as the exact bytes that the service must send."""

import time
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from adlrisk.api.bulk.job import BulkHandler, Job, run_job
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.endpoints.adl.allocate import ALLOCATE
from adlrisk.api.endpoints.adl.partial_answer import answer_partial
from adlrisk.api.endpoints.adl.schema import PartialRequest
from adlrisk.api.endpoints.queue.rank import RANK
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import BriefScore, ScoreRequest, ScoresAnswer, ScoresItem
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.endpoints.venues.answer import build_card, list_venues
from adlrisk.api.endpoints.venues.schema import MarketAnswer
from adlrisk.api.http.codecs import JSON, Codec
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, Problem, ProblemError, problem_for
from adlrisk.api.http.validation import decode_body
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError
from adlrisk.venues.market_records import Lookup, StoredRecord
from support.shortened import shorten
from support.soak.load.exchange import Answer, Expected

_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the clock for answers that must not depend on it
_CLOCK_SECONDS: Final = 0.01
_BOOKS: Final[dict[str, Endpoint]] = {endpoint.path: endpoint for endpoint in (RANK, ALLOCATE)}


def score(body: bytes, *, sent: Codec, answered: Codec, venues: Catalogue, record: Lookup, instance: str) -> Expected:
    """The answer to one position, its request with ``as_of``."""
    found = _scored(body, sent, venues=venues, record=record, within="")
    if isinstance(found, ProblemError):
        return problem(found, instance)
    return Expected(body=answered.encode(found), headers=_typed(answered))


def scores(request: dict[str, Any], *, answered: Codec, venues: Catalogue, instance: str) -> Expected:
    """The answer to a batch without symbols, each item with ``as_of``."""
    results: list[ScoreAnswer | BriefScore | Problem] = []
    for index, item in enumerate(request["items"]):
        found = _scored_item(item, detail=request["detail"], venues=venues, within=f"/items/{index}")
        if isinstance(found, ProblemError):
            results.append(found.problem(instance=instance, item_id=item.get("id")))
        else:
            results.append(found)
    raw = [msgspec.Raw(answered.encode(result)) for result in results]
    return Expected(body=answered.encode(ScoresAnswer(results=raw)), headers=_typed(answered))


def partial(body: bytes, *, sent: Codec, answered: Codec, venues: Catalogue, instance: str) -> Expected:
    """The answer to a partial close."""
    try:
        request = decode_body(sent.build_decoder(PartialRequest), body)
        return Expected(
            body=answered.encode(answer_partial(request, venues=venues, now=_NEVER)), headers=_typed(answered)
        )
    except (RefusedError, UnknownVenueError) as error:
        return problem(problem_for(error), instance)
    except ProblemError as error:
        return problem(error, instance)


def book(path: str, body: bytes, *, sent: Codec, answered: Codec, venues: Catalogue, instance: str) -> Expected:
    """The answer to a book."""
    endpoint = _BOOKS[path]
    if endpoint.body is None or not isinstance(endpoint.handle, BulkHandler):
        raise LookupError(path)
    job = Job(
        operation=endpoint.operation_id,
        body_media_type=sent.media_types[0],
        answer_media_type=answered.media_types[0],
        request_id=instance,
        now=datetime.now(UTC),
    )
    outcome = run_job(job, [body], handler=endpoint.handle, venues=venues)
    headers = {"content-type": outcome.media_type}
    return Expected(status=outcome.status, body=b"".join(outcome.pieces), headers=headers)


def card(venue: str, *, answered: Codec, venues: Catalogue) -> Expected:
    """A venue's rule card under its ETag."""
    found = venues[venue]
    tag = f"{found.revision}-{found.ref.facts_age_days}"
    if answered is not JSON:
        tag = f"{tag}-{answered.name.lower()}"
    return Expected(body=answered.encode(build_card(found)), headers={**_typed(answered), "etag": f'"{tag}"'})


def venue_list(*, answered: Codec, venues: Catalogue) -> Expected:
    """All venues, a line each."""
    return Expected(body=answered.encode(list_venues(venues)), headers=_typed(answered))


def record(venue: str, symbol: str, kept: StoredRecord, answer: Answer, *, answered: Codec) -> list[Expected]:
    """A market record with the age in ``answer``, if that age is possible."""
    if answer.status != 200:
        return []
    age: float = answered.build_decoder(dict[str, Any])(answer.body).get("age_seconds", -1.0)
    oldest = (datetime.now(UTC) - kept.observed_at).total_seconds()
    youngest = oldest - (time.monotonic() - answer.sent_at) - _CLOCK_SECONDS
    if not youngest <= age <= oldest + _CLOCK_SECONDS:
        return []
    known = {name: getattr(kept.market, name) for name in MarketRecord.__struct_fields__}
    found = MarketAnswer(
        venue=venue,
        symbol=symbol,
        observed_at=format_datetime(kept.observed_at),
        age_seconds=age,
        ttl_seconds=kept.ttl_seconds,
        source=kept.source,
        **known,
    )
    return [Expected(body=answered.encode(found), headers=_typed(answered))]


def unchanged(known: Expected) -> Expected:
    """The answer to a client that has ``known`` already."""
    return Expected(status=304, headers={"etag": known.headers["etag"]})


def problem(error: ProblemError, instance: str) -> Expected:
    """The problem in its answered form."""
    body = msgspec.json.encode(error.problem(instance=instance))
    return Expected(status=error.status, body=body, headers={"content-type": PROBLEM_MEDIA_TYPE, **error.headers})


def _scored(body: bytes, sent: Codec, *, venues: Catalogue, record: Lookup, within: str) -> ScoreAnswer | ProblemError:
    try:
        request = decode_body(sent.build_decoder(ScoreRequest), body, within=within)
        return answer_score(request, venues=venues, now=_NEVER, record=record)
    except (RefusedError, UnknownVenueError) as error:
        return problem_for(error, within=within)
    except ProblemError as error:
        return error


def _scored_item(
    item: dict[str, Any], *, detail: str, venues: Catalogue, within: str
) -> ScoreAnswer | BriefScore | ProblemError:
    try:
        request: ScoresItem = decode_body(JSON.build_decoder(ScoresItem), JSON.encode(item), within=within)
        full = answer_score(request, venues=venues, now=_NEVER)
    except (RefusedError, UnknownVenueError) as error:
        return problem_for(error, within=within)
    except ProblemError as error:
        return error
    if detail == "brief":
        return shorten(full, request.id)
    return full if request.id is None else msgspec.structs.replace(full, id=request.id)


def _typed(answered: Codec) -> dict[str, str]:
    return {"content-type": answered.media_types[0]}
