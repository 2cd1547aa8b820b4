"""Parts of a whole, each with its share."""

import math
from collections.abc import Iterable
from typing import Annotated, Final, Protocol

from msgspec import Meta

SHARES_SUM_WITHIN: Final = 1e-9  # of 1

ShareGiven = Annotated[float, Meta(gt=0.0, le=1.0, description="Share of the open interest, a fraction.")]


class Part(Protocol):
    """A part with a share."""

    @property
    def share(self) -> float:
        """The share, a fraction of the whole."""


def reject_partial_shares(name: str, parts: Iterable[Part]) -> None:
    """Reject parts whose shares do not sum to 1; none at all are allowed.

    Raises:
        ValueError: they do not; the message names the field.
    """
    shares = [part.share for part in parts]
    total = math.fsum(shares)
    if shares and abs(total - 1.0) > SHARES_SUM_WITHIN:
        raise ValueError(f"Wrong field `{name}`: the shares must sum to 1, not to {total:.6g}")
