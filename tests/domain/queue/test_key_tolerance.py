"""The difference below which two ranking keys count as equal."""

import numpy as np
import pytest

from adlrisk.domain.queue.queue import key_tolerance, sort_by_priority


@pytest.mark.parametrize("equity", [0.0, 5e-324, -1e-300, 1e-280])
def test_keys_of_next_to_no_equity_are_sorted(equity: float) -> None:
    """However little is left of however much, the tolerance is finite, and keys of 0 are in order of size."""
    tolerance = key_tolerance(equity=np.array([equity, equity]), terms=np.array([1e45, 1e45]))
    assert np.isfinite(tolerance).all()
    order = sort_by_priority(
        np.arange(2), priority=np.array([0.0, 0.0]), size=np.array([1.0, 2.0]), tolerance=tolerance
    )
    assert order.tolist() == [1, 0]
