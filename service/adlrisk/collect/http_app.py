"""The collector's process: the venues side by side, and what is asked of the process itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Litestar, Request, Response, get

from adlrisk.collect.reporter import Reporting
from adlrisk.collect.store import Keeping
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.telemetry.exposition import render_metrics
from adlrisk.venues.tasks import cancel_tasks

_AGAIN_SECONDS: Final = 30.0  # after a defect
_LAST_WORDS_SECONDS: Final = 5.0


def build_app(venues: Sequence[VenueCollector], *, keeping: Keeping, reporting: Reporting) -> Litestar:
    """The application that collects for as long as it runs, and answers health checks and Prometheus."""

    @asynccontextmanager
    async def collecting(_app: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_run(venue, reporting)) for venue in venues]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_LAST_WORDS_SECONDS)  # to keep what was seen, and give leases back
            await cancel_tasks(tasks)
            await asyncio.gather(*(venue.close() for venue in venues), return_exceptions=True)
            await keeping.close()

    @get("/health/live", sync_to_thread=False)
    def live() -> dict[str, str]:
        return {"status": "alive"}

    @get("/health/ready", sync_to_thread=False)
    def ready() -> Response[dict[str, object]]:
        reason = reporting.store_failure
        status: dict[str, object] = {"status": "ready", "leads": reporting.led}
        if reason is None:
            return Response(status)
        return Response(status | {"status": "not-ready", "reason": reason}, status_code=503)

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        content, media_type = await render_metrics(reporting.registry, accept=request.headers.get("accept", ""))
        return Response(content, media_type=media_type)

    return Litestar([live, ready, metrics], lifespan=[collecting], openapi_config=None, logging_config=None)


async def _run(venue: VenueCollector, reporting: Reporting) -> None:
    """Collect a venue until cancelled; a defect ends nobody else's work, and is tried again."""
    while True:
        try:
            await venue.run()
        except Exception as error:  # noqa: BLE001 (whatever it is)
            reporting.defect(venue.name, error)
        await asyncio.sleep(_AGAIN_SECONDS)
