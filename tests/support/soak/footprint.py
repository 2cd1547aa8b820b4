"""Resource usage of each process: memory, file descriptors and threads, once a second, and whether it grows.

A process is judged from a quarter of its life on, when it has warmed up: the median of its last quarter against that
of its second. Processes that lived too short to tell are shown and not judged.
"""

import contextlib
import statistics
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Self

from support.soak.replica import Replica

JUDGED_FROM_SECONDS: Final = 100.0
# Allocators return memory late and in blocks: a leak of a kilobyte per request would grow by far more.
MOST_GROWTH_MIB: Final = {"service": 8.0, "book worker": 24.0}
MOST_GROWTH_DESCRIPTORS: Final = 8  # connections come and go
MOST_GROWTH_THREADS: Final = 2

_EVERY_SECONDS: Final = 1.0
_MIB: Final = 1024.0


class Sample(NamedTuple):
    """The usage of a process at one moment."""

    at: float
    mib: float
    descriptors: int
    threads: int


class Life:
    """The samples of one process from its start to its end."""

    def __init__(self, name: str, role: str) -> None:
        self.name = name
        self.role = role
        self.samples: list[Sample] = []

    @property
    def seconds(self) -> float:
        """How long it was sampled."""
        return self.samples[-1].at - self.samples[0].at if self.samples else 0.0

    @property
    def is_judged(self) -> bool:
        """Whether it lived long enough to be judged."""
        return self.seconds >= JUDGED_FROM_SECONDS

    def medians(self, quarter: int) -> Sample:
        """The median usage in a quarter of its life, counted from 1."""
        start = self.samples[0].at + self.seconds * (quarter - 1) / 4
        within = [sample for sample in self.samples if start <= sample.at <= start + self.seconds / 4]
        found = zip(*within or self.samples, strict=True)
        at, mib, descriptors, threads = (statistics.median(column) for column in found)
        return Sample(at, mib, int(descriptors), int(threads))

    @property
    def mib_per_hour(self) -> float:
        """The slope of its memory from the second quarter on, by least squares."""
        rest = [sample for sample in self.samples if sample.at >= self.samples[0].at + self.seconds / 4]
        if len({sample.at for sample in rest}) < 2:
            return 0.0
        return statistics.linear_regression([one.at for one in rest], [one.mib for one in rest]).slope * 3600.0

    def complaints(self) -> list[str]:
        """What has grown beyond its bound."""
        if not self.is_judged:
            return []
        before, after = self.medians(2), self.medians(4)
        grown = (
            ("MiB", after.mib - before.mib, MOST_GROWTH_MIB[self.role]),
            ("descriptors", after.descriptors - before.descriptors, MOST_GROWTH_DESCRIPTORS),
            ("threads", after.threads - before.threads, MOST_GROWTH_THREADS),
        )
        return [f"{self.name} grew by {by:.1f} {what}, more than {most}" for what, by, most in grown if by > most]


class Footprint:
    """A context in which the processes of replicas are sampled."""

    def __init__(self, replicas: Iterable[Replica]) -> None:
        self.lives: dict[int, Life] = {}
        self._replicas = tuple(replicas)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def complaints(self) -> list[str]:
        """What has grown beyond its bound."""
        return [complaint for life in self.lives.values() for complaint in life.complaints()]

    def _watch(self) -> None:
        while not self._ends.wait(_EVERY_SECONDS):
            for replica in self._replicas:
                for role, pid in (("service", replica.pid), ("book worker", replica.worker)):
                    # A process may end while it is being read.
                    with contextlib.suppress(OSError, KeyError):
                        if pid:
                            self._take(pid, replica.name, role)

    def _take(self, pid: int, name: str, role: str) -> None:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        sample = Sample(
            at=time.monotonic(),
            mib=int(status["VmRSS"].split()[0]) / _MIB,
            descriptors=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
            threads=int(status["Threads"]),
        )
        if pid not in self.lives:
            count = 1 + sum(life.name.startswith(f"{name}, {role} ") for life in self.lives.values())
            self.lives[pid] = Life(f"{name}, {role} {count}", role)
        self.lives[pid].samples.append(sample)
