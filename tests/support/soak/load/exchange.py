"""A question to the service, its outcome, and its permitted answers."""

import json
from collections.abc import Callable, Iterable, Mapping

import httpx
from msgspec import Struct

from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE
from support.running import assert_problem


class Answer(Struct, frozen=True, kw_only=True):
    """An answer of the service; times are those of the monotonic clock."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    sent_at: float
    over_at: float

    @property
    def problem(self) -> str | None:
        """The slug of the problem it is; ``None`` for any other answer."""
        if self.headers.get("content-type") != PROBLEM_MEDIA_TYPE:
            return None
        return str(json.loads(self.body)["type"]).removeprefix("/problems/")


class Lost(Struct, frozen=True, kw_only=True):
    """No answer, or a truncated one."""

    failure: str
    sent_at: float
    over_at: float


class Question(Struct, frozen=True, kw_only=True):
    """A request, and a judge that says what is wrong with an answer to it, or ``None``."""

    kind: str  # its row in the report
    method: str = "POST"
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    chunked: bool = False
    raw: tuple[bytes, ...] = ()  # sent instead, as it is, with pauses between the pieces
    needs_store: bool = False  # it cannot be answered from cached values
    judge: Callable[[Answer], str | None]

    @property
    def request_id(self) -> str | None:
        """The id that the answer must have; ``None`` if it cannot."""
        return self.headers.get("x-request-id")


class Expected(Struct, frozen=True, kw_only=True):
    """A correct answer, to the byte."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}


def find_difference(answer: Answer, permitted: Iterable[Expected]) -> str | None:
    """What is wrong with ``answer`` if it is none of the permitted ones, else ``None``."""
    nearest = "nothing is permitted"
    for expected in permitted:
        difference = _difference(answer, expected)
        if difference is None:
            return None
        nearest = difference
    return nearest


def find_problem_mismatch(answer: Answer, slug: str, status: int, *, pointer: str | None = None) -> str | None:
    """What is wrong with ``answer`` if it is not that problem, else ``None``."""
    response = httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)
    try:
        assert_problem(response, slug, status, pointer=pointer)
    except (AssertionError, ValueError, KeyError) as error:
        return f"is not {status} {slug} at {pointer}: {error!r}"
    return None


def _difference(answer: Answer, expected: Expected) -> str | None:
    if answer.status != expected.status:
        return f"status {answer.status} for {expected.status}"
    for name, value in expected.headers.items():
        if answer.headers.get(name) != value:
            return f"{name}: {answer.headers.get(name)!r} for {value!r}"
    if answer.body == expected.body:
        return None
    pairs = enumerate(zip(answer.body, expected.body, strict=False))
    at = next((place for place, (ours, theirs) in pairs if ours != theirs), min(len(answer.body), len(expected.body)))
    start = max(0, at - 60)
    return f"byte {at}: {answer.body[start : at + 60]!r} for {expected.body[start : at + 60]!r}"
