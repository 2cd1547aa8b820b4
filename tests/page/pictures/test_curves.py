"""Curves over two axes."""

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.page.numbers import format_briefly
from adlrisk.page.pictures.curves import Axis, Band, Curve, Point, Upright, draw_curves
from adlrisk.page.pictures.scale import scale_of
from support.pictures import HOSTILE, all_of, check_picture, check_within, parse, read_place, read_points, text_of

finite = st.floats(allow_nan=False, allow_infinity=False)
points = st.lists(st.tuples(finite, finite), min_size=2, max_size=9).map(sorted)


def draw(*curves: Sequence[Point], uprights: Sequence[Upright] = (), band: Band | None = None) -> ET.Element:
    across, up = zip(*(point for curve in curves for point in curve), strict=True)
    return parse(
        draw_curves(
            "curves",
            x=Axis(scale=scale_of(across), caption="price", write=format_briefly),
            y=Axis(scale=scale_of(up, margin=0.05), caption="profit", write=format_briefly),
            curves=[Curve(points=curve, css="one", label=f"{index}") for index, curve in enumerate(curves)],
            uprights=uprights,
            band=band,
            title="Profit over the price",
            description="A line",
        )
    )


@given(points)
def test_a_curve_is_as_high_as_its_values(curve: list[Point]) -> None:
    """Of two points the one of the larger value is not lower, and the one further right not to the left."""
    (line,) = all_of(draw(curve), "curve")
    places = read_points(line)

    assert len(places) == len(curve)
    for (_, value), (_, down) in zip(curve, places, strict=True):
        for (_, other), (_, other_down) in zip(curve, places, strict=True):
            assert (value <= other) or down <= other_down
    assert all(before[0] <= after[0] for before, after in itertools.pairwise(places))


@pytest.mark.parametrize("values", HOSTILE)
def test_hostile_values_are_drawn_within_the_picture(values: list[float]) -> None:
    """Values of any size on both axes have finite places within the picture."""
    curve = sorted(zip(values, reversed(values), strict=True))
    picture = draw(curve, band=Band(lower=curve, upper=curve), uprights=[Upright(value=values[0], label="mark")])

    check_picture(picture)
    check_within(picture)


def test_a_curve_and_its_ticks_have_one_scale() -> None:
    """The end of a line that passes a tick's value is where the tick's grid line is, and so for ticks below."""
    picture = draw([(0.0, 0.0), (100.0, 400.0)])
    (plot,) = [one for one in picture.iter("svg") if one is not picture]
    (line,) = all_of(picture, "curve")
    first, last = read_points(line)
    texts = {text_of(one): one for one in all_of(picture, "label")}
    grid = {float(one.get("y1", "")) for one in (*all_of(picture, "grid"), *all_of(picture, "zero"))}

    top, left, width = (read_place(plot.get(name)) for name in ("y", "x", "width"))
    assert any(abs(top + first[1] - y) < 0.11 for y in grid)
    assert any(abs(top + last[1] - y) < 0.11 for y in grid)
    assert float(texts["400"].get("y", "")) - 4.0 == pytest.approx(top + last[1], abs=0.11)
    ticks = {read_place(one.get("x1")) for one in all_of(picture, "tick")}
    assert any(abs(left - x) < 0.11 for x in ticks)
    assert any(abs(left + width - x) < 0.11 for x in ticks)


def test_labels_of_ends_are_apart_and_in_the_order_of_the_ends() -> None:
    """Curves that end near each other have labels one under the other, the highest on top."""
    picture = draw([(0.0, 0.0), (1.0, 9.0)], [(0.0, 0.0), (1.0, 9.1)], [(0.0, 0.0), (1.0, -50.0)])
    (plot,) = [one for one in picture.iter("svg") if one is not picture]
    beside = read_place(plot.get("x")) + read_place(plot.get("width"))
    ends = [one for one in all_of(picture, "label") if read_place(one.get("x")) > beside + 0.5]
    places = {text_of(one): float(one.get("y", "")) for one in ends}

    assert sorted(places, key=places.__getitem__) == ["1", "0", "2"]
    assert places["0"] - places["1"] >= 13.0
    assert places["2"] - places["0"] >= 13.0


def test_uprights_stand_at_their_values_in_rows_that_do_not_meet() -> None:
    """Two uprights near each other have their labels in two rows."""
    picture = draw(
        [(0.0, 1.0), (100.0, 2.0)],
        uprights=[Upright(value=50.0, label="mark"), Upright(value=52.0, label="liquidation")],
    )
    (plot,) = [one for one in picture.iter("svg") if one is not picture]
    left, width = read_place(plot.get("x")), read_place(plot.get("width"))
    lines = all_of(picture, "upright")
    labels = [one for one in all_of(picture, "label") if text_of(one) in ("mark", "liquidation")]

    assert [read_place(line.get("x1")) for line in lines] == pytest.approx(
        [left + width * 0.5, left + width * 0.52], abs=0.11
    )
    assert float(labels[1].get("y", "")) - float(labels[0].get("y", "")) >= 13.0


def test_a_band_has_the_points_of_both_its_curves() -> None:
    """The area between two curves goes along the upper one and back along the lower one."""
    lower, upper = [(0.0, 0.0), (1.0, 1.0)], [(0.0, 5.0), (1.0, 6.0)]
    picture = draw(lower, upper, band=Band(lower=lower, upper=upper))
    below, above = (read_points(line) for line in all_of(picture, "curve"))
    (area,) = all_of(picture, "curve-band")

    assert read_points(area) == [*above, *reversed(below)]
