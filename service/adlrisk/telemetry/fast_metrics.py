"""Counters and histograms of what happens at every request, several times cheaper than the library's own.

The library takes a lock, checks what it is given and walks the buckets one by one. Here, whoever counts holds the
members it counts with, and what they have counted becomes the library's families when metrics are read.

No lock is needed: the event loop's thread alone counts and reads, and neither gives way to another task in between.
A family that was read is a copy, so that buckets, count and sum of a histogram belong together however long writing
them takes. Reading from another thread, as tests do, finds every member whole but may be one observation early.
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
    """How often something happened: add to ``value``."""

    __slots__ = ("exemplar", "value")

    def __init__(self) -> None:
        self.value = 0
        self.exemplar: Exemplar | None = None

    def exemplify(self, labels: dict[str, str]) -> None:
        """Let ``labels`` lead to what was counted last."""
        self.exemplar = Exemplar(labels, 1.0, time.time())


class Distribution:
    """How many amounts fell into which bucket, and their sum; an amount on a bound falls below it."""

    __slots__ = ("_bounds", "buckets", "exemplars", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)  # the last is for what lies beyond all bounds
        self.exemplars: list[Exemplar | None] = [None] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, amount: float, times: int = 1) -> None:
        """Count an amount, which is a number: NaN belongs nowhere."""
        self.buckets[bisect_left(self._bounds, amount)] += times
        self.sum += amount * times

    def exemplify(self, amount: float, labels: dict[str, str]) -> None:
        """Let ``labels`` lead to the last amount of its bucket."""
        self.exemplars[bisect_left(self._bounds, amount)] = Exemplar(labels, amount, time.time())


class FastCounter:
    """The members of a counter; each is shown from when it is first asked for."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        self._family = family
        self._children: dict[Labels, Count] = {}
        registry.register(self)

    def child(self, *labels: str) -> Count:
        """What counts for these values of the labels."""
        return self._children.setdefault(labels, Count())

    def show(self, count: Count, *labels: str) -> None:
        """Show what is counted elsewhere under these values of the labels."""
        self._children[labels] = count

    def describe(self) -> Iterator[CounterMetricFamily]:
        """The family without members: the registry learns which names are taken."""
        yield CounterMetricFamily(self._family.name, self._family.help, labels=self._family.labels)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The family as it is now."""
        (shown,) = self.describe()
        for labels, count in list(self._children.items()):
            shown.add_metric(labels, count.value, exemplar=count.exemplar)
        yield shown


class FastHistogram:
    """The members of a histogram; each is shown from when it is first asked for."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        self._family = family
        self._children: dict[Labels, Distribution] = {}
        self._bounds = [*map(floatToGoString, family.buckets), _INFINITE]
        registry.register(self)

    def child(self, *labels: str) -> Distribution:
        """What counts for these values of the labels."""
        return self._children.setdefault(labels, Distribution(self._family.buckets))

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """The family without members: the registry learns which names are taken."""
        yield HistogramMetricFamily(self._family.name, self._family.help, labels=self._family.labels)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The family as it is now."""
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
    """How many there are now."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self) -> None:
        """One more."""
        self.value += 1

    def dec(self) -> None:
        """One less."""
        self.value -= 1
