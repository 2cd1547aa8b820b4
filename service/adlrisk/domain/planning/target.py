"""The target of a plan: a band, a score, or a place in the venue's queue outside the first fifth."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.domain.scoring.band import band_of
from adlrisk.domain.scoring.score import MAX_SCORE, Score

FIRST_FIFTH: Final = 1
_ONE_OF: Final = {"x-alternative": True}

TargetBand = Literal["watch", "low"]


class TargetFigure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A target in figures: exactly one of `score` and `leave_fifth`."""

    score: Annotated[
        Annotated[int, Meta(ge=0, le=MAX_SCORE)] | UnsetType,
        Meta(description="The highest score to have afterwards.", extra_json_schema=_ONE_OF),
    ] = UNSET
    leave_fifth: Annotated[
        Annotated[int, Meta(ge=FIRST_FIFTH, le=FIRST_FIFTH)] | UnsetType,
        Meta(
            description="1: the position is to leave the first fifth of its queue; needs `book`.",
            extra_json_schema=_ONE_OF,
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        """Reject both and neither."""
        if (self.score is UNSET) == (self.leave_fifth is UNSET):
            raise ValueError("Contradicting field `score`: exactly one of score and leave_fifth is needed")


Target = TargetBand | TargetFigure


class Judged(Struct, frozen=True, kw_only=True, gc=False):
    """A position as it was judged: its score, and the fifth of the queue where a book says it."""

    score: Score
    fifth: int | None = None  # 1 is reduced first; None: no book, or not in the queue


def leaves_fifth(target: Target) -> bool:
    """Whether the target is a place in the queue."""
    return isinstance(target, TargetFigure) and target.leave_fifth is not UNSET


def reaches(judged: Judged, target: Target) -> bool:
    """Whether ``judged`` has the target; a score counts as it is, without what is unknown."""
    if isinstance(target, TargetFigure):
        if target.leave_fifth is not UNSET:
            return judged.fifth != FIRST_FIFTH
        return judged.score.score <= (MAX_SCORE if target.score is UNSET else target.score)
    return band_of(judged.score.score) in ("low", target)
