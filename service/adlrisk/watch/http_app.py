"""The watch's HTTP application: watches in its lifespan, and answers health checks and Prometheus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, get

from adlrisk.telemetry.exposition import render_metrics
from adlrisk.watch.running.reporter import Reporter
from adlrisk.watch.running.watcher import Watcher


def build_app(watcher: Watcher, *, reporter: Reporter) -> Litestar:
    """The application; its end is the watcher's."""

    @asynccontextmanager
    async def watch(_app: Litestar) -> AsyncIterator[None]:
        async with watcher.running():
            yield

    @get("/health/live", sync_to_thread=False)
    def live() -> dict[str, str]:
        return {"status": "alive"}

    @get("/health/ready", sync_to_thread=False)
    def ready() -> Response[dict[str, str]]:
        reason = reporter.unready_reason
        if reason is None:
            return Response({"status": "ready"})
        return Response({"status": "not-ready", "reason": reason}, status_code=503)

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        content, media_type = await render_metrics(reporter.registry, accept=request.headers.get("accept", ""))
        return Response(content, media_type=media_type)

    return Litestar([live, ready, metrics], lifespan=[watch], openapi_config=None, logging_config=None)
