"""The verdict on every answer: right, a failure explained by a fault in progress, or unexplained."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from support.soak.faults import STORE_AWAY, FaultLog, Kind
from support.soak.load import caller as ways
from support.soak.load.caller import Caller
from support.soak.load.exchange import Answer, Lost, Question

_SHOWN: Final = 2_000  # bytes of a body


class Permit(Struct, frozen=True, kw_only=True):
    """A kind of failure that faults explain: during which of them, of which requests, and why.

    ``during`` is ``None`` where it needs no fault; ``header`` must be in the answer.
    """

    failure: str  # "503 store-unavailable", or a name of `caller` for an answer that did not come
    during: frozenset[Kind] | None
    of: Callable[[Question], bool] = lambda _question: True
    header: str | None = None
    because: str


_ALWAYS_IN_THE_WORKER: Final = "/adl/exposure"  # also what is wrong with one is found there

PERMITTED: Final = (
    Permit(
        failure="503 store-unavailable",
        during=STORE_AWAY,
        of=lambda question: question.needs_store,
        header="retry-after",
        because="a change, or a record that is not known yet, needs the store",
    ),
    Permit(
        failure="503 worker-failed",
        during=frozenset({"book worker killed"}),
        of=lambda question: question.kind.endswith(", large") or question.path == _ALWAYS_IN_THE_WORKER,
        header="retry-after",
        because="the worker that had the book was killed",
    ),
    *(
        Permit(
            failure=failure,
            during=frozenset({"replica killed"}),
            because="the process that had the request was killed",
        )
        for failure in (ways.IDLE_LOST, ways.NEW_LOST, ways.CUT_OFF)
    ),
)


class Verdict:
    """The outcomes of all questions so far; may be used by many threads."""

    def __init__(self, faults: FaultLog) -> None:
        self.faults = faults
        self.asked: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.seconds: dict[tuple[str, bool], list[float]] = defaultdict(list)  # by kind and whether a fault went on
        self.explained: Counter[tuple[str, str]] = Counter()  # by failure and fault
        self.last_on_connection = 0
        self.wrong: list[str] = []
        self.unexplained: list[str] = []
        self._lock = threading.Lock()

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong or unexplained."""
        return not self.wrong and not self.unexplained

    def ask(self, caller: Caller, question: Question) -> Answer | Lost:
        """The outcome of ``question``, judged and counted."""
        outcome = caller.ask(question)
        self.judge(question, outcome)
        return outcome

    def judge(self, question: Question, outcome: Answer | Lost) -> None:
        """Judge and count the outcome of a question."""
        wrong = self._wrong(question, outcome)
        failure = None if wrong is None else _failure_of(outcome)
        overlapping = self.faults.overlapping(outcome.sent_at, outcome.over_at)
        with self._lock:
            self.asked[question.kind] += 1
            if isinstance(outcome, Answer):
                self.statuses[outcome.status] += 1
                self.last_on_connection += outcome.headers.get("connection") == "close"
                self.seconds[question.kind, bool(overlapping)].append(outcome.over_at - outcome.sent_at)
            if wrong is None:
                self.right[question.kind] += 1
            elif failure is None:
                self.wrong.append(self._shown(question, outcome, wrong))
            elif (permit := _permit(question, outcome, failure, overlapping)) is not None:
                self.explained[failure, ", ".join(sorted(overlapping & (permit.during or overlapping)))] += 1
            else:
                self.unexplained.append(self._shown(question, outcome, failure))

    def complain(self, what: str) -> None:
        """Count something unexplained that is not an answer."""
        with self._lock:
            self.unexplained.append(what)

    def _wrong(self, question: Question, outcome: Answer | Lost) -> str | None:
        """What is wrong with the outcome; ``None`` for the right answer."""
        if isinstance(outcome, Lost):
            return outcome.failure
        if question.request_id is not None and outcome.headers.get("x-request-id") != question.request_id:
            return f"the answer to {outcome.headers.get('x-request-id')}"
        try:
            return question.judge(outcome)
        except (ValueError, LookupError, TypeError) as error:
            return f"cannot be read: {error!r}"

    def _shown(self, question: Question, outcome: Answer | Lost, why: str) -> str:
        """The request and its outcome as text."""
        answered = f"{outcome.status} {outcome.body[:_SHOWN]!r}" if isinstance(outcome, Answer) else outcome.failure
        since, until = (moment - self.faults.began_at for moment in (outcome.sent_at, outcome.over_at))
        overlapping = sorted(self.faults.overlapping(outcome.sent_at, outcome.over_at))
        body = (question.body or b"")[:_SHOWN]
        return (
            f"{question.kind}: {question.method} {question.path} {dict(question.headers)} {body!r}\n"
            f"  answered: {answered}\n"
            f"  {why}\n"
            f"  second {since:.3f} to {until:.3f}, faults: {', '.join(overlapping) or 'none'}"
        )


def _failure_of(outcome: Answer | Lost) -> str | None:
    """The name of a failure; ``None`` for an answer that is not a refusal."""
    if isinstance(outcome, Lost):
        return outcome.failure
    refuses = outcome.status >= 500 or outcome.status in (408, 429)
    return f"{outcome.status} {outcome.problem or 'without a problem'}" if refuses else None


def _permit(question: Question, outcome: Answer | Lost, failure: str, overlapping: frozenset[Kind]) -> Permit | None:
    """The permit for the failure, if there is one."""
    for permit in PERMITTED:
        fits = permit.failure == failure and permit.of(question)
        explained = permit.during is None or not overlapping.isdisjoint(permit.during)
        complete = permit.header is None or (isinstance(outcome, Answer) and permit.header in outcome.headers)
        if fits and explained and complete:
            return permit
    return None
