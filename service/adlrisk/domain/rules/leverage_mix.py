"""How the open interest of a contract is spread over leverage: a mix that no venue publishes."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.shares import ShareGiven

MAX_LEVERAGES: Final = 100


class LeverageShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The share of the open interest that was opened with one leverage."""

    leverage: Annotated[float, Meta(ge=0.01, le=1000.0, description="Entry notional over margin.")]
    share: ShareGiven


LeverageMix = Annotated[tuple[LeverageShare, ...], Meta(min_length=1, max_length=MAX_LEVERAGES)]

# Ours: log-normal with median 3 and a sigma of 0.8, cut at the geometric means between these values.
DEFAULT_LEVERAGE_MIX: Final = tuple(
    LeverageShare(leverage=leverage, share=share)
    for leverage, share in (
        (1.0, 0.174),
        (2.0, 0.226),
        (3.0, 0.225),
        (5.0, 0.233),
        (10.0, 0.116),
        (20.0, 0.024),
        (50.0, 0.002),
    )
)
