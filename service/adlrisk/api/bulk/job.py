"""Bulk jobs: a request with a book, from its undecoded body to the encoded answer, in any process."""

import struct
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from adlrisk.api.http import codecs
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, ProblemError, encode_problem, internal_error, problem_for
from adlrisk.api.http.validation import decode_body
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError

LENGTH: Final = struct.Struct("!Q")  # goes before every message between the service and its worker


class Tally(Struct, frozen=True, kw_only=True):
    """What was in a book, for the metrics; ``uncovered`` holds the lots left over by each policy."""

    venue: str
    positions: int
    uncovered: Mapping[str, int] = {}


class BulkAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a book, in pieces, and what it was about."""

    pieces: list[bytes]
    tally: Tally


class BulkHandler(Struct, frozen=True, kw_only=True):
    """An endpoint's handler of books: it needs the decoded request, the venues and the codec of the answer, no service.

    So it can run in a worker process, where a large book delays no other request.
    """

    work: Callable[[Any, Catalogue, codecs.Codec], BulkAnswer]


class Job(Struct, frozen=True, kw_only=True):
    """A book to work on: which operation, and in which media types it came and is answered."""

    operation: str
    body_media_type: str
    answer_media_type: str
    request_id: str
    overrides: Mapping[str, Any] = {}  # what operators have changed on the bundled cards


class Outcome(Struct, frozen=True, kw_only=True):
    """The answer to a book, in pieces; ``sizes`` announces those that follow on the wire instead."""

    status: int = 200
    media_type: str
    headers: dict[str, str] = {}
    pieces: list[bytes] = []
    sizes: list[int] = []
    tally: Tally | None = None
    seconds: float = 0.0
    problem: str | None = None  # its slug
    defect: str | None = None  # the traceback of what should not have happened


def run_job(job: Job, body: bytes | bytearray, *, kind: Any, handler: BulkHandler, venues: Catalogue) -> Outcome:
    """The outcome of ``handler`` on the book in ``body``, a ``kind`` of request; it never raises."""
    started = time.perf_counter()
    try:
        # A large book fills the memory once, not twice: nothing is kept here that has been handed on.
        handed_on = [decode_body(codecs.CODECS[job.body_media_type].build_decoder(kind), body)]
        del body
        worked = handler.work(handed_on.pop(), venues, codecs.CODECS[job.answer_media_type])
        return Outcome(
            media_type=job.answer_media_type,
            pieces=worked.pieces,
            tally=worked.tally,
            seconds=time.perf_counter() - started,
        )
    except (RefusedError, UnknownVenueError) as error:
        return _failed(job, problem_for(error))
    except ProblemError as error:
        return _failed(job, error)
    except Exception:  # noqa: BLE001 (the edge of the work: whatever happened becomes an answer)
        return _failed(job, internal_error(), defect=traceback.format_exc())


def _failed(job: Job, error: ProblemError, *, defect: str | None = None) -> Outcome:
    return Outcome(
        status=error.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=error.headers,
        pieces=[encode_problem(error, request_id=job.request_id)],
        problem=error.slug,
        defect=defect,
    )
