"""What the answer advises, as a watch says it, who sends no inputs and may tell of what is no warning."""

from typing import Final

from adlrisk.watch.reading.observed import ObservedPosition

_SEND: Final = ", so send what is missing"
_URGENT: Final = "take the first action now"
_CALM: Final = "prepare the first action"


def advise(position: ObservedPosition, *, is_warning: bool) -> tuple[str, ...]:
    """The guidance and the first action; "now" is said only in warnings.

    >>> advise(ObservedPosition(symbol="X", side="long", guidance="Near: take the first action now."), is_warning=False)
    ('Near: prepare the first action.',)
    """
    guidance = position.guidance.replace(_SEND, "")
    guidance = guidance if is_warning else guidance.replace(_URGENT, _CALM)
    action = f"First action: {position.first_action}" if position.first_action else ""
    return tuple([line for line in (guidance, action) if line])
