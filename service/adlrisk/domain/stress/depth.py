"""The order book's depth as a request gives it: levels, or the size that moves the price by one percent."""

import itertools
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.domain.position.bounds import Positive

MAX_LEVELS: Final = 10_000
ONE_PERCENT: Final = 0.01
FARTHEST: Final = 0.5  # of the mark price: where a depth without levels ends

_ONE_OF: Final = {"x-alternative": True}
_TOGETHER: Final = {"x-alternative": "bids_and_asks"}


class DepthLevel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A level of an order book."""

    offset: Annotated[
        float,
        Meta(ge=1e-9, lt=1.0, description="Distance from the mark price, a fraction: bids below it, asks above it."),
    ]
    size: Annotated[Positive, Meta(description="Contracts at this level.")]


LevelsGiven = Annotated[tuple[DepthLevel, ...], Meta(min_length=1, max_length=MAX_LEVELS)]


class Depth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How much the order book takes: `levels`, `bids` with `asks`, or `size_for_one_percent`."""

    levels: Annotated[
        LevelsGiven | UnsetType,
        Meta(description="Levels of either side, offsets rising.", extra_json_schema=_ONE_OF),
    ] = UNSET
    bids: Annotated[
        LevelsGiven | UnsetType,
        Meta(description="Levels below the mark price, offsets rising; with `asks`.", extra_json_schema=_TOGETHER),
    ] = UNSET
    asks: Annotated[
        LevelsGiven | UnsetType,
        Meta(description="Levels above the mark price, offsets rising; with `bids`.", extra_json_schema=_TOGETHER),
    ] = UNSET
    size_for_one_percent: Annotated[
        Positive | UnsetType,
        Meta(
            description="Contracts of either side within 1 % of the mark price; `shape` says how many stand elsewhere.",
            extra_json_schema=_ONE_OF,
        ),
    ] = UNSET
    shape: Annotated[
        float,
        Meta(
            ge=0.1,
            le=5.0,
            description="Within a distance u stand size_for_one_percent · (u / 1 %)^shape contracts: 1 makes impact "
            "linear in size, 2 proportional to its square root. The default is the median of 21 order books.",
        ),
    ] = 1.16
    depth_left: Annotated[
        float,
        Meta(
            gt=0.0,
            le=1.0,
            description="Share of the depth that is left while liquidations run; 1 is the optimist's. In an exposure "
            "each case of `liquidity` has its own.",
        ),
    ] = 1.0

    def __post_init__(self) -> None:
        """Reject none and several of the three ways to give a depth, and offsets that do not rise."""
        sides = (self.bids is not UNSET, self.asks is not UNSET)
        ways = (self.levels is not UNSET) + any(sides) + (self.size_for_one_percent is not UNSET)
        if ways != 1:
            raise ValueError(
                "Contradicting field `levels`: exactly one of levels, bids with asks, and size_for_one_percent is "
                "needed"
            )
        if any(sides) and not all(sides):
            missing = "asks" if sides[0] else "bids"
            raise ValueError(f"Object missing required field `{missing}`: bids and asks belong together")
        for name in ("levels", "bids", "asks"):
            levels = getattr(self, name)
            if levels is not UNSET and any(
                after.offset <= before.offset for before, after in itertools.pairwise(levels)
            ):
                raise ValueError(f"Wrong field `{name}`: offsets must rise from level to level")
