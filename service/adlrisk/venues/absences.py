"""Cache of absences: keys that the store did not hold a moment ago, bounded in all and for each caller.

Anybody can ask for symbols that do not exist, so absences must push out neither records nor the absences of others.
"""

from collections import OrderedDict
from typing import Final

from adlrisk.venues.market_records import MarketKey

MAX_ABSENCES: Final = 10_000
MAX_PER_CALLER: Final = 1000


class Absences:
    """Absent keys and when each was last looked for; the oldest make room, a caller's own first."""

    def __init__(self, *, fresh_seconds: float) -> None:
        self._fresh_seconds = fresh_seconds
        self._found_at: OrderedDict[MarketKey, tuple[float, str]] = OrderedDict()  # oldest first, with its caller
        self._by_caller: dict[str, OrderedDict[MarketKey, None]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._found_at)

    def is_known(self, key: MarketKey, *, now: float) -> bool:
        """Whether ``key`` was absent less than a moment ago."""
        found = self._found_at.get(key)
        return found is not None and now - found[0] < self._fresh_seconds

    def add(self, key: MarketKey, *, asked_at: float, caller: str) -> None:
        """Remember that ``key`` was absent at ``asked_at``, when ``caller`` looked for it."""
        self.discard(key)
        own = self._by_caller.get(caller, ())
        if len(own) >= MAX_PER_CALLER:
            self.discard(next(iter(own)))
        elif len(self._found_at) >= MAX_ABSENCES:
            self.discard(next(iter(self._found_at)))
        self._found_at[key] = (asked_at, caller)
        self._by_caller.setdefault(caller, OrderedDict())[key] = None

    def discard(self, key: MarketKey) -> None:
        """Forget ``key``, if it is there."""
        _, caller = self._found_at.pop(key, (0.0, None))
        if caller is None:
            return
        own = self._by_caller[caller]
        del own[key]
        if not own:
            del self._by_caller[caller]
