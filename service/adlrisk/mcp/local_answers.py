"""Answers of the tools in this process, as the library gives them: no service, no store, no market records."""

import math
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from adlrisk.api.bulk.job import BookLimits, BulkHandler, Job, run_job
from adlrisk.api.endpoints.account.answer import answer_account
from adlrisk.api.endpoints.adl.partial_answer import answer_partial
from adlrisk.api.endpoints.fills.answer import answer_fills
from adlrisk.api.endpoints.plan.plan_book import PLAN_BOOK
from adlrisk.api.endpoints.queue.rank_book import RANK_BOOK
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.stress.exposure_book import EXPOSURE_BOOK
from adlrisk.api.endpoints.venues.schema import VenueCard
from adlrisk.api.http.codecs import JSON
from adlrisk.api.http.problems import (
    ProblemError,
    encode_problem,
    explain_unknown_venue,
    internal_error,
    problem_for,
)
from adlrisk.api.http.validation import decode_body
from adlrisk.domain.position.errors import RefusedError
from adlrisk.mcp.tools import Tool, VenueRequest
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError

MEDIA_TYPE: Final = "application/json"
_OK: Final = 200


class ToolAnswer(NamedTuple):
    """What the API answers to the arguments of a tool: its answer, or its problem."""

    is_problem: bool
    content: bytes  # JSON


class LocalAnswers:
    """Answers by the rule cards of a catalogue."""

    def __init__(
        self,
        venues: Catalogue,
        *,
        limits: BookLimits,
        max_bytes: int,
        seconds: float = math.inf,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``max_bytes`` of arguments are taken; the work on a book ends after ``seconds``."""
        self._venues = venues
        self._limits = limits
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._clock = clock

    def answer(self, tool: Tool, arguments: bytes, *, request_id: str) -> ToolAnswer:
        """The answer to the ``arguments``, which are JSON."""
        try:
            self._reject_large(arguments)
            book = _BOOKS.get(tool.operation)
            if book is not None:
                return self._answer_book(book, arguments, request_id=request_id)
            request = decode_body(_decoder(tool.request), arguments)
            answer = _ANSWERS[tool.operation](request, self._venues, self._clock())
            return ToolAnswer(is_problem=False, content=msgspec.json.encode(answer, enc_hook=_encode_refused))
        except ProblemError as error:
            problem = error
        except (RefusedError, UnknownVenueError) as error:
            problem = problem_for(error)
        except Exception:  # noqa: BLE001 (the edge: whatever happened becomes an answer)
            traceback.print_exc()
            problem = internal_error()
        return ToolAnswer(is_problem=True, content=encode_problem(problem, request_id=request_id))

    def _reject_large(self, arguments: bytes) -> None:
        if len(arguments) > self._max_bytes:
            raise ProblemError("body-too-large", f"The arguments may be at most {self._max_bytes} bytes long")

    def _answer_book(self, book: BulkHandler, arguments: bytes, *, request_id: str) -> ToolAnswer:
        job = Job(
            operation=book.operation,
            body_media_type=MEDIA_TYPE,
            answer_media_type=MEDIA_TYPE,
            request_id=request_id,
            now=self._clock(),
            limits=self._limits,
            seconds=self._seconds,
        )
        outcome = run_job(job, [arguments], handler=book, venues=self._venues)
        if outcome.defect is not None:
            raise RuntimeError(outcome.defect)
        return ToolAnswer(is_problem=outcome.status != _OK, content=b"".join(outcome.pieces))


def _answer_venue(request: VenueRequest, venues: Catalogue, _now: datetime) -> VenueCard:
    """The card, as ``GET /venues/{venue}`` gives it.

    Raises:
        ProblemError: the venue is unknown (404).
    """
    try:
        venue = venues[request.venue]
    except UnknownVenueError as error:
        raise ProblemError("unknown-venue", explain_unknown_venue(error), status=404) from error
    return VenueCard(venue=venue.ref, **msgspec.structs.asdict(venue.rules))


@cache
def _decoder(kind: type) -> Callable[[Any], Any]:
    return JSON.build_decoder(kind)


def _encode_refused(refused: object) -> object:
    """The problem in the place of a leg that cannot be scored."""
    if isinstance(refused, RefusedError):
        return problem_for(refused).problem(instance="")
    raise TypeError(refused)


_BOOKS: Final[Mapping[str, BulkHandler]] = {book.operation: book for book in (RANK_BOOK, PLAN_BOOK, EXPOSURE_BOOK)}
_ANSWERS: Final[Mapping[str, Callable[[Any, Catalogue, datetime], Any]]] = {
    "scorePosition": lambda request, venues, now: answer_score(request, venues=venues, now=now),
    "scoreAccount": lambda request, venues, now: answer_account(request, venues=venues, now=now),
    "closePartially": lambda request, venues, now: answer_partial(request, venues=venues, now=now),
    "classifyFills": lambda request, venues, _: answer_fills(request, venues=venues),
    "getVenue": _answer_venue,
}
