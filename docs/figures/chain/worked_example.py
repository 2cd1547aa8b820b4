"""The worked example of the trigger chain: its requests, and what the code answers to them and to changes of them."""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from adlrisk import Position, ScoreAnswer, ScoreRequest, catalogue, score
from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.exposure import expose as expose_book
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.likelihood import Exposure
from adlrisk.domain.stress.moves import Moves, weigh_moves
from adlrisk.domain.stress.simulation import Simulated
from adlrisk.domain.stress.simulation import simulate as simulate_book
from adlrisk.domain.stress.terms import Terms

EXAMPLES: Final = Path(__file__).parent
CASES: Final = {"calm": 1.0, "typical": 0.29, "severe": 0.06}


def request_of(**changes: Any) -> dict[str, Any]:
    """The example's request with other values for some of its fields."""
    return {**json.loads((EXAMPLES / "adl-simulate.request.json").read_bytes()), **changes}


def simulate(**changes: Any) -> Simulated:
    """The answer to the request with ``changes``, which tells of all its positions."""
    request = request_of(**changes)
    ids = [position["id"] for position in request["positions"]]
    return simulate_book(_book(request), _terms(request), request["marks"], ids=ids, watched=range(len(ids)))


def expose() -> Exposure:
    """The exposure of the example's shorts over 8 hours at a volatility of 80 % a year, with a fund of 20."""
    request = request_of(fund={"balance": 20})
    moves = weigh_moves(Moves(volatility=0.8, horizon_hours=8))
    return expose_book(_book(request), _terms(request), moves, CASES, watched={"b": 1, "c": 2})


class Level(NamedTuple):
    """A level of the bids, and how much of it was closed."""

    price: float
    size: float
    closed: float


def walk_levels(request: dict[str, Any], answer: Simulated) -> list[Level]:
    """The bids at the first mark price, with what the liquidated long closed of each."""
    left, levels = answer.steps[0].market.size, []
    for level in request["depth"]["bids"]:
        closed = min(level["size"], left)
        left -= closed
        levels.append(Level(request["marks"][0] * (1.0 - level["offset"]), level["size"], closed))
    return levels


def bankruptcy_price_of(answer: Simulated) -> float:
    """The bankruptcy price of the one liquidated account, at which ADL has filled."""
    return known(answer.steps[0].adl.mean_fill_price)


def equity_at(request: dict[str, Any], account: str, price: float) -> float:
    """What an account of the example is worth at a mark price."""
    return known(score_at(request, account, price).state.equity)


def key_at(request: dict[str, Any], account: str, price: float) -> float:
    """The ranking key of an account of the example at a mark price."""
    queue = score_at(request, account, price).queue
    return known(None if queue is None else queue.priority)


def maintenance_at(request: dict[str, Any], account: str, price: float) -> float:
    """The maintenance margin of an account of the example at a mark price."""
    rate: float = request["maintenance_margin_rate"]
    return rate * score_at(request, account, price).state.notional


def score_at(request: dict[str, Any], account: str, price: float) -> ScoreAnswer:
    """The answer of ``POST /score`` to an account of the example at a mark price."""
    (row,) = [position for position in request["positions"] if position["id"] == account]
    fields = {name: value for name, value in row.items() if name != "id"}
    position = Position(mark_price=price, maintenance_margin_rate=request["maintenance_margin_rate"], **fields)
    return score(ScoreRequest(venue=request["venue"], position=position))


def known(figure: float | None) -> float:
    """A figure that the example has."""
    if figure is None:
        raise ValueError("The example lacks a figure that is to be drawn")
    return figure


def _book(request: dict[str, Any]) -> Book:
    rows = request["positions"]
    unknown = np.full(len(rows), np.nan)
    return Book(
        mark_price=request["mark_price"],
        contract="linear",
        contract_size=1.0,
        is_long=np.array([row["side"] == "long" for row in rows]),
        size=np.array([float(row["size"]) for row in rows]),
        entry_price=np.array([float(row["entry_price"]) for row in rows]),
        equity=unknown,
        margin=np.array([float(row["margin"]) for row in rows]),
        leverage=unknown,
        wallet_balance=unknown,
        maintenance_margin_rate=unknown,
        maintenance_amount=np.zeros(len(rows)),
        maintenance_margin=unknown,
        maintenance_on_entry=unknown,
    )


def _terms(request: dict[str, Any]) -> Terms:
    rules = catalogue()[request["venue"]].rules
    if rules.execution.price != "bankruptcy":
        raise ValueError("The example is of a venue that fills at the bankruptcy price")
    return Terms(
        rules=rules,
        depth=msgspec.convert(request["depth"], Depth),
        fund=msgspec.convert(request["fund"], Fund),
        fill_price="bankruptcy",
        lot_size=request["lot_size"],
        policy=request.get("policy", "venue"),
        maintenance_margin_rate=request["maintenance_margin_rate"],
    )
