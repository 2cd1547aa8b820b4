"""Metrics of prometheus-client, created from their definitions, with cached children."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from adlrisk.telemetry.definitions import Family


class Children(dict[tuple[str, ...], Any]):
    """The children of a metric by label values; a repeated look-up is one dict access."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        super().__init__()
        self.family: Any = create_library_metric(family, registry)
        if not family.labels:
            self[()] = self.family

    def __missing__(self, labels: tuple[str, ...]) -> Any:
        """The child with these label values, created on first use."""
        child = self[labels] = self.family.labels(*labels)
        return child

    def remove(self, labels: tuple[str, ...]) -> None:
        """Stop showing the child with these label values, if there is one."""
        if self.pop(labels, None) is not None:
            self.family.remove(*labels)


def create_library_metric(family: Family, registry: CollectorRegistry) -> Any:
    """The library's metric for a family, registered in ``registry``."""
    match family.kind:
        case "counter":
            return Counter(family.name, family.help, family.labels, registry=registry)
        case "gauge":
            return Gauge(family.name, family.help, family.labels, registry=registry)
        case "histogram":
            return Histogram(family.name, family.help, family.labels, buckets=family.buckets, registry=registry)
        case "info":  # its labels come with its value
            return Info(family.name, family.help, registry=registry)
