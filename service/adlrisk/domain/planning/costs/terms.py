"""Terms of a plan: fees, and the steps in which size and margin come."""

from msgspec import Struct

from adlrisk.domain.stress.depth import Depth


class Terms(Struct, frozen=True, kw_only=True, gc=False):
    """At what terms a position is traded and margin added."""

    taker_fee: float
    lot_size: float
    margin_step: float
    has_lots: bool  # whether the lot size is the request's, so that depth comes in whole lots, too
    depth: Depth | None = None
