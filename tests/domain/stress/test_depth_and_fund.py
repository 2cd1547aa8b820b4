"""Depth and fund of a request: what is refused, by which name, and where the fund's floor is."""

from typing import Any

import msgspec
import pytest

from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.fund import Fund, floor_of
from support.stress.refused import assert_refused

_LEVEL = {"offset": 0.01, "size": 1.0}
_FURTHER = {"offset": 0.02, "size": 1.0}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "levels"),
        ({"depth_left": 0.5}, "levels"),
        ({"levels": [_LEVEL], "size_for_one_percent": 1.0}, "levels"),
        ({"levels": [_LEVEL], "bids": [_LEVEL], "asks": [_LEVEL]}, "levels"),
        ({"bids": [_LEVEL], "asks": [_LEVEL], "size_for_one_percent": 1.0}, "levels"),
        ({"levels": []}, "levels"),
        ({"levels": [{"offset": 1e-4 * (1 + place / 1e5), "size": 1.0} for place in range(10_001)]}, "levels"),
        ({"bids": [_LEVEL]}, "asks"),
        ({"asks": [_LEVEL]}, "bids"),
        ({"levels": [_FURTHER, _LEVEL]}, "levels"),
        ({"levels": [_LEVEL, _LEVEL]}, "levels"),
        ({"bids": [_FURTHER, _LEVEL], "asks": [_LEVEL]}, "bids"),
        ({"bids": [_LEVEL], "asks": [_FURTHER, _LEVEL]}, "asks"),
        ({"levels": [{"offset": 1.0, "size": 1.0}]}, "levels[0].offset"),
        ({"levels": [{"offset": 0.0, "size": 1.0}]}, "levels[0].offset"),
        ({"levels": [{"offset": 0.1, "size": 0.0}]}, "levels[0].size"),
        ({"levels": [_LEVEL], "depth_left": 0.0}, "depth_left"),
        ({"levels": [_LEVEL], "depth_left": 1.5}, "depth_left"),
        ({"size_for_one_percent": 0.0}, "size_for_one_percent"),
        ({"size_for_one_percent": 1.0, "shape": 0.0}, "shape"),
        ({"size_for_one_percent": 1.0, "shape": 6.0}, "shape"),
    ],
)
def test_contradicting_depths_are_refused_by_field(body: dict[str, Any], field: str) -> None:
    """None and two of the three ways, half a pair, offsets that do not rise, numbers out of bounds."""
    assert_refused(body, Depth, field=field)


@pytest.mark.parametrize(
    "body",
    [
        {"levels": [_LEVEL, _FURTHER]},
        {"bids": [_LEVEL], "asks": [_LEVEL, _FURTHER]},
        {"size_for_one_percent": 5.0, "depth_left": 1.0},
    ],
)
def test_each_of_the_three_ways_is_taken(body: dict[str, Any]) -> None:
    """Levels, bids with asks, and the size for one percent: all of the depth is there unless told otherwise."""
    assert msgspec.convert(body, Depth).depth_left == 1.0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "balance"),
        ({"balance": 1.0, "floor": -1.0}, "floor"),
        ({"balance": 1.0, "peak": 0.0}, "peak"),
        ({"balance": 1.0, "peak": 5.0, "drawdown": 0.0}, "drawdown"),
        ({"balance": 1.0, "peak": 5.0, "drawdown": 1.5}, "drawdown"),
        ({"balance": 1.0, "takes_over": -1.0}, "takes_over"),
        ({"balance": 1e16}, "balance"),
    ],
)
def test_funds_out_of_bounds_are_refused_by_field(body: dict[str, Any], field: str) -> None:
    """A fund has a balance, of either sign, and none of its other figures is below 0."""
    assert_refused(body, Fund, field=field)


@pytest.mark.parametrize(
    ("figures", "venue", "floor"),
    [
        ({}, None, 0.0),
        ({"floor": 10.0}, 0.3, 10.0),
        ({"peak": 100.0}, None, 0.0),
        ({"peak": 100.0}, 0.3, 70.0),
        ({"peak": 100.0, "drawdown": 0.5}, 0.3, 50.0),
        ({"peak": 100.0, "drawdown": 0.5, "floor": 60.0}, None, 60.0),
        ({"peak": 100.0, "drawdown": 0.5, "floor": 40.0}, None, 50.0),
    ],
)
def test_the_higher_floor_counts(figures: dict[str, float], venue: float | None, floor: float) -> None:
    """A fall from a peak makes a floor, by the request's share before the venue's; the fund's own may be higher."""
    assert floor_of(Fund(balance=1.0, **figures), drawdown=venue) == pytest.approx(floor, rel=1e-15)
