"""The worked example of the trigger chain: its request, and what the library answers to it and to changes of it."""

import json
from typing import Any, Final, NamedTuple

from adlrisk import (
    ExposureAnswer,
    Position,
    ScoreAnswer,
    ScoreRequest,
    SimulateAnswer,
    exposure,
    score,
    simulate,
)
from adlrisk.domain.stress.steps import SimulatedPosition
from figures.rendering import EXAMPLES

RICH_FUND: Final = {"balance": 20}
POOR_FUND: Final = {"balance": 8}


def request_of(**changes: Any) -> dict[str, Any]:
    """The example's request with other values for some of its fields."""
    return {**json.loads((EXAMPLES / "adl-simulate.request.json").read_bytes()), **changes}


def simulate_example(**changes: Any) -> SimulateAnswer:
    """The answer to the request with ``changes``, which tells of all its positions."""
    request = request_of(**changes)
    return simulate({**request, "ids": [position["id"] for position in request["positions"]]})


def fates_in(answer: SimulateAnswer) -> dict[str, SimulatedPosition]:
    """What becomes of each position, by its id."""
    return {fate.id: fate for fate in answer.positions or ()}


def expose_example() -> ExposureAnswer:
    """The exposure of the example's shorts over 8 hours at a volatility of 80 % a year, with the larger fund."""
    request = request_of(fund=RICH_FUND, moves={"volatility": 0.8, "horizon_hours": 8}, ids=["b", "c"])
    del request["marks"]
    return exposure(request)


class Level(NamedTuple):
    """A level of the bids, and how much of it was closed."""

    price: float
    size: float
    closed: float


def walk_levels(answer: SimulateAnswer) -> list[Level]:
    """The bids at the mark price of the one step, with what the liquidated long closed of each."""
    (step,) = answer.steps
    left, levels = step.market.size, []
    for level in request_of()["depth"]["bids"]:
        closed = min(level["size"], left)
        left -= closed
        levels.append(Level(step.mark_price * (1.0 - level["offset"]), level["size"], closed))
    return levels


def bankruptcy_price_of(answer: SimulateAnswer) -> float:
    """The bankruptcy price of the one liquidated account, at which ADL has filled."""
    return known(answer.steps[0].adl.mean_fill_price)


def equity_at(account: str, price: float) -> float:
    """What an account of the example is worth at a mark price."""
    return known(score_at(account, price).state.equity)


def key_at(account: str, price: float) -> float:
    """The ranking key of an account of the example at a mark price."""
    queue = score_at(account, price).queue
    return known(None if queue is None else queue.priority)


def maintenance_at(account: str, price: float) -> float:
    """The maintenance margin of an account of the example at a mark price."""
    rate: float = request_of()["maintenance_margin_rate"]
    return rate * score_at(account, price).state.notional


def score_at(account: str, price: float) -> ScoreAnswer:
    """The answer of ``POST /score`` to an account of the example at a mark price."""
    request = request_of()
    (row,) = [position for position in request["positions"] if position["id"] == account]
    fields = {name: value for name, value in row.items() if name != "id"}
    position = Position(mark_price=price, maintenance_margin_rate=request["maintenance_margin_rate"], **fields)
    return score(ScoreRequest(venue=request["venue"], position=position))


def known(figure: float | None) -> float:
    """A figure that the example has."""
    if figure is None:
        raise ValueError("The example lacks a figure that is to be drawn")
    return figure
