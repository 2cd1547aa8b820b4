"""The inverse twin of a linear scene: reciprocal prices, sides swapped, the same sizes and money."""

from typing import Any

import msgspec
from msgspec import UNSET

from adlrisk.domain.position.position import Position
from adlrisk.domain.stress.depth import Depth, DepthLevel
from support.stress.scenes import Scene

_OTHER: dict[str, Any] = {"long": "short", "short": "long"}


def invert(scene: Scene) -> Scene:
    """A linear scene with levels, and without permanent impact, on an inverse contract."""
    given = isinstance(scene.fill_price, float)
    return scene.changed(
        held=[_invert_position(position) for position in scene.held],
        mark=1.0 / scene.mark,
        marks=[1.0 / mark for mark in scene.marks],
        contract="inverse",
        depth=_invert_depth(scene.depth),
        fill_price=1.0 / float(scene.fill_price) if given else scene.fill_price,
    )


def _invert_position(position: Position) -> Position:
    return msgspec.structs.replace(
        position,
        side=_OTHER[position.side],
        entry_price=1.0 / position.entry_price,
        mark_price=1.0 / position.mark_price,
        contract="inverse",
    )


def _invert_depth(depth: Depth) -> Depth:
    """What stands below the mark stands above its reciprocal: 1/(M·(1 − o)) is 1/M more than it by o/(1 − o)."""
    bids, asks = (
        (depth.levels, depth.levels) if depth.bids is UNSET or depth.asks is UNSET else (depth.bids, depth.asks)
    )
    assert bids is not UNSET
    assert asks is not UNSET
    return Depth(
        asks=tuple(DepthLevel(offset=level.offset / (1.0 - level.offset), size=level.size) for level in bids),
        bids=tuple(DepthLevel(offset=level.offset / (1.0 + level.offset), size=level.size) for level in asks),
        depth_left=depth.depth_left,
    )
