"""Entry prices of the open interest in a contract, each with its share."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.shares import ShareGiven

MAX_ENTRIES: Final = 100


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A price at which a share of the open interest was opened."""

    price: Annotated[Positive, Meta(description="Entry price, quote currency.")]
    share: ShareGiven
