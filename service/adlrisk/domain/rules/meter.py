"""Schema of a venue's ADL meter: its own reading of a position's place in the queue."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.rules.formulas import Confidence

Weighting = Literal["accounts", "quantity", "unknown"]

_FIFTHS: Final = 5

Level = Annotated[int, Meta(ge=-1000, le=1000)]


class LevelMeter(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="scale",
    tag="levels",
    cache_hash=True,
):
    """A meter that shows in levels where in the queue a position is: which fifth, unless `shares` says otherwise."""

    field: Annotated[str, Meta(description="The venue's own name of the reading.")]
    endpoint: Annotated[str, Meta(description="Where the venue publishes it.")]
    levels: Annotated[
        tuple[Level, ...],
        Meta(description="Readings from the first fifth of the queue (reduced first) to the last."),
    ]
    shares: Annotated[
        tuple[float, ...] | None,
        Meta(
            description="Where the levels are no fifths: the share of the queue from its front to the end of each "
            "level, fractions up to 1."
        ),
    ] = None
    also_lowest: Annotated[tuple[Level, ...], Meta(description="Further readings that mean the last fifth.")] = ()
    none: Annotated[tuple[Level, ...], Meta(description="Readings that mean no position or no rank.")] = ()
    weighting: Annotated[Weighting, Meta(description="What the venue's percentile counts: accounts or quantity.")] = (
        "unknown"
    )
    direction_confidence: Annotated[Confidence, Meta(description="How well the scale's direction is known.")]
    trap: Annotated[str | None, Meta(description="How the reading is most easily misread.")] = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Reject a scale of the wrong length, levels that do not make a whole, and readings with two meanings."""
        if len(self.levels) != _FIFTHS:
            raise ValueError("Wrong length of field `levels`: one reading per fifth of the queue")
        if self.shares is not None and not self._are_ends(self.shares):
            raise ValueError("Contradicting field `shares`: one end per level, rising to 1")
        readings = (*self.levels, *self.also_lowest, *self.none)
        if len(set(readings)) != len(readings):
            raise ValueError("Ambiguous field `levels`: a reading has two meanings")

    def place_of(self, level: int) -> float:
        """The place of the level at this index: from 1 for the first in even steps to 0 for the last.

        Where levels are no fifths, it is the share of the queue that stands behind its begin, and 0 for the last.
        """
        if self.shares is None:
            return 1.0 - level / (_FIFTHS - 1)
        return 0.0 if level == _FIFTHS - 1 else 1.0 - (0.0, *self.shares)[level]

    @staticmethod
    def _are_ends(shares: tuple[float, ...]) -> bool:
        rises = all(before < after for before, after in zip((0.0, *shares), shares, strict=False))
        return len(shares) == _FIFTHS and rises and shares[-1] == 1.0


class FractionMeter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="scale", tag="fraction"):
    """A meter that shows the place in the queue as a fraction, 1 reduced first."""

    field: Annotated[str, Meta(description="The venue's own name of the reading.")]
    endpoint: Annotated[str, Meta(description="Where the venue publishes it.")]
    none: Annotated[
        tuple[Annotated[float, Meta(ge=-1000.0, le=1000.0)], ...],
        Meta(description="Readings that mean no position or no rank."),
    ] = ()
    weighting: Annotated[Weighting, Meta(description="What the venue's percentile counts: accounts or quantity.")] = (
        "unknown"
    )
    direction_confidence: Annotated[Confidence, Meta(description="How well the scale's direction is known.")]
    trap: Annotated[str | None, Meta(description="How the reading is most easily misread.")] = None
    note: str | None = None


Meter = LevelMeter | FractionMeter
