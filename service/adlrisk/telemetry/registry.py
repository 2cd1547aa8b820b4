"""The registry of a program's metrics, with those of its process."""

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)


def build_registry() -> CollectorRegistry:
    """A registry with the metrics of process, platform and garbage collection; none of it has a time of creation."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it so
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry
