"""ASGI middleware with the service's observability, for the peers.

Metrics by prometheus-client, a request id, and one line of structlog for each request.
"""

import sys
import time
import uuid
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram

REQUESTS: Final = Counter("requests", "Requests answered.", ("route", "method", "status"))
SECONDS: Final = Histogram("request_duration_seconds", "Time taken.", ("route", "method"))
SCORES: Final = Counter("scores", "Positions scored.", ("venue", "band"))

_LOG: Final = structlog.wrap_logger(
    structlog.WriteLogger(sys.stdout),
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
    wrapper_class=structlog.make_filtering_bound_logger("info"),
)


class Observed:
    """An ASGI application whose requests are named, counted and logged."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = dict(scope["headers"]).get(b"x-request-id")
        request_id = given.decode() if given else str(uuid.uuid4())
        status = 500

        async def send_named(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        await self._app(scope, receive, send_named)
        seconds = time.perf_counter() - started
        route, method = scope["path"], scope["method"]
        REQUESTS.labels(route, method, str(status)).inc()
        SECONDS.labels(route, method).observe(seconds)
        _LOG.info(
            "request",
            route=route,
            method=method,
            status=status,
            milliseconds=round(seconds * 1000.0, 3),
            request_id=request_id,
        )
