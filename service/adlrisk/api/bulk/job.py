"""Bulk jobs: a request with a book, from its undecoded body to the encoded answer, in any process."""

import math
import re
import struct
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from adlrisk.api.bulk.answer_limit import limit_answer
from adlrisk.api.bulk.deadline import DeadlineError, Pulse, start_deadline
from adlrisk.api.http import codecs
from adlrisk.api.http.codings.accept_encoding import Coding
from adlrisk.api.http.problems import (
    PROBLEM_MEDIA_TYPE,
    ProblemError,
    encode_problem,
    field_error,
    internal_error,
    problem_for,
)
from adlrisk.api.http.validation import decode_body
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError
from adlrisk.venues.market_records import Lookup, MarketKey

OUT_OF_MEMORY: Final = 71  # exit status of a worker that could not even take the body
LENGTH: Final = struct.Struct("!Q")  # goes before every message between the service and its worker

_VALUES_PER_POSITION: Final = 10  # its nine fields, and its place among the ids to answer
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OTHER_VALUES: Final = 1000  # of a request beside its positions


ReadRecord = Callable[[MarketKey], Lookup]


def find_no_record(key: MarketKey) -> Lookup:  # noqa: ARG001 (as ``ReadRecord`` has it)
    """What is known of a record where there is no store."""
    return "absent"


class TooManyRowsError(Exception):
    """A book has more rows than were to be worked on in this process."""


class RecordNeededError(Exception):
    """A market record would have to be read from a store elsewhere, which the work itself cannot wait for."""

    def __init__(self, key: MarketKey) -> None:
        super().__init__(str(key))
        self.key = key


class Tally(Struct, frozen=True, kw_only=True):
    """What was in a book, for the metrics; ``uncovered`` holds the lots left over by each policy."""

    venue: str
    positions: int
    uncovered: Mapping[str, int] = {}
    steps: int | None = None  # mark prices at which the book was simulated
    plan: str | None = None  # what came of a plan


class BulkAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a book, in pieces, and what it was about."""

    pieces: list[bytes]
    tally: Tally


class BookSize(Struct, frozen=True, kw_only=True):
    """How large a book is: its positions, where they stand in the request, and the rows to compute in all."""

    positions: int
    pointer: str
    rows: int


class BulkContext(Struct, frozen=True, kw_only=True):
    """What the work on a book goes by beside the request: venues, codec of the answer, deadline, market records, time.

    ``read_record`` may raise ``RecordNeededError``: the work is begun again once the record is there.
    """

    venues: Catalogue
    codec: codecs.Codec
    pulse: Pulse
    read_record: ReadRecord
    now: datetime


class BulkHandler(Struct, frozen=True, kw_only=True):
    """An endpoint's handler of books: its work needs the decoded request and a ``BulkContext``, no service.

    So it can run in a worker process, where a large book delays no other request.
    """

    operation: str
    request: Any  # the type that a body is decoded to
    measure: Callable[[Any], BookSize]
    work: Callable[[Any, BulkContext], BulkAnswer]
    advice: str  # how to ask for less: of an answer that is too large, or of work that takes too long
    within: str = ""  # the pointer of the object that holds the book, where that is not the request


class BookLimits(Struct, frozen=True, kw_only=True):
    """What a book may take of the memory; the defaults are the most that can be set."""

    max_positions: int = 10_000_000
    max_answer_bytes: int = 1 << 30


class Job(Struct, frozen=True, kw_only=True):
    """A book to work on: which operation, and in which media types it came and is answered."""

    operation: str
    body_media_type: str
    answer_media_type: str
    request_id: str
    now: datetime  # by the service's clock
    limits: BookLimits = BookLimits()
    seconds: float = math.inf  # in which the work has to be done
    coding: Coding | None = None  # of a large answer, which the worker compresses
    compress_from_bytes: int = 0  # the size of the smallest answer that is compressed
    cards: Mapping[str, VenueRules] = {}  # of the operators' own folder
    overrides: Mapping[str, Any] = {}  # what operators have changed on the cards


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
    record_needed: MarketKey | None = None  # there is no outcome yet: the worker waits for this market record
    defect: str | None = None  # the traceback of what should not have happened


def run_job(
    job: Job,
    body: list[bytes | bytearray],
    *,
    handler: BulkHandler,
    venues: Catalogue,
    read_record: ReadRecord = find_no_record,
    max_rows: float = math.inf,
    compresses: bool = False,
) -> Outcome:
    """The outcome of ``handler`` on the book whose bytes are the only item of ``body``, which is used up.

    With ``compresses`` a large answer is compressed here and now, in the coding of ``job``.

    Raises:
        TooManyRowsError: the book has more than ``max_rows``.
        RecordNeededError: ``read_record`` did.
    """
    started = time.perf_counter()
    pulse = start_deadline(job.seconds)

    def build_context(codec: codecs.Codec) -> BulkContext:
        return BulkContext(venues=venues, codec=codec, pulse=pulse, read_record=read_record, now=job.now)

    try:
        answer = _answer_book(job, body, handler=handler, build_context=build_context, max_rows=max_rows)
        pieces = answer.pieces
        headers: dict[str, str] = {}
        if compresses and job.coding and sum(map(len, pieces)) >= job.compress_from_bytes:
            from adlrisk.api.http.codings.compress import compress_pieces  # noqa: PLC0415 (the library has no zstd)

            pieces, headers = compress_pieces(pieces, job.coding, "quick"), {"content-encoding": job.coding}
    except (TooManyRowsError, RecordNeededError):
        raise
    except DeadlineError:
        return _failed(job, _too_slow(job, handler))
    except (RefusedError, UnknownVenueError) as error:
        return _failed(job, problem_for(error))
    except ProblemError as error:
        return _failed(job, error)
    except MemoryError:  # no 503, which would ask the client to try again: the same book would fail again
        return _failed(job, ProblemError("book-too-large", "The book needs more memory than one book may take"))
    except Exception:  # noqa: BLE001 (the edge of the work: whatever happened becomes an answer)
        return _failed(job, internal_error(), defect=traceback.format_exc())
    return Outcome(
        media_type=job.answer_media_type,
        headers=headers,
        pieces=pieces,
        tally=answer.tally,
        seconds=time.perf_counter() - started,
    )


def _answer_book(
    job: Job,
    body: list[bytes | bytearray],
    *,
    handler: BulkHandler,
    build_context: Callable[[codecs.Codec], BulkContext],
    max_rows: float,
) -> BulkAnswer:
    """The answer of ``handler`` within the limits of ``job``."""
    codec = limit_answer(
        codecs.CODECS[job.answer_media_type], max_bytes=job.limits.max_answer_bytes, advice=handler.advice
    )
    # A large book fills the memory once, not twice: nothing is kept here that has been handed on.
    request = [_decode_book(job, body.pop(), handler)]
    size = handler.measure(request[0])
    if size.positions > job.limits.max_positions:
        raise _too_many_positions(size.pointer, job.limits)
    if size.rows > max_rows:
        raise TooManyRowsError
    return handler.work(request.pop(), build_context(codec))


def _decode_book(job: Job, body: bytes | bytearray, handler: BulkHandler) -> Any:
    """Decode a book, unless its bytes show that it has more values than the positions allowed can have.

    Decoded, a dense book is many times as large. In JSON, commas outside of strings separate the values. MessagePack
    has nothing to count, and there the worker's memory limit is what ends it.
    """
    codec = codecs.CODECS[job.body_media_type]
    most = job.limits.max_positions * _VALUES_PER_POSITION + _OTHER_VALUES
    if codec is codecs.JSON and len(body) > most and body.count(b",") > most and _count_separators(body) > most:
        name = "columns" if b'"columns"' in body else "positions"
        raise _too_many_positions(f"{handler.within}/{name}", job.limits)
    return decode_body(codec.build_decoder(handler.request), body)


def _count_separators(body: bytes | bytearray) -> int:
    """Count the commas of a JSON text that are in no string."""
    return body.count(b",") - sum(string[0].count(b",") for string in _STRING.finditer(body))


def _too_many_positions(pointer: str, limits: BookLimits) -> ProblemError:
    detail = f"a book may have at most {limits.max_positions} positions here"
    return ProblemError("book-too-large", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))


def _too_slow(job: Job, handler: BulkHandler) -> ProblemError:
    """The problem with work that would take too long however often it is tried."""
    detail = f"The work was stopped after {job.seconds:g} s, and would be again: {handler.advice}"
    return ProblemError("simulation-too-large", detail)


def _failed(job: Job, error: ProblemError, *, defect: str | None = None) -> Outcome:
    return Outcome(
        status=error.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=error.headers,
        pieces=[encode_problem(error, request_id=job.request_id)],
        problem=error.slug,
        defect=defect,
    )
