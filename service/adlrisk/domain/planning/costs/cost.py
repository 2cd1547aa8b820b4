"""What an option costs: taker fees, and slippage against the mark price by walking a given order book."""

import math

from adlrisk.domain.planning.costs.slippage import Fill, slip
from adlrisk.domain.planning.costs.terms import Terms
from adlrisk.domain.planning.option import Cost
from adlrisk.domain.position.arithmetic import notional_value
from adlrisk.domain.position.position import Position


def cost_of(position: Position, fills: tuple[Fill, ...], terms: Terms, *, margin: float | None = 0.0) -> Cost:
    """The cost of ``fills`` in the contract of ``position``, and of ``margin`` to be added."""
    traded = math.fsum(fill.size for fill in fills) * position.contract_size
    value: float = notional_value(traded, position.mark_price, inverse=position.contract == "inverse")
    return Cost(margin=margin, fees=terms.taker_fee * value, slippage=slip(position, fills, terms))


def close_fill(position: Position, size: float) -> Fill:
    """The fill that closes ``size`` contracts."""
    return Fill(size, position.side == "long")


def open_fill(position: Position, size: float) -> Fill:
    """The fill that opens ``size`` contracts."""
    return Fill(size, position.side == "short")
