"""Prices on an upright axis."""

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.page.pictures.price_marks import PriceMark, Shape, Stretch, draw_price_marks
from support.pictures import HOSTILE, all_of, check_picture, check_within, parse, read_points, text_of

SHAPES: tuple[Shape, ...] = ("disc", "ring", "triangle", "square", "diamond")
A_LINE = 15.0  # less than this apart, texts of 13 px meet


def draw(prices: Sequence[float], *stretches: Stretch) -> ET.Element:
    marks = [
        PriceMark(price=price, heading=repr(price), text="a price", shape=shape, css="some")
        for price, shape in zip(prices, SHAPES, strict=False)
    ]
    return parse(draw_price_marks("prices", marks=marks, stretches=stretches, title="Prices", description="All"))


def read_marks(picture: ET.Element) -> list[tuple[float, float, float]]:
    """Price, place on the axis and place of the label of each mark, from top to bottom."""
    marks = []
    for mark in all_of(picture, "price-mark"):
        (leader,), (heading,) = all_of(mark, "leader"), all_of(mark, "strong")
        marks.append((float(text_of(heading)), read_points(leader)[0][1], float(heading.get("y", ""))))
    return sorted(marks, key=lambda mark: mark[2])


def check_order(picture: ET.Element) -> None:
    for (price, at, label), (next_price, next_at, next_label) in itertools.pairwise(read_marks(picture)):
        assert price >= next_price
        assert at <= next_at
        assert next_label - label >= 2.0 * A_LINE


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_marks_and_labels_stand_in_the_order_of_prices(prices: list[float]) -> None:
    """From top to bottom prices fall, both on the axis and in the labels, and no label is over another."""
    picture = draw(prices)

    assert len(read_marks(picture)) == len(prices)
    check_order(picture)


@pytest.mark.parametrize("prices", HOSTILE)
def test_hostile_prices_are_drawn_within_the_picture(prices: list[float]) -> None:
    """Prices of any size, below 0 and equal, have finite places within the picture."""
    picture = draw(prices, Stretch(low=None, high=prices[0], css="some", is_hatched=True))

    check_picture(picture)
    check_within(picture)
    check_order(picture)


def test_equal_prices_are_at_one_place_under_two_labels() -> None:
    """Marks of one price share their place on the axis, and each has a label."""
    (_, one, _), (_, other, _) = read_marks(draw([5.0, 5.0]))

    assert one == other


def test_distances_on_the_axis_are_those_of_the_prices() -> None:
    """A price halfway between two others is halfway between their marks."""
    (_, high, _), (_, middle, _), (_, low, _) = read_marks(draw([100.0, 200.0, 150.0]))

    assert middle - high == pytest.approx(low - middle, abs=0.11)


@pytest.mark.parametrize(
    ("stretch", "ends"),
    [
        (Stretch(low=150.0, high=None, css="some"), (None, 150.0)),
        (Stretch(low=None, high=150.0, css="some"), (150.0, None)),
        (Stretch(low=100.0, high=150.0, css="some"), (150.0, 100.0)),
    ],
)
def test_a_stretch_reaches_from_price_to_price_or_to_the_end(
    stretch: Stretch, ends: tuple[float | None, float | None]
) -> None:
    """A stretch begins and ends at the places of its prices, and where it has none at the end of the axis."""
    picture = draw([100.0, 150.0, 200.0], stretch)
    places = {price: at for price, at, _ in read_marks(picture)}
    (axis,) = all_of(picture, "price-bar")
    top, bottom = float(axis.get("y", "")), float(axis.get("y", "")) + float(axis.get("height", ""))
    (found,) = [one for one in all_of(picture, "some") if one.tag == "rect"]

    start = float(found.get("y", ""))
    high, low = ends
    assert start == pytest.approx(top if high is None else places[high], abs=0.11)
    assert start + float(found.get("height", "")) == pytest.approx(bottom if low is None else places[low], abs=0.11)
