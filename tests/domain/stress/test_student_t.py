"""Student's t distribution: published quantiles, and the integral of its density."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.stress.student_t import cumulative_probability

# NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, "Critical Values of the Student's t Distribution".
PROBABILITIES = (0.90, 0.95, 0.975, 0.99, 0.995)
QUANTILES = {
    1: (3.078, 6.314, 12.706, 31.821, 63.657),
    2: (1.886, 2.920, 4.303, 6.965, 9.925),
    3: (1.638, 2.353, 3.182, 4.541, 5.841),
    4: (1.533, 2.132, 2.776, 3.747, 4.604),
    5: (1.476, 2.015, 2.571, 3.365, 4.032),
    10: (1.372, 1.812, 2.228, 2.764, 3.169),
    30: (1.310, 1.697, 2.042, 2.457, 2.750),
    100: (1.290, 1.660, 1.984, 2.364, 2.626),
}
TABLE = [(f, p, t) for f, row in QUANTILES.items() for p, t in zip(PROBABILITIES, row, strict=True)]


def density(t: float, freedom: float) -> float:
    front = math.exp(math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0))
    return front / math.sqrt(freedom * math.pi) * math.pow(1.0 + t * t / freedom, -(freedom + 1.0) / 2.0)


def integrate_density(start: float, end: float, freedom: float, *, parts: int = 400) -> float:
    """By Simpson's rule."""
    width = (end - start) / parts
    values = [density(start + place * width, freedom) for place in range(parts + 1)]
    return width / 3.0 * (values[0] + values[-1] + 4.0 * sum(values[1:-1:2]) + 2.0 * sum(values[2:-1:2]))


@pytest.mark.parametrize(("freedom", "probability", "quantile"), TABLE)
def test_the_distribution_meets_published_quantiles(freedom: float, probability: float, quantile: float) -> None:
    """The probability lies between those of the quantile less and plus half its last digit."""
    half = 0.0005
    assert cumulative_probability(quantile - half, freedom) <= probability
    assert cumulative_probability(quantile + half, freedom) >= probability


@given(
    t=st.floats(min_value=-12.0, max_value=12.0),
    freedom=st.sampled_from((2.1, 2.5, 3.0, 4.7, 10.0, 60.0, 1000.0)),
)
def test_the_distribution_is_the_integral_of_the_density(t: float, freedom: float) -> None:
    """Simpson's rule over the density from 0 gives what a probability is away from a half."""
    assert cumulative_probability(t, freedom) - 0.5 == pytest.approx(integrate_density(0.0, t, freedom), abs=1e-7)


@given(t=st.floats(min_value=0.0, max_value=1e9), freedom=st.floats(min_value=2.001, max_value=1000.0))
def test_the_distribution_is_symmetric(t: float, freedom: float) -> None:
    """What is below −t is as probable as what is above t, and never outside 0 to 1."""
    below, above = cumulative_probability(-t, freedom), 1.0 - cumulative_probability(t, freedom)
    assert 0.0 <= below <= 0.5
    assert below == pytest.approx(above, abs=1e-15)


@pytest.mark.parametrize("t", [1e3, 1e5])
def test_far_tails_keep_their_digits(t: float) -> None:
    """With 3 degrees of freedom the density is 6√3/π·(3 + t²)⁻², so that the tail comes to 2√3/π·t⁻³."""
    assert cumulative_probability(-t, 3.0) == pytest.approx(2.0 * math.sqrt(3.0) / math.pi / t**3, rel=1e-5)
