"""What is told of a margin account: how far all marks may move together until it is liquidated."""

from typing import Final

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.levels import DUE, format_distance, name_level, weigh_level
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import ObservedAccount

_HELP: Final = "More margin in the account, or smaller positions, moves it away."
_WHAT: Final = "It counts a move of all cross positions' marks together; each position's own price may be farther away."


def name_margin(name: str) -> str:
    """What stands for its positions in a message's key.

    >>> name_margin("USDT")
    'account USDT'
    """
    return f"account {name}"


def say_move(account: ObservedAccount) -> str:
    """How far it is; empty if that is not known.

    >>> say_move(ObservedAccount(name="USDT", distance=0.07, direction="fall"))
    'all marks together may fall by 7 % until it is liquidated'
    """
    if account.distance is None:
        return ""
    if account.distance <= 0.0:
        return "liquidation due"
    move = f"{account.direction or 'move'} by {format_distance(account.distance)}"
    return f"all marks together may {move} until it is liquidated"


def tell_account_nearer(subject: Subject, account: ObservedAccount, *, level: int) -> Message:
    """That the account is nearer to its liquidation than a level, or that it is due."""
    passed = "" if level == DUE else f", {name_level(level)}"
    return subject.tell("distance", weigh_level(level), f"{say_move(account)}{passed}", (_WHAT, _HELP))


def tell_account_farther(subject: Subject, account: ObservedAccount, *, level: int, was: int) -> Message:
    """That a level was left, or that the distance is no longer known."""
    if account.distance is None:
        what = f"distance to its liquidation not known any more, was {name_level(was)}"
        return subject.tell("distance", "notice", what)
    still = f", still {name_level(level)}" if level else ""
    return subject.tell("distance", "recovery", f"{say_move(account)}, was {name_level(was)}{still}")
