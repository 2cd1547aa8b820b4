"""The log of injected faults: only they may explain a failure."""

import contextlib
import math
import threading
import time
from collections.abc import Iterator
from typing import Final, Literal, get_args

from msgspec import Struct

Kind = Literal[
    "redis killed",
    "replica restarted",
    "redis stalled",
    "book worker killed",
    "redis paused",
    "replica killed",
    "replica started without redis",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
STORE_AWAY: Final[frozenset[Kind]] = frozenset(
    {"redis killed", "redis stalled", "redis paused", "replica started without redis"}
)


class Fault(Struct, kw_only=True):
    """One fault, from just before it starts until its effects are known to be over."""

    kind: Kind
    begins: float
    ends: float = math.inf

    def overlaps(self, sent_at: float, over_at: float) -> bool:
        """Whether a request of that time may have been affected."""
        return self.begins <= over_at and sent_at <= self.ends


class FaultLog:
    """All faults so far, announced before they happen."""

    def __init__(self) -> None:
        self.began_at = time.monotonic()
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._faults))

    @contextlib.contextmanager
    def announced(self, kind: Kind) -> Iterator[Fault]:
        """A context in which a fault is in progress."""
        fault = Fault(kind=kind, begins=time.monotonic())
        with self._lock:
            self._faults.append(fault)
        try:
            yield fault
        finally:
            fault.ends = min(fault.ends, time.monotonic())

    def overlapping(self, sent_at: float, over_at: float) -> frozenset[Kind]:
        """The kinds of faults that may have affected a request of that time."""
        return frozenset(fault.kind for fault in self if fault.overlaps(sent_at, over_at))

    def calm_after(self, moment: float, *, for_seconds: float = 0.0) -> float:
        """The first moment from ``moment`` on with no fault in progress for ``for_seconds``."""
        for fault in self:
            if fault.begins <= moment + for_seconds and fault.ends >= moment:
                moment = fault.ends
        return moment + for_seconds
