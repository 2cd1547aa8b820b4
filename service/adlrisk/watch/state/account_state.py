"""What is kept of an account between two readings, and over restarts."""

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.reading.observed import ObservedAccount, ObservedPosition


class PositionState(Struct, frozen=True, kw_only=True):
    """What was last seen of a position, and what was told of it."""

    observed: ObservedPosition  # when it was last seen
    is_absent: bool = False  # the last reading did not have it
    standing: Standing
    alerts: tuple[str, ...] = ()
    distance_level: int = 0  # 0: not near; 1, 2, 3: nearer than 20, 10, 5 %; 4: liquidation is due

    @property
    def key(self) -> tuple[str, Side | None]:
        """What tells it from other positions of the account."""
        return self.observed.symbol, self.observed.side


class MarginState(Struct, frozen=True, kw_only=True):
    """What was last seen of a margin account, and what was told of its distance to liquidation."""

    observed: ObservedAccount
    distance_level: int = 0  # as of a position


class StartTold(Struct, frozen=True):
    """The last message of a start."""

    content: str
    at: float  # by this machine's clock, the only one that two processes share


class KnownFill(Struct, frozen=True, kw_only=True):
    """A forced fill that was told, or was there before."""

    id: str
    at: float  # by the venue's clock, seconds since 1970
    size: float | None = None  # that was told: an order that goes on filling grows
    price: float | None = None
    awaits_rest: bool = False  # it was told without what is left of its position


class KnownFills(Struct, frozen=True, kw_only=True):
    """The forced fills that are not to be told again."""

    begun: float | None = None  # by this machine's clock: of the first reading, also one that could not read them
    until: float | None = None  # by the venue's clock: until then they were read; None: they never were
    known: tuple[KnownFill, ...] = ()

    @property
    def since(self) -> float | None:
        """From when on the next reading is to list them; ``None``: there was no reading."""
        return self.begun if self.until is None else self.until


class AccountState(Struct, frozen=True, kw_only=True):
    """An account: how it was told to stand, and what the last readings said."""

    venue: str
    account: str
    read_at: float | None = None  # of the last reading that did not fail, by this machine's clock, only to be printed
    positions: tuple[PositionState, ...] = ()
    margins: tuple[MarginState, ...] = ()
    failed_at: float | None = None  # the last reading failed for the first time, which is not told yet
    stale_since: float | None = None  # of the first reading that failed; None: it is read
    stale_reason: str = ""  # of the last one, also of a first that is not told yet
    has_answered: bool = False  # while stale: the last reading did not fail
    problems: tuple[str, ...] = ()  # of the last reading that did not fail
    problem_level: int = 0  # how many problems were told
    unread_fills: tuple[str, ...] = ()  # of the last reading that did not fail
    told_unread_fills: tuple[str, ...] = ()
    fills: KnownFills = KnownFills()
    start_told: StartTold | None = None  # None: something else was told since

    @property
    def is_stale(self) -> bool:
        """Whether it was told that the account cannot be read, and not yet that it can be again."""
        return self.stale_since is not None

    @property
    def is_kept(self) -> bool:
        """Whether it was ever read, now or before a restart."""
        return self.read_at is not None
