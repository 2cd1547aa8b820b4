"""Rules that tell fills apart: those that contradict themselves are refused."""

from typing import Any

import pytest

from adlrisk.domain.rules.fills import FillMarkers, FillRule


def rule(**given: Any) -> FillRule:
    return FillRule(**{"kind": "adl", "field": "type", **given})


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
