"""What is told of the distance to a liquidation."""

from typing import Final

from adlrisk.watch.messages.message import Message, Severity
from adlrisk.watch.messages.sentences.position_lines import say_liquidation, say_prices
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.messages.wording import format_share
from adlrisk.watch.reading.observed import ObservedPosition

# Each is told once until it was left again. Level 0: no nearer than the first.
LEVELS: Final = (0.20, 0.10, 0.05)


def tell_nearer(subject: Subject, position: ObservedPosition, *, level: int) -> Message:
    """That the liquidation price has come nearer than a level."""
    severity: Severity = "notice" if level == 1 else "warning"
    what = f"{say_liquidation(position)}, nearer than {_name(level)}"
    return subject.tell("distance", severity, what, (say_prices(position), position.guidance))


def tell_farther(subject: Subject, position: ObservedPosition, *, was: int) -> Message:
    """That a level was left: it is farther away, or no longer known."""
    if position.liquidation_distance is None:
        what = f"liquidation distance not known any more, was nearer than {_name(was)}"
        return subject.tell("distance", "notice", what, (say_prices(position),))
    what = f"{say_liquidation(position)}, was nearer than {_name(was)}"
    return subject.tell("distance", "recovery", what, (say_prices(position),))


def _name(level: int) -> str:
    return format_share(LEVELS[level - 1])
