"""Context that all handlers of one application share."""

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import msgspec
from structlog.typing import FilteringBoundLogger

from adlrisk.api.bulk.worker_pool import WorkerPool
from adlrisk.api.dispatch.access_log import AccessLog
from adlrisk.api.dispatch.audit_log import AuditLog
from adlrisk.api.dispatch.responses.compress import Compressor
from adlrisk.api.http.etags import build_page
from adlrisk.api.limits.api_keys import ApiKeys
from adlrisk.api.limits.concurrency import Pools
from adlrisk.api.limits.key_rotation import KeyRotation
from adlrisk.api.limits.rate_limits import build_rate_limits
from adlrisk.api.limits.turns import Turns
from adlrisk.settings import Settings
from adlrisk.settings.key_files import KeyFiles
from adlrisk.settings.keys import KEY_SETTINGS
from adlrisk.telemetry.access_log import AccessLogWriter
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.clocks import Clock
from adlrisk.venues.live_rules import LiveRules

Phase = Literal["starting", "serving", "draining"]


class AppContext:
    """Settings, live rules, clock, telemetry and document of one application, and the phase of its life."""

    def __init__(
        self,
        *,
        settings: Settings,
        live_rules: LiveRules,
        metrics: Metrics,
        logger: FilteringBoundLogger,
        audit_logger: FilteringBoundLogger,
        access_log: AccessLogWriter,
        key_files: KeyFiles,
        clock: Clock,
        version: str,
        document: Callable[[], dict[str, Any]],
        render_docs: Callable[[dict[str, Any]], str],
    ) -> None:
        self.settings = settings
        self.live_rules = live_rules
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        self.version = version
        self.document = cache(document)
        self.openapi_page = cache(lambda: build_page(msgspec.json.encode(self.document())))
        self.docs_page = cache(lambda: build_page(render_docs(self.document()).encode()))
        self.access_log = AccessLog(metrics=metrics, log=access_log)
        self.audit_log = AuditLog(metrics=metrics, logger=audit_logger)
        self.api_keys = ApiKeys(settings)
        self.key_rotation = KeyRotation(
            key_files,
            self.api_keys,
            fixed={name: getattr(settings, name) for name in KEY_SETTINGS},
            on_event=self.audit_log.record_keys,
        )
        self.turns = Turns()
        self.compressor = Compressor(from_bytes=settings.compress_from_bytes)
        self.pools = Pools(settings, on_full=metrics.count_rejection)
        self.rate_limits = build_rate_limits(settings, api_keys=self.api_keys, metrics=metrics, logger=logger)
        self.worker_pool = WorkerPool(
            logger=logger,
            inline_bytes=settings.inline_book_bytes,
            worker_bytes=settings.max_worker_bytes,
            timeout_seconds=settings.book_timeout_seconds,
        )
        self.phase: Phase = "starting"

    @property
    def venues(self) -> Catalogue:
        """The rule cards in force."""
        return self.live_rules.venues

    async def start(self) -> None:
        """Load the rules in force, and report readiness from then on."""
        await self.live_rules.start()
        await self.key_rotation.start()
        self.phase = "serving"

    async def stop(self) -> None:
        """End the worker and let go of the store."""
        self.drain()
        await self.key_rotation.close()
        await self.worker_pool.close()
        await self.rate_limits.close()
        await self.live_rules.close()

    def drain(self) -> None:
        """Report that requests should go elsewhere; those that still come are answered."""
        self.phase = "draining"
