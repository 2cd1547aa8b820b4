"""What is told of the distance of a position to its liquidation."""

from typing import Final

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.levels import DUE, name_level, weigh_level
from adlrisk.watch.messages.sentences.position_lines import say_liquidation, say_prices
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import ObservedPosition

_HELP: Final = "More margin moves the liquidation price away; a smaller position has less to lose."


def tell_nearer(subject: Subject, position: ObservedPosition, *, level: int) -> Message:
    """That the liquidation price has come nearer than a level, or that liquidation is due."""
    passed = "" if level == DUE else f", {name_level(level)}"
    what = f"{say_liquidation(position)}{passed}"
    return subject.tell("distance", weigh_level(level), what, (say_prices(position), _HELP))


def tell_farther(subject: Subject, position: ObservedPosition, *, level: int, was: int) -> Message:
    """That a level was left: it is farther away, which may be nearer than another, or no longer known."""
    if position.liquidation_distance is None:
        what = f"liquidation distance not known any more, was {name_level(was)}"
        return subject.tell("distance", "notice", what, (say_prices(position),))
    still = f", still {name_level(level)}" if level else ""
    what = f"{say_liquidation(position)}, was {name_level(was)}{still}"
    return subject.tell("distance", "recovery", what, (say_prices(position),))
