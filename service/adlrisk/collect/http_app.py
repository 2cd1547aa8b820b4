"""The collector's HTTP application: collects in its lifespan, and answers health checks and Prometheus."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Litestar, Request, Response, get

from adlrisk.collect.reporter import Reporter
from adlrisk.collect.store import CollectorStore
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.telemetry.exposition import render_metrics
from adlrisk.venues.tasks import cancel_tasks

_RESTART_SECONDS: Final = 30.0  # after an unexpected error
_SHUTDOWN_SECONDS: Final = 5.0


def build_app(venues: Sequence[VenueCollector], *, store: CollectorStore, reporter: Reporter) -> Litestar:
    """The application; closes ``venues`` and ``store`` when it ends."""

    @asynccontextmanager
    async def collect(_app: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_run(venue, reporter)) for venue in venues]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_SHUTDOWN_SECONDS)  # to store histories and release leases
            await cancel_tasks(tasks)
            await asyncio.gather(*(venue.close() for venue in venues), return_exceptions=True)
            await store.close()

    @get("/health/live", sync_to_thread=False)
    def live() -> dict[str, str]:
        return {"status": "alive"}

    @get("/health/ready", sync_to_thread=False)
    def ready() -> Response[dict[str, object]]:
        reason = reporter.store_failure
        status: dict[str, object] = {"status": "ready", "leads": reporter.led_venues}
        if reason is None:
            return Response(status)
        return Response(status | {"status": "not-ready", "reason": reason}, status_code=503)

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        content, media_type = await render_metrics(reporter.registry, accept=request.headers.get("accept", ""))
        return Response(content, media_type=media_type)

    return Litestar([live, ready, metrics], lifespan=[collect], openapi_config=None, logging_config=None)


async def _run(venue: VenueCollector, reporter: Reporter) -> None:
    """Collect a venue until cancelled, restarting after an unexpected error, which other venues do not notice."""
    while True:
        try:
            await venue.run()
        except Exception as error:  # noqa: BLE001 (whatever it is)
            reporter.collector_failed(venue.name, error)
        await asyncio.sleep(_RESTART_SECONDS)
