"""How a position stands: the state that its score surely has, and the worst that is possible."""

from typing import Final, Literal

from msgspec import Struct

from adlrisk.domain.scoring.band import Band
from adlrisk.watch.reading.observed import ObservedPosition

State = Literal["ok", "unknown", "watch", "high"]

# From the calmest. A position that cannot be scored is worse than one that is ok; what surely warns is worse than that,
# so that it is told at once.
_LADDER: Final[tuple[State, ...]] = ("ok", "unknown", "watch", "high")
_RANKS: Final = {state: rank for rank, state in enumerate(_LADDER)}
_BY_BAND: Final[dict[Band, State]] = {"low": "ok", "watch": "watch", "high": "high"}


class Standing(Struct, frozen=True):
    """``lower``: by the conditions that are surely met; ``upper``: by those that may be. Unsure where they differ."""

    lower: State
    upper: State

    @property
    def is_unsure(self) -> bool:
        """Whether what is missing could make it worse."""
        return self.lower != self.upper

    @property
    def text(self) -> str:
        """The standing in a sentence: ``high``, or ``ok to high``."""
        return f"{self.lower} to {self.upper}" if self.is_unsure else self.lower

    def order(self) -> tuple[int, int]:
        """What standings are sorted by, the worst last."""
        return rank(self.lower), rank(self.upper)


OK: Final = Standing("ok", "ok")
UNKNOWN: Final = Standing("unknown", "unknown")


def rank(state: State) -> int:
    """How bad ``state`` is, from 0 for ok.

    >>> [rank(state) for state in ("ok", "unknown", "watch", "high")]
    [0, 1, 2, 3]
    """
    return _RANKS[state]


def standing_of(position: ObservedPosition) -> Standing:
    """The standing that the reading shows.

    >>> standing_of(ObservedPosition(symbol="X", side="long", band="low", band_upper="high")).text
    'ok to high'
    >>> standing_of(ObservedPosition(symbol="X", side="long")).text
    'unknown'
    """
    if position.band is None:
        return UNKNOWN
    lower = _BY_BAND[position.band]
    upper = lower if position.band_upper is None else _BY_BAND[position.band_upper]
    return Standing(lower, max(lower, upper, key=rank))


def worse_of(one: Standing, other: Standing) -> Standing:
    """The worst that one of the two shows.

    >>> worse_of(Standing("ok", "high"), Standing("watch", "watch")).text
    'watch to high'
    >>> worse_of(UNKNOWN, Standing("ok", "high")).text
    'unknown'
    """
    lower = max(one.lower, other.lower, key=rank)
    return UNKNOWN if lower == "unknown" else Standing(lower, max(one.upper, other.upper, key=rank))


def is_worse(now: Standing, was: Standing) -> bool:
    """Whether ``now`` is worse than ``was`` at either end."""
    return rank(now.lower) > rank(was.lower) or rank(now.upper) > rank(was.upper)
