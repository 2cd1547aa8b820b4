"""Prices as values of one contract, in which linear and inverse contracts follow the same formulas.

The value of a price is the price itself where a contract is linear, and minus its reciprocal where it is inverse. A
long of one contract gains the value of the mark less the value at entry, settlement currency for each unit of
``contract_size``; so bankruptcy prices, costs and means are sums and differences of values. A price out of reach (not
above 0) stays a number as a value.
"""

from typing import TYPE_CHECKING

from adlrisk.domain.position.arithmetic import Numbers
from adlrisk.domain.position.position import Contract

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Floats


def value_of(price: Numbers, contract: Contract) -> Numbers:
    """The value of ``price``."""
    return price if contract == "linear" else -1.0 / price


def price_of(value: float, contract: Contract) -> float | None:
    """The price of ``value``; ``None`` if it is out of reach."""
    if contract == "linear":
        return value if value > 0.0 else None
    return -1.0 / value if value < 0.0 else None


def offset_prices(mark_price: float, offsets: "Floats", *, below: bool) -> "Floats":
    """The prices of an order book's levels at ``offsets`` of the mark price."""
    return mark_price * (1.0 - offsets if below else 1.0 + offsets)
