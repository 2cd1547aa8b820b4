"""Legs that cannot be read: the problem to answer in their place, and what is known of them nevertheless.

The account must not quietly leave them out: whatever needs their size is unknown. Their symbol, underlying and margin
mode, where those can be read, say what that is.
"""

from typing import NamedTuple

from adlrisk.api.http.problems import ProblemError
from adlrisk.domain.position.errors import RefusedError


class UnreadableLeg(NamedTuple):
    """A leg whose size is not known. Of its names ``None`` means that they cannot be read, so it could be any."""

    error: RefusedError | ProblemError
    is_cross: bool = True
    id: str | None = None
    symbol: str | None = None
    underlying: str | None = None


def own_group(id_: str) -> str:
    """The name of the group of a leg that stands alone, which no symbol can have."""
    return f"\x00{id_}"


def shown_group(name: str) -> str:
    """The name of a group as it is shown."""
    return name.removeprefix("\x00")
