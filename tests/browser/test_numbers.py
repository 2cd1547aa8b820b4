"""Every number on the page is one of the API's answers to the same input, to the last digit that is shown."""

import pytest

from support.browser.showcase import ETH_SHORT, HEDGED, LITTLE_KNOWN, WORKED_EXAMPLE, address_of
from support.browser.shown_numbers import Known, ask_again, find_foreign_numbers, is_rounding, is_rounding_of_any
from support.browser.visits import Visitor

_POSITIONS = {"example": WORKED_EXAMPLE, "short": ETH_SHORT, "little": LITTLE_KNOWN, "hedged": HEDGED}
# In the page's own words: the scale of the score, its bands, and the shares that an ADL may close.
_OWN = frozenset({"0", "2", "6", "10", "25", "50", "100"})


@pytest.mark.parametrize("name", _POSITIONS)
def test_numbers_of_the_page_are_those_of_the_api(name: str, visitor: Visitor) -> None:
    """All numbers of a result are in the API's answers to the commands beside them, rounded to the digits shown."""
    page = visitor.open().page
    page.goto(address_of(_POSITIONS[name]))
    known = ask_again(page)
    assert len(known.numbers) > 20
    found = find_foreign_numbers(page, known, selector="#result", own=_OWN)
    assert not found, "\n".join(found)


def test_foreign_numbers_are_found(visitor: Visitor) -> None:
    """A digit that is wrong, a number of nowhere and a carrier that shows something else are seen."""
    page = visitor.open().page
    known = Known.of([{"mark_price": 1800, "price": 2079.207920792079, "reason": "above 3 %"}])
    page.set_content(
        """<main>2,079.21 and +15.51 % and above 3 %; 2,079.22, 4 %
        <data value="2079.207920792079">2,079.208</data> <data value="1801">1,801</data>
        <data value="2079.207920792079">2,079.2</data> <data value="1800.0">1,799</data></main>"""
    )
    found = find_foreign_numbers(page, known, selector="main", own=frozenset())
    assert [one.partition(":")[0].partition(" in ")[0] for one in found] == ["1,801", "1,799", "2,079.22", "4"]


@pytest.mark.parametrize(
    ("token", "value", "is_so"),
    [
        ("1,800", 1800.4, True),
        ("1,800", 1800.6, False),
        ("−0.5", -0.46, True),
        ("1.5e-9", 1.54e-9, True),
        ("0.1", 0.2, False),
    ],
)
def test_roundings_are_told_from_other_numbers(token: str, value: float, is_so: bool) -> None:
    """A number is shown rightly if it differs by half of the last digit at most."""
    assert is_rounding(token, value) is is_so
    assert is_rounding_of_any(token, [value]) is is_so
