"""Structs of a plan: what an option costs, what the position is like after it, and orders that are then too large."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.position import Side
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.signals import SignalName

OptionName = Literal[
    "add_margin",
    "reduce_size",
    "roll",
    "close",
    "hedge",
    "roll_and_add_margin",
    "roll_and_reduce_size",
]
OrderSide = Literal["buy", "sell"]

CLOSING_SIDES: Final[dict[Side, OrderSide]] = {"long": "sell", "short": "buy"}


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A resting reduce-only order."""

    id: Annotated[str, Meta(min_length=1, max_length=64, description="The client's own id.")]
    side: Annotated[OrderSide, Meta(description="`buy` reduces a short, `sell` a long.")]
    size: Annotated[Positive, Meta(description="Contracts still to be filled.")]


class ResizedOrder(Struct, frozen=True, kw_only=True, gc=False):
    """A reduce-only order that is larger than what is left of the position."""

    id: Annotated[str, Meta(description="Id of the order.")]
    old_size: Annotated[float, Meta(description="Contracts now.")]
    new_size: Annotated[float, Meta(description="Contracts that are left to reduce; 0: cancel it.")]


class Cost(Struct, frozen=True, kw_only=True, gc=False):
    """What an option costs, settlement currency. Nothing of it is taken out of `after`."""

    margin: Annotated[
        float | None, Meta(description="To be added, and yours still; null for a hedge, whose venue decides it.")
    ]
    fees: Annotated[float, Meta(description="taker_fee · the notional at mark of every fill.")]
    slippage: Annotated[
        float | None,
        Meta(
            description="What the fills lose against the mark price; null without `depth`, where it holds less than "
            "is to be filled, and for a hedge, whose order book is another."
        ),
    ]


class Figures(Struct, frozen=True, kw_only=True, gc=False):
    """What is told of a position before and after an option: fields of its score."""

    score: Annotated[int, Meta(description="Points of the signals that fired.")]
    score_upper: Annotated[int, Meta(description="The score if every unknown signal that applies had fired.")]
    band: Band
    danger: Annotated[Danger, Meta(description="`nearer_danger.danger`: what threatens it first.")]
    effective_leverage: Annotated[
        float | None, Meta(description="`state.effective_leverage`; null when insolvent, unknown, or closed.")
    ]
    gross_leverage: Annotated[
        float | None,
        Meta(description="Of the account, for a cross leg beside others: what its leverage signal is judged by."),
    ]
    liquidation_price: Annotated[float | None, Meta(description="`state.liquidation_price`; null as there.")]
    priority: Annotated[float | None, Meta(description="`queue.priority`, the venue's ranking key; null if unknown.")]
    fifth: Annotated[
        int | None,
        Meta(
            description="The fifth of the queue that it begins in among the positions of `book`, 1 is reduced first: "
            "by the share that is reduced before it, as the venue's meter weights it, and as the first of equal keys. "
            "The venue's own meter may count its size in. Where the card has alternatives to the venue's formula, the "
            "foremost by any of them. Null without `book`, where the key is unknown, and where it is not in the queue: "
            "a loser at a venue that ranks winners only, an insolvent position, or a closed one."
        ),
    ]


class Unchangeable(Struct, frozen=True, kw_only=True, gc=False):
    """A signal that fired, and that nothing done with the position turns off but a close."""

    signal: SignalName
    reason: Annotated[str, Meta(description="Whose it is.")]


def resize_orders(orders: tuple[Order, ...], *, side: OrderSide, left: float) -> tuple[ResizedOrder, ...]:
    """The reduce-only orders on ``side`` that are larger than the ``left`` contracts, each by itself.

    >>> resize_orders((Order(id="stop", side="buy", size=10), Order(id="take", side="buy", size=4)), side="buy", left=6)
    (ResizedOrder(id='stop', old_size=10, new_size=6),)
    """
    return tuple(
        ResizedOrder(id=order.id, old_size=order.size, new_size=left)
        for order in orders
        if order.side == side and order.size > left
    )
