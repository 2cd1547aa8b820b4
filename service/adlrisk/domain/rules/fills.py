"""Schema of a venue's marks of forced fills. What they say of a fill is in ``classification``."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.rules.formulas import Confidence

FillKind = Literal["own", "liquidation", "adl", "settlement", "delivery", "funding", "transfer"]
FillSide = Literal["reduced", "bankrupt"]

_SIDED: Final[tuple[FillKind, ...]] = ("adl", "liquidation")  # two accounts have a leg of these, and of these only


class FillRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value of a field that tells the kind of a fill. Exactly one of `equals`, `one_of` and `starts_with` is given.

    Values are compared as text, so that the number 4 equals "4".
    """

    kind: Annotated[FillKind, Meta(description="What the fill is; `own`: of an order of the account's owner.")]
    side_of: Annotated[
        FillSide | None,
        Meta(
            description="Whose leg it is: of the holder who is reduced or of the bankrupt; null where it is not told."
        ),
    ] = None
    field: Annotated[
        Annotated[str, Meta(pattern=r"^[^.\s]+(?:\.[^.\s]+)*\Z")],
        Meta(description="Path of the field in the venue's raw object, with dots between the levels."),
    ]
    equals: str | None = None
    one_of: Annotated[tuple[str, ...], Meta(description="Empty where another comparison is given.")] = ()
    starts_with: Annotated[str, Meta(min_length=1)] | None = None
    confidence: Annotated[Confidence, Meta(description="How well the mark is known.")] = "documented"
    note: str | None = None

    def __post_init__(self) -> None:
        """Reject a rule that compares with nothing or in two ways, and a side of a fill that has none."""
        given = (self.equals is not None, bool(self.one_of), self.starts_with is not None)
        if given.count(True) != 1:
            raise ValueError("Contradicting field `field`: exactly one of equals, one_of and starts_with is needed")
        if self.side_of is not None and self.kind not in _SIDED:
            raise ValueError(f"Contradicting field `side_of`: a fill of kind {self.kind} has no two sides")


class FillMarkers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the venue marks a forced fill in its API."""

    adl: Annotated[tuple[str, ...], Meta(description="Marks of an auto-deleveraging, in words.")] = ()
    liquidation: Annotated[tuple[str, ...], Meta(description="Marks of a liquidation, in words.")] = ()
    rules: Annotated[
        tuple[FillRule, ...], Meta(description="The marks for machines; the first rule that matches tells the kind.")
    ] = ()
    note: str | None = None

    def __post_init__(self) -> None:
        """Reject a comparison that is listed twice: the second would never be reached."""
        comparisons = [(rule.field, rule.equals, rule.one_of, rule.starts_with) for rule in self.rules]
        if len(set(comparisons)) != len(comparisons):
            raise ValueError("Contradicting field `rules`: a comparison is listed twice")
