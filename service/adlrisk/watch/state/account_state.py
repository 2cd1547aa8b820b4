"""What is kept of an account between two readings, and over restarts."""

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.reading.observed import ObservedPosition


class PositionState(Struct, frozen=True, kw_only=True):
    """What was last seen of a position, and what was told of it."""

    observed: ObservedPosition  # when it was last seen
    is_absent: bool = False  # the last reading did not have it
    standing: Standing
    alerts: tuple[str, ...] = ()
    distance_level: int = 0  # 0: not near; 1, 2, 3: nearer than 20, 10, 5 %

    @property
    def key(self) -> tuple[str, Side | None]:
        """What tells it from other positions of the account."""
        return self.observed.symbol, self.observed.side


class KnownFill(Struct, frozen=True):
    """A forced fill that was told, or was there before."""

    id: str
    at: float  # by the venue's clock, seconds since 1970


class KnownFills(Struct, frozen=True, kw_only=True):
    """The forced fills that are not to be told again."""

    until: float | None = None  # by the venue's clock; the next reading goes on from there; None: they were never read
    known: tuple[KnownFill, ...] = ()


class AccountState(Struct, frozen=True, kw_only=True):
    """An account: how it was told to stand, and what the last readings said."""

    venue: str
    account: str
    read_at: float | None = None  # of the last reading that did not fail, by this machine's clock, only to be printed
    positions: tuple[PositionState, ...] = ()
    stale_since: float | None = None  # of the first reading that failed; None: it is read
    stale_reason: str = ""  # of the last one
    has_answered: bool = False  # while stale: the last reading did not fail
    problems: tuple[str, ...] = ()  # of the last reading that did not fail
    problem_level: int = 0  # how many problems were told
    fills: KnownFills = KnownFills()

    @property
    def is_stale(self) -> bool:
        """Whether it was told that the account cannot be read, and not yet that it can be again."""
        return self.stale_since is not None

    @property
    def is_kept(self) -> bool:
        """Whether it was ever read, now or before a restart."""
        return self.read_at is not None
