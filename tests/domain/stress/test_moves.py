"""Moves of an exposure: the grid, its weights, and what the order book keeps at each."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.stress.moves import Moves, depth_left_at, weigh_moves
from support.stress.refused import assert_refused

_SCALE_OF_3 = math.sqrt(3.0)  # the standard deviation of Student's t with 3 degrees of freedom


def cumulative_of_3(t: float) -> float:
    """The closed form of Student's t with 3 degrees of freedom (Abramowitz and Stegun, 26.7.3)."""
    angle = math.atan(t / math.sqrt(3.0))
    return 0.5 + (angle + math.sin(angle) * math.cos(angle)) / math.pi


def test_the_default_grid_is_even_and_odd_to_five_deviations() -> None:
    """101 moves, 0 in the middle, to five times 80 % a year over eight hours either way."""
    found = weigh_moves(Moves(volatility=0.8, horizon_hours=8))
    deviation = 0.8 * math.sqrt(8.0 / 8760.0)
    assert found.deviation == pytest.approx(deviation, rel=1e-12)
    assert (len(found.moves), found.moves[50], found.step) == (101, 0.0, 0.0025)
    assert found.moves == pytest.approx([deviation * 0.1 * place for place in range(-50, 51)], abs=1e-12)


@given(
    volatility=st.floats(min_value=0.01, max_value=5.0),
    hours=st.floats(min_value=0.1, max_value=8760.0),
    points=st.integers(min_value=1, max_value=40).map(lambda half: 2 * half + 1),
    reach=st.floats(min_value=0.5, max_value=30.0),
)
def test_weights_are_probabilities_between_midpoints(
    volatility: float, hours: float, points: int, reach: float
) -> None:
    """Each move has the probability of what is nearest to it, the ends those of the tails; 90 % is the furthest."""
    found = weigh_moves(Moves(volatility=volatility, horizon_hours=hours, points=points, reach=reach))
    deviation = volatility * math.sqrt(hours / 8760.0)
    end = min(reach * deviation, 0.9)
    spacing = 2.0 * end / (points - 1)
    assert found.moves == pytest.approx([-end + place * spacing for place in range(points)], abs=1e-12)
    assert math.fsum(found.weights) == pytest.approx(1.0, abs=1e-12)
    for place, (move, weight) in enumerate(zip(found.moves, found.weights, strict=True)):
        low = 0.0 if place == 0 else cumulative_of_3((move - spacing / 2.0) / deviation * _SCALE_OF_3)
        high = 1.0 if place == points - 1 else cumulative_of_3((move + spacing / 2.0) / deviation * _SCALE_OF_3)
        assert weight == pytest.approx(high - low, abs=1e-10)


@pytest.mark.parametrize("freedom", [30.0, 200.0, 1000.0])
def test_the_grid_has_the_volatility_that_was_given(freedom: float) -> None:
    """Whatever the tails, the standard deviation of the weighted moves is that of the request, but for the grid."""
    given_ = Moves(volatility=0.5, horizon_hours=24, degrees_of_freedom=freedom, points=401, reach=10)
    found = weigh_moves(given_)
    squares = math.fsum(weight * move**2 for move, weight in zip(found.moves, found.weights, strict=True))
    assert math.sqrt(squares) == pytest.approx(0.5 * math.sqrt(24.0 / 8760.0), rel=1e-3)


def test_own_moves_are_taken_as_they_are() -> None:
    """Their order and weights stay; the deviation is that of the moves, with nothing for what happens else."""
    found = weigh_moves(Moves(moves=(0.1, -0.3, 0.0), weights=(0.2, 0.1, 0.5), step=0.01))
    assert (found.moves, found.weights, found.step) == ((0.1, -0.3, 0.0), (0.2, 0.1, 0.5), 0.01)
    assert found.deviation == pytest.approx(math.sqrt(0.2 * 0.01 + 0.1 * 0.09), rel=1e-12)


@pytest.mark.parametrize(
    ("move", "left"), [(0.0, 1.0), (0.01, 0.8), (-0.01, 0.8), (0.02, 0.6), (0.04, 0.2), (-0.04, 0.2), (0.5, 0.2)]
)
def test_depth_falls_evenly_to_two_deviations(move: float, left: float) -> None:
    """Of a deviation of 2 % and a case of 0.2: all at no move, 0.2 from 4 % on, on a line in between."""
    assert depth_left_at(move, least=0.2, deviation=0.02) == pytest.approx(left, rel=1e-12)


def test_moves_without_deviation_keep_all_at_zero() -> None:
    """Own moves of weight 0 have no deviation: no move keeps the depth, and any other leaves what the case leaves."""
    assert depth_left_at(0.0, least=0.2, deviation=0.0) == 1.0
    assert depth_left_at(1e-9, least=0.2, deviation=0.0) == 0.2


_GRID = {"volatility": 0.8, "horizon_hours": 8}
_OWN = {"moves": [0.1, -0.1], "weights": [0.5, 0.5]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**_GRID, **_OWN}, "volatility"),
        ({"weights": [1.0]}, "weights"),
        ({**_GRID, "weights": [1.0]}, "weights"),
        ({**_GRID, "points": 100}, "points"),
        ({**_GRID, "points": 403}, "points"),
        ({**_GRID, "points": 1}, "points"),
        ({**_GRID, "points": 4.5}, "points"),
        ({**_GRID, "degrees_of_freedom": 2}, "degrees_of_freedom"),
        ({**_GRID, "reach": 0}, "reach"),
        ({**_GRID, "volatility": 0}, "volatility"),
        ({**_GRID, "horizon_hours": 9000}, "horizon_hours"),
        ({**_GRID, "step": 0.0001}, "step"),
        ({"moves": [0.1]}, "weights"),
        ({"moves": [0.1], "weights": [0.5, 0.5]}, "weights"),
        ({"moves": [0.1, 0.2], "weights": [0.6, 0.5]}, "weights"),
        ({"moves": [0.1], "weights": [-0.1]}, "weights"),
        ({"moves": [-0.99], "weights": [1.0]}, "moves"),
        ({"moves": [10.5], "weights": [1.0]}, "moves"),
        ({"moves": [], "weights": []}, "moves"),
        ({**_OWN, "horizon_hours": 8}, "horizon_hours"),
        ({**_OWN, "degrees_of_freedom": 4}, "degrees_of_freedom"),
        ({**_OWN, "points": 5}, "points"),
        ({**_OWN, "reach": 5}, "reach"),
    ],
)
def test_contradicting_moves_are_refused_by_field(body: dict[str, Any], field: str) -> None:
    """Neither form, both, half of one, and numbers out of bounds: the message names the field."""
    assert_refused(body, Moves, field=field)


def test_weights_that_sum_to_one_but_for_rounding_are_taken() -> None:
    """Ten tenths are 1."""
    found = msgspec.convert({"moves": [place / 100 for place in range(10)], "weights": [0.1] * 10}, Moves)
    assert len(weigh_moves(found).weights) == 10
