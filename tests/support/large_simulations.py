"""Simulations and exposures as large as they may be: in marks, positions, moves, cases, mixes and ids."""

from typing import Any

from support.large_books import rank_request

_EVALUATIONS = 100_000_000
_POSITIONS = 300_000
_MOVES = {"volatility": 1, "horizon_hours": 8, "points": 401}


def day_of_marks() -> dict[str, Any]:
    """A simulation of a day of minutes; nobody is due, so that it is quick."""
    return {**_book(_EVALUATIONS // 1440), "marks": [100 + minute / 1e4 for minute in range(1440)]}


def largest_book(*, points: int) -> dict[str, Any]:
    """An exposure of the most positions that a book may have, with so many moves; one step each way."""
    return {**_book(_POSITIONS), "moves": {"volatility": 1, "step": 1, "points": points}, "ids": ["a"]}


def longest_curves() -> dict[str, Any]:
    """An exposure of the most moves and cases that there may be, with one id."""
    count = _EVALUATIONS // (401 * 8) - 1
    return {**_book(count), "moves": {**_MOVES, "step": 1}, "liquidity": _cases(8), "ids": ["a"]}


def every_id(mixes: int) -> dict[str, Any]:
    """An exposure of 401 moves in eight cases and so many mixes, with 101 ids."""
    entries = [{"price": 100 + number / 100, "share": 1 / 50} for number in range(50)]
    return {
        **_aggregates(entries),
        "moves": {**_MOVES, "step": 1},
        "liquidity": _cases(8),
        "leverage_mixes": {str(mix): [{"leverage": 2, "share": 1}] for mix in range(mixes)},
        "ids": [f"{side}:{_name(entry['price'])}:2" for side in ("long", "short") for entry in entries],
        "position": {"id": "mine", "side": "short", "size": 1, "entry_price": 100, "leverage": 5},
    }


def every_cohort() -> dict[str, Any]:
    """An exposure of a book of 100 entries and 100 leverages in four mixes: as many moves as that leaves."""
    entries = [{"price": 100 + number / 100, "share": 1 / 100} for number in range(100)]
    mix = [{"leverage": 1 + number / 100, "share": 1 / 100} for number in range(100)]
    return {
        **_aggregates(entries),
        "moves": {**_MOVES, "step": 1},
        "liquidity": _cases(3),
        "leverage_mixes": dict.fromkeys("abcd", mix),
        "position": {"id": "mine", "side": "short", "size": 1, "entry_price": 100, "leverage": 5},
    }


def _aggregates(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "venue": "bitmex",
        "mark_price": 100,
        "lot_size": 0.001,
        "cohorts": {"open_interest": 1e6, "entries": entries, "maintenance_margin_rate": 0.01},
        "fund": {"balance": 1e6},
        "depth": {"size_for_one_percent": 1e4},
    }


def _book(count: int) -> dict[str, Any]:
    columns = rank_request(count)["columns"]
    return {
        "venue": "bitmex",
        "mark_price": 100,
        "maintenance_margin_rate": 0.01,
        "columns": {**columns, "entry_price": [100] * count, "side": (["long", "short"] * count)[:count]},
        "fund": {"balance": 1e6},
        "depth": {"size_for_one_percent": 1e4},
    }


def _cases(count: int) -> dict[str, float]:
    return {str(number): 1 / number for number in range(1, count + 1)}


def _name(price: float) -> str:
    return f"{price:.0f}" if price.is_integer() else repr(price)
