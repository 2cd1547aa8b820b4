"""Endpoint: a line of the route table, from which its handler, its dispatch and its documentation follow."""

from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeVar

from litestar import HttpMethod
from msgspec import Struct

from adlrisk.api.bulk.job import BulkHandler
from adlrisk.api.dispatch.audit_log import Author
from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.http import codecs
from adlrisk.api.http.content_types import Offer
from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.api_keys import Access
from adlrisk.api.limits.concurrency import PoolName
from adlrisk.settings import Settings
from adlrisk.venues.market_records import Lookup, MarketKey

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Tag = Literal["Scoring", "Books", "Deleveraging", "Venues", "Operations"]

T = TypeVar("T")

Records = Mapping[MarketKey, Lookup]
# A handler in steps: it yields the keys of the market records it needs and is sent what is known of each; or it yields
# None to let other requests have their turn.
Steps = Generator[Sequence[MarketKey] | None, Records, T]

NO_RECORDS: Final[Records] = {}
MAX_BYTES_NOW: Final = 16 << 10  # larger bodies take the ordinary path, so that they do not delay others


class Call(Struct, frozen=True, kw_only=True):
    """A request as a handler sees it."""

    context: AppContext
    headers: Headers
    path: Mapping[str, Any] = {}
    request_id: str
    body: Any = None
    codec: codecs.Codec = codecs.JSON
    answer_codec: codecs.Codec = codecs.JSON
    author: Author = Author()
    # Run once the answer is encoded, so that a request that is tried again is counted once.
    effects: list[Callable[[], None]] = []


class Reply(Struct, frozen=True, kw_only=True):
    """An answer that is more than a Struct with status 200."""

    body: Any
    status: int = 200
    media_type: str | None = None  # None: as negotiated; else `body` is the bytes to send
    headers: Mapping[str, str] = {}


class Encoded(Struct, frozen=True, kw_only=True):
    """An answer with status 200 that its handler has encoded as negotiated, in pieces."""

    pieces: list[bytes]


class ApiResponse(NamedTuple):
    """What an endpoint of the API answers to a call in this process."""

    status: int
    content: bytes  # JSON


class CallApi(Protocol):
    """Calls endpoints of the API in this process, for the caller of a page and within the caller's limits."""

    async def __call__(
        self, operation_id: str, *, body: bytes | None = None, path: Mapping[str, str] = {}, key: str = ""
    ) -> ApiResponse:
        """The answer of an operation, or its problem, to a body in JSON; ``key`` is an API key besides the headers'.

        Raises:
            ClientDisconnectedError: the client went away.
        """


class PageCall(Struct, frozen=True, kw_only=True):
    """A request for a page as its handler sees it."""

    context: AppContext
    headers: Headers
    path: Mapping[str, Any]
    scheme: str
    address: str  # the path as it was asked for
    query: bytes
    body: bytes
    request_id: str
    call_api: CallApi


class PageHandler(Struct, frozen=True, kw_only=True):
    """A page for people, or another protocol, over the API: what renders it, and the problem it ends in instead."""

    render: Callable[[PageCall], Awaitable[Reply]]
    render_problem: Callable[[Mapping[str, Any]], bytes] | None = None  # of plain values; None: it stays as it is


# Returns the answer (a Struct, Reply or Encoded), or a generator or a coroutine of it. Coroutines are for what writes.
Handler = Callable[[Call], Any]


class Answer(Struct, frozen=True, kw_only=True):
    """The documentation of one status that an endpoint answers with."""

    description: str
    type: Any = None
    item_types: tuple[Any, ...] = ()  # of items that the type leaves open
    media_types: tuple[str, ...] = codecs.MEDIA_TYPES
    headers: Mapping[str, str] = {}
    # Operations that follow from this answer, with where their parameters stand, in OpenAPI's runtime expressions.
    links: Mapping[str, Mapping[str, str]] = {}


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter in the path or in a header."""

    name: str
    place: Literal["path", "header"]
    description: str
    schema: Mapping[str, Any]
    example: str


class Body(Struct, frozen=True, kw_only=True):
    """The body that an endpoint takes."""

    type: Any
    limit: Callable[[AppContext], int]
    examples: tuple[str, ...]
    media_types: tuple[str, ...] = codecs.MEDIA_TYPES
    reads_numbers: bool = True  # else the handler decodes all that may contain numbers, item by item
    item_types: tuple[Any, ...] = ()  # of items that are left undecoded
    may_be_coded: bool = False  # in gzip or zstd: where bodies are large


class Bulk(Struct, frozen=True, kw_only=True):
    """What answers requests that are larger than a single score's, and those that it ``takes`` whatever their size."""

    handler: BulkHandler
    takes: Callable[[Any], bool]


class Endpoint(Struct, frozen=True, kw_only=True):
    """One line of the route table."""

    method: Method
    path: str
    operation_id: str
    access: Access = "read"
    is_vital: bool = False  # answered even when all request slots are taken
    tag: Tag
    summary: str
    description: str
    handle: Handler | BulkHandler | PageHandler
    bulk: Bulk | None = None  # of one with a handler: what answers in its place where the request is large
    pool: PoolName | None = None  # where it needs a slot, beside the one among all requests
    answers: Mapping[int, Answer]
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[str, ...] = ()
    compresses: bool = False  # answers that are large enough, for clients that accept it

    @property
    def methods(self) -> tuple[HttpMethod, ...]:
        """The HTTP methods it answers: HEAD wherever GET."""
        return (HttpMethod.GET, HttpMethod.HEAD) if self.method == "GET" else (HttpMethod(self.method),)

    @property
    def negotiates(self) -> bool:
        """Whether its answer comes in any of the wire formats."""
        return any(answer.media_types == codecs.MEDIA_TYPES for answer in self.answers.values())

    def offer(self, settings: Settings) -> Offer:
        """What it can be asked in and answers in."""
        return Offer(
            body_types=self.body.media_types if self.body else (),
            negotiates_type=self.negotiates,
            takes_coded_bodies=self.body is not None and self.body.may_be_coded,
            compresses=self.compresses and settings.compress_from_bytes > 0,
        )


def allowed_methods(endpoints: Iterable[Endpoint]) -> str:
    """The value of the `Allow` header of a path that has these endpoints."""
    return ", ".join(sorted({"OPTIONS", *(method.value for endpoint in endpoints for method in endpoint.methods)}))
