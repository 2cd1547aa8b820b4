"""Fast counters and histograms for the hot path, several times cheaper than the library's.

The library takes a lock, validates its arguments and walks the buckets one by one. Here the caller holds the child it
updates, and children become the library's families when metrics are collected.

No lock is needed: only the event loop's thread updates and collects, and neither yields in between. A collected family
is a copy, so buckets, count and sum of a histogram agree however long encoding takes. Another thread that reads, as
tests do, sees consistent children, perhaps without the latest observation.
"""

import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

from adlrisk.telemetry.definitions import Family

_INFINITE: Final = "+Inf"

Labels = tuple[str, ...]


class Count:
    """A child of a counter: add to ``value``."""

    __slots__ = ("exemplar", "value")

    def __init__(self) -> None:
        self.value = 0
        self.exemplar: Exemplar | None = None

    def set_exemplar(self, labels: dict[str, str]) -> None:
        """Attach an exemplar with these labels to the last increment."""
        self.exemplar = Exemplar(labels, 1.0, time.time())


class Distribution:
    """A child of a histogram: counts per bucket and the sum; an amount equal to a bound falls into its bucket."""

    __slots__ = ("_bounds", "buckets", "exemplars", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)  # the last one is +Inf
        self.exemplars: list[Exemplar | None] = [None] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, amount: float, times: int = 1) -> None:
        """Count an amount ``times`` times; it must not be NaN."""
        self.buckets[bisect_left(self._bounds, amount)] += times
        self.sum += amount * times

    def set_exemplar(self, amount: float, labels: dict[str, str]) -> None:
        """Attach an exemplar with these labels to the bucket of ``amount``."""
        self.exemplars[bisect_left(self._bounds, amount)] = Exemplar(labels, amount, time.time())


class FastCounter:
    """A counter and its children, each shown from its first use on."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        self._family = family
        self._children: dict[Labels, Count] = {}
        registry.register(self)

    def child(self, *labels: str) -> Count:
        """The child with these label values, created on first use."""
        return self._children.setdefault(labels, Count())

    def bind(self, count: Count, *labels: str) -> None:
        """Use ``count``, which others update, as the child with these label values."""
        self._children[labels] = count

    def describe(self) -> Iterator[CounterMetricFamily]:
        """The family without children: tells the registry which names are taken."""
        yield CounterMetricFamily(self._family.name, self._family.help, labels=self._family.labels)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The family with its current values."""
        (shown,) = self.describe()
        for labels, count in list(self._children.items()):
            shown.add_metric(labels, count.value, exemplar=count.exemplar)
        yield shown


class FastHistogram:
    """A histogram and its children, each shown from its first use on."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        self._family = family
        self._children: dict[Labels, Distribution] = {}
        self._bounds = [*map(floatToGoString, family.buckets), _INFINITE]
        registry.register(self)

    def child(self, *labels: str) -> Distribution:
        """The child with these label values, created on first use."""
        return self._children.setdefault(labels, Distribution(self._family.buckets))

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """The family without children: tells the registry which names are taken."""
        yield HistogramMetricFamily(self._family.name, self._family.help, labels=self._family.labels)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The family with its current values."""
        (shown,) = self.describe()
        for labels, child in list(self._children.items()):
            reached = accumulate(child.buckets)
            buckets = [
                (bound, count) if exemplar is None else (bound, count, exemplar)
                for bound, count, exemplar in zip(self._bounds, reached, child.exemplars, strict=True)
            ]
            shown.add_metric(labels, buckets, child.sum)
        yield shown


class Level:
    """A number that goes up and down."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self) -> None:
        """One more."""
        self.value += 1

    def dec(self) -> None:
        """One less."""
        self.value -= 1
