"""What an endpoint is: a line of the route table, from which its handler and its documentation follow."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal

from litestar import HttpMethod
from msgspec import Struct

from adlrisk.api.bulk.job import Work
from adlrisk.api.dispatch.context import Service
from adlrisk.api.http import codecs
from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.api_keys import Access
from adlrisk.api.limits.concurrency import Lane

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Tag = Literal["Scoring", "Books", "Deleveraging", "Venues", "Operations"]


class Call(Struct, frozen=True, kw_only=True):
    """A request as a handler sees it."""

    service: Service
    headers: Headers
    path: Mapping[str, Any] = {}
    request_id: str
    body: Any = None
    codec: codecs.Codec = codecs.JSON
    answer_codec: codecs.Codec = codecs.JSON
    # What the answer is counted as, once it is in bytes: a request that is tried again is counted once.
    effects: list[Callable[[], None]] = []


class Reply(Struct, frozen=True, kw_only=True):
    """An answer that is more than a Struct with status 200."""

    body: Any
    status: int = 200
    media_type: str | None = None  # None: as negotiated; else `body` is the bytes to send
    headers: Mapping[str, str] = {}


class Answer(Struct, frozen=True, kw_only=True):
    """What the documentation says of one status an endpoint answers with."""

    description: str
    type: Any = None
    media_types: tuple[str, ...] = codecs.MEDIA_TYPES
    headers: Mapping[str, str] = {}
    # Operations that ask on from here, with where their parameters stand, in OpenAPI's runtime expressions.
    links: Mapping[str, Mapping[str, str]] = {}


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter in the path or in a header."""

    name: str
    place: Literal["path", "header"]
    description: str
    schema: Mapping[str, Any]
    example: str


class Body(Struct, frozen=True, kw_only=True):
    """What an endpoint takes."""

    type: Any
    limit: Callable[[Service], int]
    examples: tuple[str, ...]
    constraints: Mapping[str, Any] = {}  # what the schema says of it beyond its fields
    media_types: tuple[str, ...] = codecs.MEDIA_TYPES


class Endpoint(Struct, frozen=True, kw_only=True):
    """One line of the route table."""

    method: Method
    path: str
    operation_id: str
    access: Access = "read"
    is_vital: bool = False  # answered even when no more requests fit
    tag: Tag
    summary: str
    description: str
    handle: Callable[[Call], Awaitable[Any]] | None = None
    # The same without waiting for anything; `None` where that would be needed. Enough where it never is.
    handle_at_once: Callable[[Call], Any] | None = None
    work: Work | None = None  # instead of both, for books
    lane: Lane | None = None  # where it needs a place, beside the one among all requests
    answers: Mapping[int, Answer]
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[str, ...] = ()

    async def handled(self, call: Call) -> Any:
        """What its handler makes of a call."""
        if self.handle is not None:
            return await self.handle(call)
        if self.handle_at_once is not None:
            return self.handle_at_once(call)
        raise LookupError(f"{self.operation_id} has nothing to handle it")

    @property
    def methods(self) -> tuple[HttpMethod, ...]:
        """The HTTP methods it answers to: HEAD wherever GET."""
        return (HttpMethod.GET, HttpMethod.HEAD) if self.method == "GET" else (HttpMethod(self.method),)

    @property
    def negotiates(self) -> bool:
        """Whether its answer comes in any of the wire formats."""
        return any(answer.media_types == codecs.MEDIA_TYPES for answer in self.answers.values())


def allowed_methods(endpoints: Iterable[Endpoint]) -> str:
    """What the `Allow` header says of a path that has these endpoints."""
    return ", ".join(sorted({"OPTIONS", *(method.value for endpoint in endpoints for method in endpoint.methods)}))
