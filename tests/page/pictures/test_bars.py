"""Bars with a part that is not known, and ranges."""

from xml.etree import ElementTree as ET

import pytest

from adlrisk.page.numbers import format_percent
from adlrisk.page.pictures.bars import draw_bar, draw_range
from support.pictures import all_of, check_picture, check_within, parse, read_place, text_of


def draw(value: float, upper: float) -> ET.Element:
    return parse(
        draw_bar("score", value=value, upper=upper, end=10.0, title="Score", description="It", css="band-watch")
    )


def reach(part: ET.Element) -> tuple[float, float]:
    start = read_place(part.get("x"))
    return start, start + read_place(part.get("width"))


@pytest.mark.parametrize(("value", "upper"), [(4.0, 6.0), (0.0, 10.0), (2.0, 4.0)])
def test_a_bar_is_solid_to_its_value_and_hatched_to_what_it_may_be(value: float, upper: float) -> None:
    """What is known is solid, what is not is hatched beside it, on a scale to the end."""
    picture = draw(value, upper)
    (hatched,) = all_of(picture, "bar-unknown")

    check_picture(picture)
    check_within(picture)
    assert reach(hatched) == pytest.approx((value * 10.0, upper * 10.0))
    assert hatched.get("fill") == "url(#score-hatch)"
    assert [reach(one) for one in all_of(picture, "bar-known")] == ([(0.0, value * 10.0)] if value else [])


def test_a_bar_without_doubt_has_no_hatch() -> None:
    """Where all is known nothing is hatched."""
    assert not all_of(draw(8.0, 8.0), "bar-unknown")


def test_a_bar_has_its_ticks_where_their_values_are() -> None:
    """Ticks tell the scale: 0 to 10 in twos."""
    labels = {text_of(one): read_place(one.get("x")) for one in all_of(draw(4.0, 6.0), "label")}

    assert labels == {str(value): value * 10.0 for value in range(0, 11, 2)}


@pytest.mark.parametrize(("least", "most"), [(0.0, 0.015), (0.2, 0.2), (0.0, 0.0), (0.0, 5e-324), (0.3, 1.0)])
def test_a_range_is_solid_to_its_least_and_hatched_to_its_most(least: float, most: float) -> None:
    """The ends of a range are in proportion, also where both are 0."""
    picture = parse(draw_range("range", least=least, most=most, write=format_percent, title="Range", description="It"))
    (hatched,), (solid,) = all_of(picture, "bar-unknown"), all_of(picture, "bar-known")

    check_picture(picture)
    check_within(picture)
    assert reach(solid)[1] == pytest.approx(reach(hatched)[0], abs=0.01)
    assert most == 0.0 or reach(hatched)[0] == pytest.approx(reach(hatched)[1] * (least / most), abs=0.02)
