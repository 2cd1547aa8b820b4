"""In-process client: calls the ASGI application without a socket, fast enough for many thousands of requests."""

import asyncio
import io
import json
import math
from typing import Any, Final, Self

import msgspec
from msgspec import Struct

from adlrisk.api.app import create_app
from adlrisk.api.http.problem_types import PROBLEMS
from support.running import ADMIN_KEY, WEDNESDAY, WRITABLE, assert_finite

JSON: Final = "application/json"
PACKED: Final = "application/msgpack"
PROBLEM: Final = "application/problem+json"
METHODS: Final = {
    "/score": "POST",
    "/scores": "POST",
    "/account": "POST",
    "/plan": "POST",
    "/queue/rank": "POST",
    "/adl/partial": "POST",
    "/adl/allocate": "POST",
    "/adl/simulate": "POST",
    "/adl/exposure": "POST",
    "/fills/classify": "POST",
    "/venues/{venue}": "PATCH",
    "/venues/{venue}/markets/{symbol}": "PUT",
}

_LARGEST: Final = 1 << 30


class Answer(Struct, frozen=True, kw_only=True):
    """The decoded response."""

    status: int
    media_type: str
    content: Any


class InProcess:
    """The application with a fixed clock and without a book worker."""

    def __init__(self) -> None:
        settings = msgspec.structs.replace(WRITABLE, inline_book_bytes=_LARGEST, log_level="error")
        self.log = io.StringIO()
        self._app = create_app(settings, clock=lambda: WEDNESDAY, log=self.log)
        self._app.context.worker_pool._inline_rows = math.inf  # noqa: SLF001 (else long work would go to a worker)
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        self._loop.run_until_complete(self._app.context.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._app.context.stop())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def ask(self, method: str, path: str, body: bytes = b"", *, sent: str = JSON, accepted: str = JSON) -> Answer:
        """The sane answer to a request.

        Raises:
            AssertionError: the answer is a 500, does not decode, holds a number that is not finite, or is a problem
                in any but the one shape.
        """
        status, media_type, content = self._loop.run_until_complete(self._exchanged(method, path, body, sent, accepted))
        assert status < 500, self.log.getvalue()[-4_000:]
        decoded = (
            msgspec.msgpack.decode(content) if media_type == PACKED else json.loads(content, parse_constant=_never)
        )
        assert_finite(decoded)
        if status >= 400:
            assert media_type == PROBLEM
            assert_problem_shape(decoded, status)
        return Answer(status=status, media_type=media_type, content=decoded)

    async def _exchanged(self, method: str, path: str, body: bytes, sent: str, accepted: str) -> tuple[int, str, bytes]:
        given = {
            "content-type": sent,
            "accept": accepted,
            "authorization": f"Bearer {ADMIN_KEY}",
            "x-request-id": "fuzz",
        }
        headers = [(name.encode(), value.encode()) for name, value in given.items()]
        scope: Any = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
            "client": ("fuzz", 1), "server": ("fuzz", 80), "extensions": {},
        }  # fmt: skip
        events: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Any) -> None:
            events.append(event)

        await self._app(scope, receive, send)
        start = events[0]
        media_type = dict(start["headers"]).get(b"content-type", b"").decode()
        return start["status"], media_type, b"".join(event.get("body", b"") for event in events[1:])


def assert_problem_shape(problem: dict[str, Any], status: int) -> None:
    """Assert that it is a documented problem of bounded size."""
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    kind = PROBLEMS[problem["type"].removeprefix("/problems/")]
    assert problem["title"] == kind.title
    assert problem["status"] == status
    assert status in kind.statuses
    assert 0 < len(problem["detail"]) <= 200
    assert len(problem["errors"]) <= 100
    for error in problem["errors"]:
        assert set(error) == {"pointer", "detail"}
        assert 0 < len(error["detail"]) <= 200
        assert error["pointer"] == "" or error["pointer"].startswith("/")


def _never(constant: str) -> Any:
    raise AssertionError(constant)
