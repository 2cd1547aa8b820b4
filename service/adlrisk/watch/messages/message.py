"""Message: what is told once, to everybody who is to be told."""

from typing import Literal

from msgspec import Struct

# The kinds of events. One of the key's parts, so that a position's liquidation and its score are told apart.
Kind = Literal[
    "adl",  # a position was reduced by an ADL
    "liquidation",  # a position was liquidated, or reduced by that
    "score",  # the state of a position: ok, watch, high, or unknown (cannot be scored)
    "distance",  # the liquidation of a position or a margin account is nearer than 20, 10 or 5 %, or due
    "alert",  # an alert of the answer is raised, or no longer
    "reading",  # the account, or a part of it, cannot be read, or can be again
    "start",  # the present state, once
    "held_back",  # how many messages the budget held back
    "receiver",  # another receiver takes no messages, or takes them again
]
Severity = Literal["emergency", "warning", "notice", "recovery"]


class MessageKey(Struct, frozen=True, kw_only=True):
    """What a message is about: never its text."""

    venue: str
    account: str
    symbol: str | None = None  # None: the whole account
    side: str | None = None
    kind: Kind


class Message(Struct, frozen=True, kw_only=True):
    """One message. ``title`` is a line of its own; ``body`` may have several, and repeats nothing of it."""

    key: MessageKey
    severity: Severity
    at: float  # seconds since 1970: when it was seen, of a fill when it was
    title: str
    body: str = ""
