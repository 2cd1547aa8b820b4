"""Running totals of a column with compensated summation, correct to the last bit."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Floats


def running_total(amounts: "Floats") -> "Floats":
    """The cumulative sum of ``amounts``, which are not negative; it never decreases.

    The rounding error of each addition is computed exactly and added at the end, so the error of a sum of n amounts
    is one rounding and n²·2⁻¹⁰⁶ of it, not n roundings. Source: Ogita, Rump, Oishi, "Accurate Sum and Dot
    Product" (2005), algorithm 4.4.

    >>> np.cumsum([0.1] * 10)[-1].item(), running_total(np.full(10, 0.1))[-1].item()
    (0.9999999999999999, 1.0)
    """
    total = np.cumsum(amounts)
    before = np.zeros_like(total)
    before[1:] = total[:-1]
    added = total - before
    lost = (before - (total - added)) + (amounts - added)
    return np.maximum.accumulate(total + np.cumsum(lost))
