"""Classification of fills by a card's rules."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from msgspec.structs import replace

from adlrisk.domain.rules.classification import NO_FIELD, NO_OBJECT, NO_OWN_OBJECT, NO_RULES, FillClassifier
from adlrisk.domain.rules.fills import FillMarkers, FillRule
from support.fill_rules import first_match


def rule(**given: Any) -> FillRule:
    return FillRule(**{"kind": "adl", "field": "type", **given})


def kind_of(raw: Any, *rules: FillRule) -> str:
    return FillClassifier(FillMarkers(rules=rules)).classify(raw).kind


@pytest.mark.parametrize(
    ("comparison", "value", "matches"),
    [
        ({"equals": "4"}, "4", True),
        ({"equals": "4"}, 4, True),
        ({"equals": "4"}, 4.0, True),
        ({"equals": "4"}, "4.0", False),
        ({"equals": "4"}, None, False),
        ({"equals": "4"}, 4.5, False),
        ({"equals": "-0.5"}, -0.5, True),
        ({"equals": "0"}, -0.0, True),
        ({"equals": "1e+300"}, 1e300, True),
        ({"starts_with": "1"}, 10**30, False),
        ({"starts_with": "-"}, -7, True),
        ({"equals": "true"}, True, True),
        ({"equals": "1"}, True, False),
        ({"equals": "adl"}, ["adl"], False),
        ({"one_of": ("125", "126")}, 126, True),
        ({"one_of": ("125", "126")}, 12, False),
        ({"starts_with": "adl_"}, "adl_autoclose-7", True),
        ({"starts_with": "adl_"}, "my adl_", False),
    ],
)
def test_values_are_compared_as_text(comparison: dict[str, Any], value: object, matches: bool) -> None:
    """A number equals its digits, and a list, a null or another value matches no rule."""
    assert (kind_of({"type": value}, rule(**comparison)) == "adl") is matches


def test_the_first_rule_that_matches_tells_the_kind() -> None:
    """The order on the card decides between rules that both match."""
    fill = {"type": "market", "id": "autoclose-1"}
    forced, own = rule(kind="liquidation", field="id", starts_with="autoclose-"), rule(kind="own", equals="market")
    assert kind_of(fill, forced, own) == "liquidation"
    assert kind_of(fill, own, forced) == "own"
    start, whole = rule(field="id", starts_with="autoclose"), rule(kind="transfer", field="id", equals="autoclose-1")
    assert kind_of(fill, start, whole) == "adl"
    assert kind_of(fill, whole, start) == "transfer"


def test_the_order_of_the_card_holds_between_fields() -> None:
    """A later rule on a field that comes early does not win against an earlier rule on another field."""
    first, second = rule(field="a", equals="x"), rule(kind="own", field="b", equals="y")
    third = rule(kind="transfer", field="a", equals="z")
    assert kind_of({"a": "z", "b": "y"}, first, second, third) == "own"
    assert kind_of({"a": "x", "b": "y"}, first, second, third) == "adl"
    assert kind_of({"a": "z", "b": "x"}, first, second, third) == "transfer"


def test_a_fill_that_no_rule_knows_is_unknown() -> None:
    """Neither an unknown value nor a missing field makes a fill the caller's own."""
    own = rule(kind="own", equals="market")
    assert [kind_of(raw, own) for raw in ({"type": "twap"}, {}, {"kind": "market"})] == ["unknown"] * 3


def test_dots_lead_into_nested_objects() -> None:
    """A path names a field at any depth, and finds nothing in what is no object."""
    nested = rule(field="order.info.type", equals="adl")
    assert kind_of({"order": {"info": {"type": "adl"}}}, nested) == "adl"
    for raw in ({"order": "info"}, {"order": {"info": ["adl"]}}, {"order.info.type": "adl"}, {"order": None}):
        assert kind_of(raw, nested) == "unknown"


def test_the_answer_says_all_that_the_rule_does_and_what_it_saw() -> None:
    """Kind, side, confidence and note are the rule's, the marker is its field and the value that was found there."""
    known = rule(side_of="reduced", field="o.c", starts_with="adl_", confidence="secondary", note="A note.")
    found = FillClassifier(FillMarkers(rules=(known,))).classify({"o": {"c": "adl_autoclose"}})
    assert (found.kind, found.side_of, found.confidence, found.note) == ("adl", "reduced", "secondary", "A note.")
    assert found.marker is not None
    assert (found.marker.field, found.marker.value) == ("o.c", "adl_autoclose")


CCXT = {"id": "1", "timestamp": 1764201600000, "datetime": "2025-11-27T00:00:00.000Z", "type": "adl", "side": "sell"}


