"""Classification of fills by the rules of a venue's card: whose order was that, and was it forced.

Only what a rule knows has a kind. Everything else is unknown and never `own`, whatever a venue may invent.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import Meta, Struct

from adlrisk.domain.rules.fills import FillKind, FillMarkers, FillRule, FillSide
from adlrisk.domain.rules.formulas import Confidence

ClassifiedKind: TypeAlias = Literal[FillKind, "unknown"]

_LARGEST_WHOLE: Final = 2**64  # of numbers that are compared as text; no venue numbers its kinds beyond
_OF_CCXT: Final = ("timestamp", "datetime")  # all of ccxt's structures have both, no venue's own object has


class FillMarker(Struct, frozen=True, kw_only=True, gc=False):
    """What tells the kind of a fill."""

    field: Annotated[str, Meta(description="Path of the field in the venue's own object.")]
    value: Annotated[str, Meta(description="Its value, as text: the number 4 is 4, true is true.")]


class ClassifiedFill(Struct, frozen=True, kw_only=True, gc=False):
    """What a fill is, and how that is known."""

    kind: Annotated[
        ClassifiedKind,
        Meta(
            description="`own`: of an order of the account's owner; `liquidation` and `adl`: forced; `unknown`: no "
            "rule knows it, which does not make it `own`."
        ),
    ]
    side_of: Annotated[
        FillSide | None,
        Meta(
            description="Whose leg of an ADL or a liquidation it is: `reduced`, the holder who is closed out for "
            "another, or `bankrupt`, whose position is taken away. null: not told, or a kind without two sides."
        ),
    ]
    marker: Annotated[FillMarker | None, Meta(description="What tells it; null where nothing does.")]
    confidence: Annotated[Confidence | None, Meta(description="How well the mark is known; null for `unknown`.")]
    note: Annotated[
        str | None, Meta(description="What the mark leaves open; of `unknown`: why it is. null: nothing to add.")
    ]


def unknown_fill(note: str) -> ClassifiedFill:
    """A fill of which nothing is known, and why."""
    return ClassifiedFill(kind="unknown", side_of=None, marker=None, confidence=None, note=note)


NO_OBJECT: Final = unknown_fill("It is no object, so there is no field that a rule could look at.")
NO_OWN_OBJECT: Final = unknown_fill("ccxt's own fields do not tell: send its `info` too, the venue's object.")
NO_RULES: Final = unknown_fill("The venue's card has no rules: no mark is known that tells its fills apart.")
NO_FIELD: Final = unknown_fill("It has none of the fields that tell: `fills` of the venue's card says what to send.")


class FillClassifier:
    """The rules of a card, arranged by the fields that they look at: a fill is classified in a few look-ups."""

    def __init__(self, markers: FillMarkers) -> None:
        by_path: dict[str, list[tuple[int, FillRule]]] = {}
        for rank, rule in enumerate(markers.rules):
            by_path.setdefault(rule.field, []).append((rank, rule))
        self._fields = tuple(_Field(path, rules) for path, rules in by_path.items())  # in order of their first rules

    def classify(self, fill: object) -> ClassifiedFill:
        """What the first rule that matches ``fill`` says: the venue's own object, or one of ccxt's with it inside.

        >>> rule = FillRule(kind="adl", side_of="reduced", field="order.category", equals="4")
        >>> classifier = FillClassifier(FillMarkers(rules=(rule,)))
        >>> classifier.classify({"order": {"category": 4}}).kind
        'adl'
        >>> classifier.classify({"category": 4}).kind
        'unknown'
        """
        if not isinstance(fill, Mapping):
            return NO_OBJECT
        own = find_own_object(fill)
        if own is None:
            return NO_OWN_OBJECT
        return self._apply_rules(own) if self._fields else NO_RULES

    def _apply_rules(self, own: Mapping[Any, Any]) -> ClassifiedFill:
        found, first_unknown = None, None
        for field in self._fields:
            if field.outermost not in own:  # most are not: a card has rules for several kinds of objects
                continue
            if found is not None and field.first_rank > found.rank:
                break
            value = field.read(own)
            if value is None:
                continue
            match = field.match(value)
            if match is None:
                first_unknown = first_unknown or field
            elif found is None or match.rank < found.rank:
                found = match
        if found is not None:
            return found.fill
        return NO_FIELD if first_unknown is None else first_unknown.of_unknown_value


def find_own_object(fill: Mapping[Any, Any]) -> Mapping[Any, Any] | None:
    """The venue's own object: the `info` of one of ccxt's structures, else ``fill`` itself.

    ``None`` if it is one of ccxt's without it: its `type` and `status` mean other things than a venue's.
    """
    info = fill.get("info")
    if isinstance(info, Mapping):
        return info
    return None if all(name in fill for name in _OF_CCXT) else fill


class _Match(NamedTuple):
    """A rule that matches: its place among the rules of the card, and what it says of the fill."""

    rank: int
    fill: ClassifiedFill


class _Field:
    """A field, and the rules that look at it."""

    __slots__ = ("_by_start", "_by_value", "_inner", "first_rank", "of_unknown_value", "outermost")

    def __init__(self, path: str, rules: Sequence[tuple[int, FillRule]]) -> None:
        self.first_rank = rules[0][0]
        self.of_unknown_value = unknown_fill(f"`{path}` has a value that no rule knows.")
        self.outermost, *self._inner = path.split(".")
        self._by_value: dict[str, _Match] = {}
        self._by_start: list[tuple[str, int, FillRule]] = []
        for rank, rule in rules:
            if rule.starts_with is not None:
                self._by_start.append((rule.starts_with, rank, rule))
                continue
            for value in rule.one_of if rule.equals is None else (rule.equals,):
                self._by_value.setdefault(value, _Match(rank, _describe(rule, value)))

    def read(self, own: Mapping[Any, Any]) -> str | None:
        """The value as text; ``None`` if there is none, or if it is no single value."""
        value = own.get(self.outermost)
        for name in self._inner:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if value is None or isinstance(value, str) else _write_value(value)

    def match(self, value: str) -> _Match | None:
        """The first rule that knows the value."""
        found = self._by_value.get(value)
        for start, rank, rule in self._by_start:
            if (found is None or rank < found.rank) and value.startswith(start):
                return _Match(rank, _describe(rule, value))
        return found


def _describe(rule: FillRule, value: str) -> ClassifiedFill:
    marker = FillMarker(field=rule.field, value=value)
    return ClassifiedFill(
        kind=rule.kind, side_of=rule.side_of, marker=marker, confidence=rule.confidence, note=rule.note
    )


def _write_value(value: object) -> str | None:
    """A flag or a number as text; ``None`` for what is neither."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:d}" if abs(value) <= _LARGEST_WHOLE else None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= _LARGEST_WHOLE else str(value)
    return None
