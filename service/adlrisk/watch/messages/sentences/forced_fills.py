"""What is told of an ADL or a liquidation: the loudest message."""

from typing import Final

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.messages.wording import format_amount, format_contracts, format_time
from adlrisk.watch.reading.observed import ForcedFill, OversizedOrder

_HEDGE: Final = "If another position hedges this one, the hedge is now too large."
_LEFT_NOT_KNOWN: Final = (
    "The positions do not show it yet, so reduce-only orders may be too large. "
    "Another message comes if they are, or if nothing is left."
)
_ORDERS_NOT_READ: Final = "Open orders could not be read: reduce-only orders may now be too large."


def tell_forced_fill(subject: Subject, fill: ForcedFill) -> Message:
    """How much was closed and at what price, what is left, and which reduce-only orders are now too large."""
    event = _name_event(fill)
    what = ", ".join((_say_closed(fill, event), _say_left(fill.left)))
    lines = (f"By the venue's clock: {format_time(fill.at)}.", *_say_orders(fill), _HEDGE, fill.note or "")
    return subject.tell(fill.kind, "emergency", what, lines)


def tell_what_is_left(subject: Subject, fill: ForcedFill) -> Message:
    """What a fill left that was told without it, and the orders that are therefore too large."""
    what = f"{_say_left(fill.left)} after the {_name_event(fill)} of {format_time(fill.at)}"
    return subject.tell(fill.kind, "emergency", what, _say_orders(fill))


def _name_event(fill: ForcedFill) -> str:
    if fill.kind == "adl":
        return "ADL"
    # Where a venue marks both alike, the note says so.
    return "liquidation" if fill.note is None else "liquidation or ADL"


def _say_closed(fill: ForcedFill, event: str) -> str:
    size = "an unknown size" if fill.size is None else format_contracts(fill.size)
    price = "an unknown price" if fill.price is None else format_amount(fill.price)
    return f"{event} closed {size} at {price}"


def _say_left(left: float | None) -> str:
    if left is None:
        return "what is left is not known yet"
    return f"{format_contracts(left)} left now" if left else "nothing left"


def _say_orders(fill: ForcedFill) -> list[str]:
    if fill.left is None and not fill.oversized_orders:
        return [_LEFT_NOT_KNOWN]
    if fill.oversized_orders is None:
        return [_ORDERS_NOT_READ]
    if not fill.oversized_orders:
        return ["No reduce-only order that is open is larger than what is left."]
    held = {None: "how much the position has left is not known", 0.0: "of the position nothing is left"}.get(fill.left)
    rest = held or f"the position has {format_amount(fill.left or 0.0)} left"
    return ["Reduce-only orders that are now too large:"] + [
        f"the order {order.id} {_say_order(order)}; {rest}" for order in fill.oversized_orders
    ]


def _say_order(order: OversizedOrder) -> str:
    price = "at the market" if order.price is None else f"at {format_amount(order.price)}"
    return f"{order.side}s {format_amount(order.amount)} {price}"