def test_of_a_structure_of_ccxt_the_venues_own_object_is_classified() -> None:
    """Fields beside `info` mean other things than the venue's of the same name, and are never looked at."""
    for outer in (CCXT, {"type": "adl"}, {}):
        assert kind_of({**outer, "info": {"type": "adl"}}, rule(equals="adl")) == "adl"
        assert kind_of({**outer, "info": {"type": "market"}}, rule(equals="adl")) == "unknown"
        assert kind_of({**outer, "info": {}}, rule(equals="adl")) == "unknown"
    assert kind_of({"info": {"info": {"type": "adl"}}}, rule(equals="adl")) == "unknown"


@pytest.mark.parametrize("info", [{}, {"info": None}, {"info": []}, {"info": [{"type": "adl"}]}, {"info": "adl"}])
def test_a_structure_of_ccxt_without_the_venues_own_object_is_unknown(info: dict[str, Any]) -> None:
    """Its fields tell nothing, even where a venue has a field and a value of the same names."""
    assert FillClassifier(FillMarkers(rules=(rule(equals="adl"),))).classify({**CCXT, **info}) == NO_OWN_OBJECT


def test_a_text_called_info_is_a_field_like_any_other() -> None:
    """Rows of a venue's own account log have a text there, and are no structure of ccxt."""
    assert kind_of({"info": "futures unwind counterparty"}, rule(field="info", starts_with="futures ")) == "adl"


def test_an_unknown_fill_says_why() -> None:
    """The note tells apart what is no object, what has no field that tells, and what has a value that is new."""
    classifier = FillClassifier(FillMarkers(rules=(rule(equals="adl"), rule(field="id", starts_with="adl_"))))
    for nothing in (None, True, 4, 0.5, "adl", [], [{"type": "adl"}], b"adl"):
        assert classifier.classify(nothing) == NO_OBJECT
    without: tuple[dict[Any, Any], ...] = ({}, {"kind": "adl"}, {"type": None, "id": []}, {4: "adl"})
    for fill in without:
        assert classifier.classify(fill) == NO_FIELD
    assert classifier.classify({"id": "7", "type": "twap"}).note == "`type` has a value that no rule knows."
    assert classifier.classify({"id": "7"}).note == "`id` has a value that no rule knows."
    assert FillClassifier(FillMarkers()).classify({"type": "adl"}) == NO_RULES


WORDS = ("adl", "adl_1", "ad", "4", "true", "1e+300", "")
PATHS = ("a", "b", "a.b", "a.b.c", "info", "info.a", "timestamp", "datetime")
VALUES = st.sampled_from(WORDS) | st.sampled_from((None, True, False, 4, 4.0, 4.5, -0.0, 1e300, 10**30, float("inf")))


def rules() -> st.SearchStrategy[FillRule]:
    """Rules that often look at the same fields and values."""
    how = st.one_of(
        st.builds(lambda word: {"equals": word}, st.sampled_from(WORDS)),
        st.builds(lambda words: {"one_of": tuple(words)}, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)),
        st.builds(lambda word: {"starts_with": word}, st.sampled_from(("a", "ad", "adl", "adl_", "1"))),
    )
    kinds = st.sampled_from(("adl", "own", "transfer"))
    return st.builds(lambda kind, path, how: rule(kind=kind, field=path, **how), kinds, st.sampled_from(PATHS), how)


NAMES = st.sampled_from(("a", "b", "c", "info", "timestamp", "datetime"))
FILLS = VALUES | st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES), min_size=1)


@st.composite
def rules_with_a_fill(draw: st.DrawFn) -> tuple[list[FillRule], Any]:
    """Rules, and a fill that mostly has values of some of them."""
    comparisons = st.lists(rules(), max_size=12, unique_by=lambda r: (r.field, r.equals, r.one_of, r.starts_with))
    listed = [replace(each, note=f"rule {place}") for place, each in enumerate(draw(comparisons))]
    fill: Any = draw(FILLS)
    for wanted in draw(st.lists(st.sampled_from(listed), max_size=3)) if listed and isinstance(fill, dict) else ():
        held: dict[str, Any] = fill
        *outer, last = wanted.field.split(".")
        for name in outer:
            held[name] = held[name] if isinstance(held.get(name), dict) else {}
            held = held[name]
        held[last] = (wanted.equals or "") + "".join(wanted.one_of[-1:]) + (wanted.starts_with or "")
    return listed, fill


@given(rules_with_a_fill())
def test_the_arranged_rules_decide_as_the_list_does(given: tuple[list[FillRule], Any]) -> None:
    """Whatever the rules and the fill, the first rule of the list that fits decides, and none makes it unknown."""
    listed, fill = given
    markers = FillMarkers(rules=tuple(listed))
    found, expected = FillClassifier(markers).classify(fill), first_match(fill, markers)
    if expected is None:
        assert found.kind == "unknown"
        assert (found.side_of, found.marker, found.confidence) == (None, None, None)
        assert found.note
    else:
        assert (found.kind, found.confidence, found.note) == (expected.kind, expected.confidence, expected.note)
        assert found.marker is not None
        assert found.marker.field == expected.field
