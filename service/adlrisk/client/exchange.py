"""What both clients share: requests as they are sent, and answers as they are read."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx2
import msgspec
from msgspec import Struct

from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, Problem
from adlrisk.client.answers import DECODERS, read_answer, read_items
from adlrisk.client.errors import ClientError, NoAnswerError, ProblemError, UnreadableAnswerError, UnsendableError
from adlrisk.client.routes import Route
from adlrisk.client.sending import to_plain

JSON: Final = "application/json"
MSGPACK: Final = "application/msgpack"

_NEVER_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

T = TypeVar("T")


class Options(Struct, frozen=True, kw_only=True):
    """How a client calls the service."""

    url: str
    media_type: str
    headers: Mapping[str, str]
    timeout: httpx2.Timeout
    limits: httpx2.Limits = httpx2.Limits(keepalive_expiry=30.0)  # below the service's 75 s
    attempts: int
    longest_wait: float


class Request(Struct, frozen=True, kw_only=True):
    """A request as it is sent."""

    method: str
    url: str
    content: bytes | None
    headers: Mapping[str, str]

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return f"{self.method} {self.url}"


def read_options(
    url: str,
    *,
    api_key: str | None,
    json: bool,
    connect_timeout: float,
    read_timeout: float,
    attempts: int,
    longest_wait: float,
) -> Options:
    """The options of a client.

    Raises:
        ValueError: the URL is none of HTTP, or there is not even one attempt.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no URL of a service, such as http://localhost:8000")
    if attempts < 1:
        raise ValueError(f"attempts must be at least 1, not {attempts}")
    return Options(
        url=url,
        media_type=JSON if json else MSGPACK,
        headers={} if api_key is None else {"authorization": f"Bearer {api_key}"},
        timeout=httpx2.Timeout(read_timeout, connect=connect_timeout),
        attempts=attempts,
        longest_wait=longest_wait,
    )


def build_request(
    route: Route[Any],
    fields: Mapping[str, Any] | None,
    *,
    options: Options,
    parts: tuple[str, ...] = (),
    if_match: str | None = None,
) -> Request:
    """The request to ``route`` with ``fields`` as its body and ``parts`` in its path.

    Raises:
        UnsendableError: a field cannot be sent.
    """
    headers = {"accept": route.media_type or options.media_type}
    if fields is not None:
        headers["content-type"] = options.media_type
    if if_match is not None:
        headers["if-match"] = f'"{if_match}"'
    url = route.path.format(*(quote(part, safe="") for part in parts))
    content = None if fields is None else _encode(fields, options.media_type)
    return Request(method=route.method, url=url, content=content, headers=headers)


def _encode(fields: Mapping[str, Any], media_type: str) -> bytes:
    plain = to_plain(fields)
    try:
        return msgspec.json.encode(plain) if media_type == JSON else msgspec.msgpack.encode(plain)
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise UnsendableError(f"the request: {error}") from error


def read_response(route: Route[T], request: Request, response: httpx2.Response) -> T:
    """The answer in ``response``.

    Raises:
        ProblemError: it is a problem.
        UnreadableAnswerError: it is no answer of the service.
    """
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    try:
        if response.status_code == httpx2.codes.OK:
            return _read_content(route, response, media_type)
        if media_type == PROBLEM_MEDIA_TYPE:
            problem = read_answer(response.content, Problem, build=DECODERS[JSON])
            raise ProblemError(problem, status=response.status_code, retry_after=_read_retry_after(response))
    except _UNDECODABLE as error:
        raise _unreadable(request, response, f"with what cannot be decoded: {error}") from error
    raise _unreadable(request, response, f"with {media_type or 'no media type'}")


def _read_content(route: Route[T], response: httpx2.Response, media_type: str) -> T:
    if route.answer is str:
        return response.text  # type: ignore[return-value]
    build = DECODERS.get(media_type)
    if build is None:
        raise msgspec.DecodeError(f"{media_type or 'no media type'} is not what was asked for")
    if route.items is None:
        return read_answer(response.content, route.answer, build=build)
    field, item = route.items
    return read_items(response.content, route.answer, field=field, item=item, build=build)


def _unreadable(request: Request, response: httpx2.Response, what: str) -> UnreadableAnswerError:
    return UnreadableAnswerError(
        f"{request.name}: answered {response.status_code} {what[:200]}",
        status=response.status_code,
        retry_after=_read_retry_after(response),
    )


def explain_failure(route: Route[Any], request: Request, error: httpx2.RequestError) -> ClientError:
    """The error for a request that ended in ``error`` and not in an answer."""
    why = f"{type(error).__name__}: {error}"
    if isinstance(error, httpx2.DecodingError):
        return UnreadableAnswerError(f"{request.name}: answered with broken content, {why}", status=0, retry_after=None)
    may_be_done = not isinstance(error, _NEVER_SENT)
    doubt = "; it may have been carried out" if route.changes and may_be_done else ""
    return NoAnswerError(f"{request.name}: no answer ({why}){doubt}", may_be_done=may_be_done)


def _read_retry_after(response: httpx2.Response) -> float | None:
    """The seconds of ``Retry-After``, which may also be a date; ``None`` if it is neither."""
    text = response.headers.get("retry-after", "")
    try:
        seconds = float(text) if text.replace(".", "", 1).isdigit() else _seconds_until(parsedate_to_datetime(text))
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
