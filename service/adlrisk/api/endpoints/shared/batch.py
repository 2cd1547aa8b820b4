"""Work on many items in turns: decoding, encoding block by block, and counting in the metrics."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from adlrisk.api.dispatch.endpoint import Call, Steps
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.http import codecs
from adlrisk.api.http.body import too_large
from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import Problem, ProblemError
from adlrisk.api.http.validation import NEVER_SLOW_BYTES, decode_body, reject_slow_numbers
from adlrisk.telemetry.metrics import Metrics, ScoreFigures

_BLOCK_ITEMS: Final = 100  # encoded at once, in less than a millisecond
_RESULTS: Final = "<the results of the batch>"
_EMPTY: Final[Mapping[str, Any]] = {}
_TURN_SECONDS: Final = 0.001  # the longest a batch may block other requests

T = TypeVar("T")
R = TypeVar("R")


def run_in_turns(work: Callable[[int, T], R], items: Sequence[T]) -> Steps[list[R]]:
    """Apply ``work`` to each item and its index, yielding to other requests whenever a turn is over."""
    done: list[R] = []
    turn_ends = time.perf_counter() + _TURN_SECONDS
    for index, item in enumerate(items):
        done.append(work(index, item))
        if time.perf_counter() > turn_ends:
            yield None
            turn_ends = time.perf_counter() + _TURN_SECONDS
    return done


def build_item_decoder(
    call: Call, kind: type[T], *, field: str, venue: str = "generic"
) -> Callable[[int, msgspec.Raw], T | ProblemError]:
    """Return the function that decodes an item of ``field`` as ``kind``, or returns why it cannot be decoded.

    ``venue`` is that of the request, where its items name none.
    An item beyond the size limit of `POST /score` is not decoded, because a turn can only end between items.
    """
    decode = call.codec.build_decoder(kind)
    limit = call.context.settings.max_score_bytes
    reads_text = call.codec is codecs.JSON

    def decode_item(index: int, item: msgspec.Raw) -> T | ProblemError:
        size = memoryview(item).nbytes
        if size > limit:
            return too_large(limit, what="item", within=f"/{field}/{index}")
        try:
            if size > NEVER_SLOW_BYTES and reads_text:
                reject_slow_numbers(item)
            found: T = decode(item)
        except Exception:  # noqa: BLE001 (decoded again to find the error: most items are valid)
            return _explain_error(decode, item, within=f"/{field}/{index}", venue=venue)
        return found

    return decode_item


class Results:
    """Results encoded block by block, so that those of a large batch are in memory once, and in large pieces."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._waiting: list[Struct] = []
        self._blocks: list[tuple[int, bytes]] = []

    def add(self, result: Struct) -> None:
        """Append a result."""
        self._waiting.append(result)
        if len(self._waiting) == _BLOCK_ITEMS:
            self._encode_waiting()

    def splice(
        self, field: str, *, before: Mapping[str, Any] = _EMPTY, after: Mapping[str, Any] = _EMPTY
    ) -> list[bytes]:
        """The encoded answer in pieces: an object with the results as ``field``, between other fields.

        ``before`` contains no text of the client's, which could be taken for the place of the results.
        """
        self._encode_waiting()
        results = self._codec.join_arrays(self._blocks)
        return self._codec.splice({**before, field: _RESULTS, **after}, {_RESULTS: results})

    def _encode_waiting(self) -> None:
        self._blocks.append((len(self._waiting), self._codec.encode(self._waiting)))
        self._waiting = []


class Tally:
    """Counts of the scores and problems of a request, which go into the metrics once it has been answered."""

    def __init__(self, call: Call) -> None:
        self._scored: Counter[ScoreFigures] = Counter()
        self._problems: Counter[str] = Counter()
        self._request_id = call.request_id
        call.effects.append(lambda: self._count(call.context.metrics))

    def count(self, figures: ScoreFigures) -> None:
        """Count a score."""
        self._scored[figures] += 1

    def problem(self, error: ProblemError, *, item_id: str | None) -> Problem:
        """Count a problem, and return it as it is shown in the place of the item with this id."""
        self._problems[error.slug] += 1
        return error.problem(instance=self._request_id, item_id=item_id)

    def _count(self, metrics: Metrics) -> None:
        for figures, times in self._scored.items():
            metrics.count_scores(figures, times=times)
        for slug, times in self._problems.items():
            metrics.count_problem(slug, times=times)


def extract_figures(answer: ScoreAnswer) -> ScoreFigures:
    """Return the figures of a score that the metrics count."""
    leverage, profit, funding, market_stress, adl_meter = answer.signals
    return ScoreFigures(
        answer.venue.id,
        answer.band,
        answer.score / answer.max_score,
        (leverage.fired, profit.fired, funding.fired, market_stress.fired, adl_meter.fired),
        None if answer.market is None else answer.market.status,
        tuple([alert.alert for alert in answer.alerts]) if answer.alerts else (),
    )


def _explain_error(
    decode: Callable[[msgspec.Raw], object], item: msgspec.Raw, *, within: str, venue: str
) -> ProblemError:
    try:
        decode_body(decode, item, within=within, venue=venue)
    except ProblemError as error:
        # Thousands of errors with their causes and frames would keep others waiting, when they are freed together.
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)
    raise LookupError(f"{within} was decoded at the second attempt, so that its error is not known")
