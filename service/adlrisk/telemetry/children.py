"""Metrics of the library by the table of their families."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from adlrisk.telemetry.definitions import Family


class Children(dict[tuple[str, ...], Any]):
    """The members of a family by the values of their labels; looking one up again costs a dictionary's look."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        super().__init__()
        self.family: Any = declared(family, registry)
        if not family.labels:
            self[()] = self.family

    def __missing__(self, labels: tuple[str, ...]) -> Any:
        """The member with these labels, made when it is first asked for."""
        child = self[labels] = self.family.labels(*labels)
        return child

    def forget(self, labels: tuple[str, ...]) -> None:
        """Show the member with these labels no longer, if it was shown."""
        if self.pop(labels, None) is not None:
            self.family.remove(*labels)


def declared(family: Family, registry: CollectorRegistry) -> Any:
    """The library's metric of a family, in the registry."""
    match family.kind:
        case "counter":
            return Counter(family.name, family.help, family.labels, registry=registry)
        case "gauge":
            return Gauge(family.name, family.help, family.labels, registry=registry)
        case "histogram":
            return Histogram(family.name, family.help, family.labels, buckets=family.buckets, registry=registry)
        case "info":  # its labels come with its value
            return Info(family.name, family.help, registry=registry)
