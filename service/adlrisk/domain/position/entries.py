"""Entry prices of the open interest in a contract, each with its share."""

import math
from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive

MAX_ENTRIES: Final = 100
SHARES_SUM_WITHIN: Final = 1e-9  # of 1


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A price at which a share of the open interest was opened."""

    price: Annotated[Positive, Meta(description="Entry price, quote currency.")]
    share: Annotated[float, Meta(gt=0.0, le=1.0, description="Share of the open interest, a fraction.")]


def reject_partial_shares(name: str, entries: Sequence[Entry]) -> None:
    """Reject entries whose shares do not sum to 1; none at all are allowed.

    Raises:
        ValueError: they do not; the message names the field.
    """
    total = math.fsum(entry.share for entry in entries)
    if entries and abs(total - 1.0) > SHARES_SUM_WITHIN:
        raise ValueError(f"Wrong field `{name}`: the shares must sum to 1, not to {total:.6g}")
