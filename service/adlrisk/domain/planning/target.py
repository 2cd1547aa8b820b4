"""The target of a plan: a score, or a fifth of the venue's queue to leave."""

from typing import Literal

from msgspec import Struct

from adlrisk.domain.planning.judged import Judged

TargetBand = Literal["watch", "low"]


class Target(Struct, frozen=True, kw_only=True, gc=False):
    """What to have afterwards, one of two: at most ``points``, or a place behind the fifth ``leave_fifth``."""

    points: int | None = None
    leave_fifth: int | None = None


def reaches(judged: Judged, target: Target) -> bool:
    """Whether a position judged so has the target; its score counts as it is, without what is unknown.

    A position without a fifth has left it only where the venue ranks winners and it is none. One whose key is unknown
    has not, and neither has an insolvent one, which is liquidated.
    """
    score = judged.score
    if target.points is not None:
        return score.score <= target.points
    if judged.fifth is not None:
        return judged.fifth > (target.leave_fifth or 0)
    return score.standing.place == "not_in_queue" and score.state.effective_leverage is not None
