"""What is known about a contract's market beside the position."""

from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.domain.bounds import Positive, Signed


class Market(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions around the position. What is left out is unknown, which is not the same as calm."""

    funding_rate: Annotated[
        Signed | None,
        Meta(description="Funding rate per interval, a fraction; above 0 longs pay shorts."),
    ] = None
    funding_interval_hours: Annotated[
        Positive | None,
        Meta(description="Hours between fundings. Default: the venue's, where it has one for all contracts."),
    ] = None
    liquidation_spike: Annotated[
        bool | None, Meta(description="Whether liquidations are running well above their usual rate.")
    ] = None
    thin_liquidity: Annotated[
        bool | None,
        Meta(description="Whether order books are thin. Default: whether `as_of` is in a thin session."),
    ] = None
