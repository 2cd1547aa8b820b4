"""Strategies for every number the domain accepts: all magnitudes, neighbours, and values that cancel."""

import math
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st

from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE
from adlrisk.domain.position.position import Position
from support.builders import CONTRACTS, SIDES

LARGEST_RATE = math.nextafter(1.0, 0.0)
CONTRACT_SIZES = (1.0, 0.001, 100.0, SMALLEST_POSITIVE, LARGEST)


def within(value: float) -> float:
    """``value`` limited to the bounds."""
    return min(LARGEST, max(SMALLEST_POSITIVE, value))


# As many between 1e-12 and 1e-11 as between 1e14 and 1e15, the bounds among them, half of them short decimals.
positives = (
    st.sampled_from((SMALLEST_POSITIVE, 1.0, LARGEST))
    | st.builds(
        lambda mantissa, exponent: within(mantissa * 10.0**exponent),
        st.floats(min_value=1.0, max_value=10.0),
        st.integers(min_value=-12, max_value=14),
    )
    | st.builds(
        lambda digits, exponent: within(float(Decimal(digits).scaleb(exponent))),
        st.integers(min_value=1, max_value=999_999),
        st.integers(min_value=-12, max_value=9),
    )
)
rates = (
    positives.map(lambda value: min(value, LARGEST_RATE))
    | st.integers(min_value=1, max_value=999).map(lambda permille: permille / 1000.0)
    | st.integers(min_value=1, max_value=2**20).map(lambda ulps: 1.0 - ulps * 2.0**-53)
)
signed = st.builds(lambda sign, value: sign * value, st.sampled_from((-1.0, 0.0, 1.0)), positives)


@st.composite
def near(draw: st.DrawFn, value: float) -> float:
    """``value``, one of its neighbours, or one slightly off."""
    how = draw(st.integers(min_value=-3, max_value=3))
    if draw(st.booleans()):
        for _ in range(abs(how)):
            value = math.nextafter(value, math.copysign(math.inf, how))
    else:
        value *= 1.0 + how * 10.0 ** draw(st.integers(min_value=-15, max_value=-1))
    return within(value)


@st.composite
def whole_range_positions(draw: st.DrawFn, /, **fixed: Any) -> Position:
    """Positions of the whole legal range; often the margin nearly cancels the equity or a price."""
    fields: dict[str, Any] = {
        "side": draw(st.sampled_from(SIDES)),
        "contract": draw(st.sampled_from(CONTRACTS)),
        "size": draw(positives),
        "contract_size": draw(st.sampled_from(CONTRACT_SIZES)),
        "entry_price": draw(positives),
        "maintenance_amount": draw(st.just(0.0) | positives),
        **fixed,
    }
    if "mark_price" not in fields:
        fields["mark_price"] = draw(near(fields["entry_price"]) | positives)
    if fields.pop("by_equity", False):
        return Position(**fields, equity=draw(equities(fields)), wallet_balance=draw(st.none() | signed))
    if "leverage" not in fields and "margin" not in fields and "equity" not in fields:
        fields["leverage"], fields["margin"] = draw(backing(fields))
    return Position(**fields)


def equities(fields: dict[str, Any]) -> st.SearchStrategy[float]:
    """An equity: any, or near the gain or loss at mark, which leaves hardly any margin, or near the value."""
    quantity, entry, mark = fields["size"] * fields["contract_size"], fields["entry_price"], fields["mark_price"]
    inverse = fields["contract"] == "inverse"
    gained = abs(quantity * (mark - entry) / (entry * mark) if inverse else quantity * (mark - entry))
    worth = quantity / mark if inverse else quantity * mark
    return signed | near(within(gained)) | near(within(gained)).map(lambda value: -value) | near(within(worth))


def backing(fields: dict[str, Any]) -> st.SearchStrategy[tuple[float | None, float | None]]:
    """A leverage or a margin: any, near the loss at mark, or near the value at entry."""
    quantity, entry, mark = fields["size"] * fields["contract_size"], fields["entry_price"], fields["mark_price"]
    inverse = fields["contract"] == "inverse"
    loss = abs(quantity * (mark - entry) / (entry * mark) if inverse else quantity * (mark - entry))
    worth = quantity / entry if inverse else quantity * entry
    margins = positives | near(within(loss)) | near(within(worth))
    return st.tuples(positives, st.none()) | st.tuples(st.none(), margins)
