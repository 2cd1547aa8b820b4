"""A margin account as it is observed: how far all marks may move together until it is liquidated."""

from typing import Literal

from adlrisk.domain.account.figures import CommonMove
from adlrisk.watch.reading.observed import ObservedAccount


def observe_account(name: str, nearest: CommonMove | None) -> ObservedAccount:
    """The account with the smaller of the moves of ``nearest``; ``None``: it is not known."""
    falls, rises = (None, None) if nearest is None else (nearest.falls, nearest.rises)
    moves: list[tuple[float, Literal["fall", "rise"]]] = []
    if falls is not None:
        moves.append((abs(falls), "fall"))
    if rises is not None:
        moves.append((abs(rises), "rise"))
    distance, direction = min(moves, default=(None, None))
    return ObservedAccount(name=name, distance=distance, direction=direction if distance else None)
