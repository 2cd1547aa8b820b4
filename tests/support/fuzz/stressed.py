"""Parts of drawn simulations and exposures: marks, moves, order books and funds that do not contradict themselves."""

from typing import Any, Final

import hypothesis.strategies as st

from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE

_FEW: Final = 3

marks: Final[st.SearchStrategy[float]] = (
    st.sampled_from((1.0, 100.0, 64_000.0, SMALLEST_POSITIVE, LARGEST))
    | st.floats(0.5, 200.0)
    | st.floats(SMALLEST_POSITIVE, LARGEST)
)

_steps: Final = st.sampled_from((0.01, 0.05, 1.0))  # coarse, for each is simulated
_own: Final[st.SearchStrategy[dict[str, Any]]] = st.builds(
    lambda pairs, step: {"moves": [move for move, _ in pairs], "weights": [part for _, part in pairs], "step": step},
    st.lists(st.tuples(st.floats(-0.98, 1.0), st.floats(0.0, 0.3)), min_size=1, max_size=_FEW),
    _steps,
)
_grid: Final[st.SearchStrategy[dict[str, Any]]] = st.fixed_dictionaries(
    {
        "volatility": st.floats(1e-6, 10.0),
        "horizon_hours": st.sampled_from((0.001, 8, 8760.0)),
        "points": st.sampled_from((3, 5)),
        "step": _steps,
    },
    optional={"degrees_of_freedom": st.sampled_from((2.1, 3, 1000)), "reach": st.sampled_from((0.1, 5, 100))},
)
moves: Final = _own | _grid


def keep_inputs(request: dict[str, Any]) -> dict[str, Any]:
    """The request with a fund and an order book, and without aggregates, which only some requests have."""
    kept = {name: part for name, part in request.items() if name not in ("cohorts", "leverage_mixes")}
    return {"fund": {"balance": 1}, "depth": {"size_for_one_percent": 1}, **kept}


def make_up(
    request: dict[str, Any],
    cohorts: dict[str, Any],
    lot: float,
    mix: list[dict[str, Any]] | None,
    mixes: dict[str, Any] | None,
) -> dict[str, Any]:
    """The request with ``cohorts`` in place of a book; an exposure of one's own position in whole lots."""
    kept = {name: part for name, part in request.items() if name not in ("positions", "columns", "ids", "position")}
    made_up = {**kept, "lot_size": lot, "cohorts": cohorts}
    if "marks" not in request:
        made_up = add_own_in_lots(made_up)
        if mixes is not None:
            return {**made_up, "leverage_mixes": mixes}
    return made_up if mix is None else {**made_up, "cohorts": {**cohorts, "leverage": mix}}


def all_shares(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts with equal shares, which sum to 1."""
    return [{**part, "share": 1.0 / len(parts)} for part in parts]


def keep_one_depth(depth: dict[str, Any]) -> dict[str, Any]:
    """The depth in one of its forms, with rising offsets; by the size within one percent if it has no levels."""
    common = {name: part for name, part in depth.items() if name in ("shape", "depth_left")}
    for names in (("levels",), ("bids", "asks")):
        if all(name in depth for name in names):
            return {**common, **{name: _rising(depth[name]) for name in names}}
    return {**common, "size_for_one_percent": depth.get("size_for_one_percent", 1)}


def keep_whole_fall(fund: dict[str, Any]) -> dict[str, Any]:
    """The fund with its peak and the fall from it, or with neither."""
    if fund.get("peak") is not None and fund.get("drawdown") is not None:
        return fund
    return {name: part for name, part in fund.items() if name not in ("peak", "drawdown")}


def add_own_in_lots(request: dict[str, Any]) -> dict[str, Any]:
    """The exposure with a position of one's own in whole lots, at least where it names no other."""
    own = request.get("position")
    if not request.get("ids"):
        request = {name: part for name, part in request.items() if name != "ids"}
        own = own or {"id": "x", "side": "short", "size": 1, "entry_price": 1, "leverage": 2}
    if own is None:
        return request
    return {**request, "position": {**own, "size": max(1, round(own["size"] % 1e6)) * request["lot_size"]}}


def _rising(levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_offset = {level["offset"]: level for level in levels}
    return [by_offset[offset] for offset in sorted(by_offset)]
