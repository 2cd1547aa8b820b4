"""The forced fill of an ADL in words: its price and its other terms, from the card of the venue."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from adlrisk.domain.rules.card_words import CLOSING_NOBODY

FillRule = Literal["bankruptcy", "mark", "unknown", "nobody", "unread"]

_ORDERS: Final = {
    True: "Your open orders in the contract are cancelled.",
    False: "Your open orders stay: one that reduces the position may then be too large.",
    None: "Whether your open orders are cancelled is unknown.",
}
_FEES: Final = {
    "none": "The forced fill carries no fee.",
    "maker": "The forced fill carries the fee of a maker.",
    "taker": "The forced fill carries the fee of a taker.",
    "unknown": "Which fee the forced fill carries is unknown.",
}
_PARTS: Final = {
    True: "A position can be closed in part.",
    False: "A position is closed whole, never in part.",
    None: "Whether a position can be closed in part is unknown.",
}


def find_fill_rule(card: Mapping[str, Any] | None) -> FillRule:
    """The rule of the price that an ADL fills at; ``unread`` without a card.

    >>> find_fill_rule({"mechanism": "queue", "execution": {"price": "mark"}}), find_fill_rule(None)
    ('mark', 'unread')
    """
    if card is None:
        return "unread"
    if card["mechanism"] in CLOSING_NOBODY:
        return "nobody"
    rule: FillRule = card["execution"]["price"]
    return rule


def list_terms(card: Mapping[str, Any]) -> Iterator[str]:
    """Everything else that is known of the fill, and what is not, a sentence each."""
    terms = card["execution"]
    yield _PARTS[terms["partial"]]
    yield _ORDERS[terms["cancels_orders"]]
    yield _FEES[terms["fee"]]
    if terms["note"] is not None:
        yield terms["note"]
