"""What the handlers of one application share."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

import msgspec
from structlog.typing import FilteringBoundLogger

from adlrisk.api.bulk.job import BookDesk
from adlrisk.api.dispatch.access_log import Ledger
from adlrisk.api.http.etags import build_page
from adlrisk.api.limits.api_keys import Keys
from adlrisk.api.limits.concurrency import Lanes
from adlrisk.api.limits.rate_limits import build_rate_limits
from adlrisk.settings import Settings
from adlrisk.telemetry.access_log import AccessLogWriter
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.live_rules import LiveRules

Clock = Callable[[], datetime]
Phase = Literal["starting", "serving", "draining"]


class Service:
    """Settings, venues, clock, telemetry and document of one application, and the phase of its life."""

    def __init__(
        self,
        *,
        settings: Settings,
        parameters: LiveRules,
        metrics: Metrics,
        logger: FilteringBoundLogger,
        access_log: AccessLogWriter,
        clock: Clock,
        version: str,
        document: Callable[[], dict[str, Any]],
        render_docs: Callable[[dict[str, Any]], str],
    ) -> None:
        self.settings = settings
        self.parameters = parameters
        self.keys = Keys(settings)
        self.metrics = metrics
        self.logger = logger
        self.ledger = Ledger(metrics=metrics, log=access_log)
        self.clock = clock
        self.version = version
        self.document = cache(document)
        self.openapi_page = cache(lambda: build_page(msgspec.json.encode(self.document())))
        self.docs_page = cache(lambda: build_page(render_docs(self.document()).encode()))
        self.lanes = Lanes(settings, on_full=metrics.rejected)
        self.rate_limits = build_rate_limits(settings, keys=self.keys, metrics=metrics, logger=logger)
        self.books = BookDesk(
            logger=logger,
            inline_bytes=settings.inline_book_bytes,
            timeout_seconds=settings.book_timeout_seconds,
        )
        self.phase: Phase = "starting"

    @property
    def venues(self) -> Catalogue:
        """The venues in force."""
        return self.parameters.venues

    async def start(self) -> None:
        """Load the parameters, and say that requests are welcome."""
        await self.parameters.start()
        self.phase = "serving"

    async def stop(self) -> None:
        """End what was started beside the application."""
        self.drain()
        await self.books.close()
        await self.rate_limits.close()
        await self.parameters.close()

    def drain(self) -> None:
        """Say that requests had better go elsewhere; those that come are still answered."""
        self.phase = "draining"


def system_clock() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)
