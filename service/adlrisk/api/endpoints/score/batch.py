"""``POST /scores``: score a batch of positions."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Encoded, Endpoint, Records, Steps
from adlrisk.api.endpoints.score.answer import answer_score, market_key
from adlrisk.api.endpoints.score.schema import ScoreAnswer, ScoreRequest, ScoresAnswer, ScoresRequest
from adlrisk.api.endpoints.score.score import extract_figures
from adlrisk.api.http import codecs
from adlrisk.api.http.body import too_large
from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import Problem, ProblemError, problem_for
from adlrisk.api.http.validation import NEVER_SLOW_BYTES, decode_body, reject_slow_numbers
from adlrisk.domain.position.errors import RefusedError
from adlrisk.telemetry.metrics import Metrics, ScoreFigures
from adlrisk.venues.catalogue import UnknownVenueError
from adlrisk.venues.market_records import MarketKey

_BLOCK_ITEMS: Final = 100  # encoded at once, in less than a millisecond
_RESULTS: Final = "<the results of the batch>"
_TURN_SECONDS: Final = 0.001  # the longest a batch may block other requests

T = TypeVar("T")
R = TypeVar("R")


Item = tuple[ScoreRequest, MarketKey | None] | ProblemError  # a decoded item, or why it could not be decoded


def handle_scores(call: Call) -> Steps[Encoded]:
    """Score item by item, yielding to other requests every millisecond."""
    items = yield from _run_in_turns(_build_decoder(call), call.body.items)
    keys = _collect_keys(items)
    records = (yield keys) if keys else NO_RECORDS
    results = _Results(call.answer_codec)
    score = _build_scorer(call, records)
    yield from _run_in_turns(lambda index, item: results.add(score(index, item)), items)
    return Encoded(pieces=results.splice())


class _Results:
    """Results encoded block by block, so that those of a large batch are in memory once, and in large pieces."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._waiting: list[ScoreAnswer | Problem] = []
        self._blocks: list[tuple[int, bytes]] = []

    def add(self, result: ScoreAnswer | Problem) -> None:
        self._waiting.append(result)
        if len(self._waiting) == _BLOCK_ITEMS:
            self._encode_waiting()

    def splice(self) -> list[bytes]:
        """The encoded answer, in pieces."""
        self._encode_waiting()
        return self._codec.splice({"results": _RESULTS}, {_RESULTS: self._codec.join_arrays(self._blocks)})

    def _encode_waiting(self) -> None:
        self._blocks.append((len(self._waiting), self._codec.encode(self._waiting)))
        self._waiting = []


def _run_in_turns(work: Callable[[int, T], R], items: Sequence[T]) -> Steps[list[R]]:
    """Apply ``work`` to each item and its index, yielding to other requests whenever a turn is over."""
    done: list[R] = []
    turn_ends = time.perf_counter() + _TURN_SECONDS
    for index, item in enumerate(items):
        done.append(work(index, item))
        if time.perf_counter() > turn_ends:
            yield None
            turn_ends = time.perf_counter() + _TURN_SECONDS
    return done


def _collect_keys(items: Sequence[Item]) -> list[MarketKey]:
    return [item[1] for item in items if isinstance(item, tuple) and item[1] is not None]


def _build_decoder(call: Call) -> Callable[[int, msgspec.Raw], Item]:
    """Return the function that decodes an item.

    An item beyond the size limit of `POST /score` is not decoded, because a turn can only end between items.
    """
    decode = call.codec.build_decoder(ScoreRequest)
    limit, venues = call.context.settings.max_score_bytes, call.context.venues
    reads_text = call.codec is codecs.JSON

    def decode_item(index: int, item: msgspec.Raw) -> Item:
        size = memoryview(item).nbytes
        if size > limit:
            return too_large(limit, what="item", within=f"/items/{index}")
        try:
            if size > NEVER_SLOW_BYTES and reads_text:
                reject_slow_numbers(item)
            request: ScoreRequest = decode(item)
        except Exception:  # noqa: BLE001 (decoded again to find the error: most items are valid)
            return _explain_error(decode, item, index)
        return request, market_key(request, venues)

    return decode_item


def _explain_error(decode: Callable[[msgspec.Raw], object], item: msgspec.Raw, index: int) -> ProblemError:
    try:
        decode_body(decode, item, within=f"/items/{index}")
    except ProblemError as error:
        return error
    raise LookupError(f"item {index} was decoded at the second attempt, so that its error is not known")


def _build_scorer(call: Call, records: Records) -> Callable[[int, Item], ScoreAnswer | Problem]:
    """Return the function that scores an item."""
    venues, now = call.context.venues, call.context.clock()
    scored: Counter[ScoreFigures] = Counter()
    problems: Counter[str] = Counter()
    call.effects.append(lambda: _count(call.context.metrics, scored, problems))

    def score(index: int, item: Item) -> ScoreAnswer | Problem:
        if isinstance(item, ProblemError):
            return problem(item)
        request, key = item
        try:
            answer = answer_score(request, venues=venues, now=now, record=records[key] if key else "absent")
        except (RefusedError, UnknownVenueError) as error:
            return problem(problem_for(error, within=f"/items/{index}"))
        scored[extract_figures(answer)] += 1
        return answer

    def problem(error: ProblemError) -> Problem:
        problems[error.slug] += 1
        return error.problem(instance=call.request_id)

    return score


def _count(metrics: Metrics, scored: Mapping[ScoreFigures, int], problems: Mapping[str, int]) -> None:
    """Count the items of a batch in the metrics."""
    for figures, times in scored.items():
        metrics.count_scores(figures, times=times)
    for slug, times in problems.items():
        metrics.count_problem(slug, times=times)


SCORES: Final = Endpoint(
    method="POST",
    path="/scores",
    operation_id="scorePositions",
    tag="Scoring",
    summary="Score a batch of positions",
    description="Takes 1 to 10,000 items, each a request of `POST /score`; returns a score or a problem for each, in "
    "the same order. An invalid item, such as one that does not match the schema or is too large for `POST /score`, "
    "never affects the others. Safe to retry.",
    handle=handle_scores,
    pool="batches",
    body=Body(
        type=ScoresRequest,
        limit=lambda context: context.settings.max_scores_bytes,
        examples=("scores",),
        has_raw_items=True,
    ),
    answers={200: Answer(description="A score or a problem for each item.", type=ScoresAnswer)},
)
