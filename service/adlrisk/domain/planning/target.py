"""The target of a plan, a score or a fifth of the queue to leave, and how a position is judged against it."""

from typing import Literal

from msgspec import Struct

from adlrisk.domain.scoring.score import Score

TargetBand = Literal["watch", "low"]


class Judged(Struct, frozen=True, kw_only=True, gc=False):
    """A score, and the fifth of the queue that the position begins in: ``None`` without a book or a place in it."""

    score: Score
    fifth: int | None = None


class Target(Struct, frozen=True, kw_only=True, gc=False):
    """What to have afterwards, one of two: at most ``points``, or a place behind the fifth ``leave_fifth``."""

    points: int | None = None
    leave_fifth: int | None = None


def reaches(judged: Judged, target: Target) -> bool:
    """Whether a position judged so has the target; its score counts as it is, without what is unknown.

    A position whose liquidation is due has none. One without a fifth has left it only where the venue ranks winners and
    it is none; one whose key is unknown has not.
    """
    score = judged.score
    if _is_lost(score):
        return False
    if target.points is not None:
        return score.score <= target.points
    if judged.fifth is not None:
        return judged.fifth > (target.leave_fifth or 0)
    return score.standing.place == "not_in_queue"


def _is_lost(score: Score) -> bool:
    """Whether it is insolvent, or the mark price is past its liquidation price."""
    equity, distance = score.state.equity, score.state.liquidation_distance
    return (equity is not None and equity <= 0.0) or (distance is not None and distance <= 0.0)
