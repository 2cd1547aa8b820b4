"""Histories of values that are written while others read them: which versions an answer may use."""

import math
import threading
from typing import Final, Generic, TypeVar

from support.soak.faults import FaultLog

KNOWN_EVERYWHERE_SECONDS: Final = 3.0  # documented is one second; the machine is busy

T = TypeVar("T")


class Version(Generic[T]):
    """A written value and when it was sent; whether it was kept is known later, or never."""

    def __init__(self, value: T, *, sent_at: float) -> None:
        self.value = value
        self.sent_at = sent_at
        self.kept_at = math.inf
        self.uncertain_since = math.inf


class History(Generic[T]):
    """The versions of one value, written one after the other."""

    def __init__(self, first: T, faults: FaultLog) -> None:
        self._faults = faults
        self._versions: list[Version[T]] = [Version(first, sent_at=-math.inf)]
        self._versions[0].kept_at = -math.inf
        self._lock = threading.Lock()

    def send(self, value: T, *, at: float) -> Version[T]:
        """From now on ``value`` may be in force."""
        version = Version(value, sent_at=at)
        with self._lock:
            self._versions.append(version)
        return version

    def kept(self, version: Version[T], *, at: float) -> None:
        """The service has confirmed it, so the previous value is valid only for a while."""
        version.kept_at = at
        with self._lock:
            over = [one for one in self._versions if self._is_superseded(one, at - 60.0)]
            self._versions = [one for one in self._versions if one not in over]

    def uncertain(self, version: Version[T], *, at: float) -> None:
        """The service has not confirmed it: it may be in force, and may still become so while the fault lasts."""
        version.uncertain_since = at

    def permitted(self, sent_at: float, over_at: float) -> list[T]:
        """The values that an answer to a request of that time may use, the latest first."""
        with self._lock:
            versions = self._versions[::-1]
            return [one.value for one in versions if one.sent_at <= over_at and not self._is_superseded(one, sent_at)]

    def _is_superseded(self, version: Version[T], moment: float) -> bool:
        """Whether another, written after this one was settled, was known everywhere before ``moment``."""
        settled_at = self._settled_at(version)
        return any(
            other is not version and other.sent_at >= settled_at and self._known_everywhere_at(other) < moment
            for other in self._versions
        )

    def _settled_at(self, version: Version[T]) -> float:
        if version.kept_at < math.inf:
            return version.kept_at
        return self._faults.calm_after(version.uncertain_since)

    def _known_everywhere_at(self, version: Version[T]) -> float:
        return self._faults.calm_after(version.kept_at, for_seconds=KNOWN_EVERYWHERE_SECONDS)
