"""The nearest move that reaches a position: bisection between a move that does not and one that does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags

PRECISION: Final = 0.0001


def refine(
    nearer: float, further: float, *, reached: "Flags", closes: Callable[[float], "Flags"], found: list[float | None]
) -> None:
    """Write into ``found`` the nearest moves of the positions that are ``reached`` at ``further``, not at ``nearer``.

    ``closes`` says of each position whether a move between the two closes any of it. Positions with the same bracket
    share its evaluations.
    """
    if not reached.any():
        return
    if abs(further - nearer) <= PRECISION:
        for index in np.flatnonzero(reached).tolist():
            found[index] = further
        return
    middle = 0.5 * (nearer + further)
    closed = closes(middle)
    refine(nearer, middle, reached=reached & closed, closes=closes, found=found)
    refine(middle, further, reached=reached & ~closed, closes=closes, found=found)
