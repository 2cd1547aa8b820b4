"""The target of a plan: a band, or a score."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.domain.scoring.band import band_of
from adlrisk.domain.scoring.score import MAX_SCORE, Score

TargetBand = Literal["watch", "low"]


class TargetScore(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A score to reach."""

    score: Annotated[int, Meta(ge=0, le=MAX_SCORE, description="The highest score to have afterwards.")]


Target = TargetBand | TargetScore


def reaches(score: Score, target: Target) -> bool:
    """Whether ``score`` has the target; it counts as it is, without what is unknown."""
    return score.score <= target.score if isinstance(target, TargetScore) else band_of(score.score) in ("low", target)
