"""Common moves of all marks in words, each with its direction."""

from adlrisk.domain.account.figures import CommonMove
from adlrisk.domain.position.number_format import format_percent


def describe_moves(nearest: CommonMove) -> str | None:
    """What all marks must do for a liquidation; ``None`` where no move leads to one.

    >>> describe_moves(CommonMove(falls=-0.125, rises=0.5))
    'fall by 12.5 % or rise by 50 %'
    """
    sides = (("fall", nearest.falls), ("rise", nearest.rises))
    said = [f"{verb} by {format_percent(abs(move))}" for verb, move in sides if move is not None]
    return " or ".join(said) or None
