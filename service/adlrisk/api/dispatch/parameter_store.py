"""The store of venue parameters that the settings name, and its events in metrics and log."""

from structlog.typing import FilteringBoundLogger

from adlrisk.settings import Settings
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.clocks import Clock
from adlrisk.venues.live_rules import LiveRules
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.store import (
    Degraded,
    Event,
    Evicting,
    Ignored,
    Listener,
    Operation,
    OverridesLost,
    Recovered,
    Store,
)


def build_live_rules(catalogue: Catalogue, settings: Settings, *, on_event: Listener, clock: Clock) -> LiveRules:
    """The parameters in force, from the store that ``settings`` name.

    Raises:
        SettingsError: the store's URL is none.
    """
    return LiveRules(
        catalogue,
        _store_of(settings),
        deadline_seconds=settings.redis_deadline_seconds,
        refresh_seconds=settings.redis_refresh_seconds,
        on_event=on_event,
        wall_clock=clock,
    )


def store_listener(metrics: Metrics, logger: FilteringBoundLogger) -> Listener:
    """What writes the store's events to metrics and, where its state changes, to the log."""

    def listen(event: Event) -> None:
        match event:
            case Operation():
                metrics.count_store_operation(operation=event.operation, outcome=event.outcome, seconds=event.seconds)
            case Degraded():
                logger.warning("store degraded", reason=event.reason)
            case Recovered():
                logger.info("store recovered", reason=event.reason)
            case Ignored():
                metrics.count_ignored_value()
                logger.warning("store value ignored", key=event.key, why=event.why)
            case Evicting():
                logger.warning("store may evict overrides", policy=event.policy)
            case OverridesLost():
                logger.warning("overrides lost", venues=event.venues)

    return listen


def _store_of(settings: Settings) -> Store:
    if not settings.redis_url:
        return MemoryStore()
    from adlrisk.redis_access import build_redis_access  # noqa: PLC0415 (a tenth of a second)
    from adlrisk.venues.redis_store import RedisStore  # noqa: PLC0415

    return RedisStore(build_redis_access(settings))
