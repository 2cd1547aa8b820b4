"""Classification of raw fills by a card's rules, and refusal of rules that contradict themselves."""

from typing import Any

import pytest

from adlrisk.domain.rules.fills import FillMarkers, FillRule, classify_fill


def rule(**given: Any) -> FillRule:
    return FillRule(**{"kind": "adl", "field": "type", **given})


def kind_of(raw: dict[str, Any], *rules: FillRule) -> str:
    found = classify_fill(raw, FillMarkers(rules=rules))
    return "unknown" if found is None else found.kind


@pytest.mark.parametrize(
    ("comparison", "value", "matches"),
    [
        ({"equals": "4"}, "4", True),
        ({"equals": "4"}, 4, True),
        ({"equals": "4"}, 4.0, True),
        ({"equals": "4"}, "4.0", False),
        ({"equals": "4"}, None, False),
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


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "exactly one of equals, one_of and starts_with"),
        ({"equals": "a", "starts_with": "a"}, "exactly one of equals, one_of and starts_with"),
        ({"equals": "a", "one_of": ("b",)}, "exactly one of equals, one_of and starts_with"),
        ({"equals": "a", "kind": "own", "side_of": "reduced"}, "`side_of`: a fill of kind own has no two sides"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(given: dict[str, Any], message: str) -> None:
    """A rule has one comparison, and a side only where there are two."""
    with pytest.raises(ValueError, match=message):
        rule(**given)


def test_a_comparison_that_is_never_reached_is_refused() -> None:
    """The second of two equal comparisons would never decide, so one of them is a mistake."""
    with pytest.raises(ValueError, match="a comparison is listed twice"):
        FillMarkers(rules=(rule(equals="a"), rule(kind="own", equals="a")))
