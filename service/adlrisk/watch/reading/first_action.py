"""The first action of an answer, its most useful one, as a sentence."""

from adlrisk.domain.scoring.advice.action import Action


def describe_action(action: Action) -> str:
    """What to do, with the first sentence of why, which has the amount where there is one.

    >>> describe_action(Action(action="add_margin", applies_to=(), reason="Adding 5 USDT of margin helps. See there."))
    'Add margin: adding 5 USDT of margin helps.'
    """
    first, end, _ = action.reason.partition(". ")
    why = f"{first}." if end else first
    return f"{action.action.replace('_', ' ').capitalize()}: {_uncapitalize(why)}"


def _uncapitalize(sentence: str) -> str:
    """The sentence as it goes on after a colon; what begins with an abbreviation stays."""
    return sentence if sentence[:2].isupper() else f"{sentence[:1].lower()}{sentence[1:]}"
