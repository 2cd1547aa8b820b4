"""What the budget held back, and the one message that says so."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.watch.messages.message import Message, MessageKey
from adlrisk.watch.messages.wording import format_time, list_words, name_account, name_position, put_in_line

_MOST_SUBJECTS: Final = 10  # that are named
_KINDS: Final = ("distance", "score", "alert", "reading", "start")  # the most pressing first


class HeldBack(Struct, frozen=True, kw_only=True):
    """How many messages about one thing were held back, and whether one of them was a warning."""

    key: MessageKey
    count: int
    is_warning: bool


def tell_held_back(
    held: Sequence[HeldBack], *, since: float, at: float, per_minute: int, standing: Sequence[str]
) -> Message:
    """How many messages were held back, about what, and how the accounts stand now.

    Its key names no account: it is about all of them.
    """
    count = sum(each.count for each in held)
    about = list_words([_name(each) for each in sorted(held, key=_order)], most=_MOST_SUBJECTS)
    lines = (
        f"More than {per_minute} a minute came since {format_time(since)}. Not sent: {about}.",
        "How it stands now:" if standing else "",
        *standing,
    )
    return Message(
        key=MessageKey(venue="", account="", kind="held_back"),
        severity="warning" if any(each.is_warning for each in held) else "notice",
        at=at,
        title=f"{count} message{'' if count == 1 else 's'} held back",
        body="\n".join([line for line in lines if line]),
    )


def _order(held: HeldBack) -> tuple[bool, int, int]:
    """The worst first: what had a warning, and of these what is about a liquidation before what is about a score."""
    kind = held.key.kind
    return not held.is_warning, _KINDS.index(kind) if kind in _KINDS else len(_KINDS), -held.count


def _name(held: HeldBack) -> str:
    key = held.key
    position = () if key.symbol is None else (name_position(key.symbol, key.side),)
    named = " ".join((name_account(key.venue, key.account), *position, key.kind))
    return put_in_line(named if held.count == 1 else f"{named} ({held.count})")
