"""Facts of rule cards in words: what the values of a card's fields mean to a reader."""

from collections.abc import Sequence
from typing import Final

from adlrisk.domain.rules.formulas import Confidence

FORMULA_TITLES: Final = {
    "pnl_leverage": "profit × leverage",
    "pnl_over_margin_ratio": "profit ÷ margin ratio",
    "profit_times_margin_ratio": "profit over balance × margin ratio",
    "price_ratio_leverage": "price ratio × leverage",
    "value_ratio_leverage": "price ratio × entry leverage",
    "pnl_over_equity": "profit over equity",
}

WITHOUT_FORMULA: Final[dict[str, str]] = {
    "queue": "a queue, no formula",
    "random": "at random",
    "keeper": "a keeper chooses",
    "socialised": "the loss is shared",
    "none": "no ADL",
    "unknown": "unknown",
}

CLOSING_NOBODY: Final = ("socialised", "none")  # mechanisms under which no position is closed by force

CONFIDENCES: Final[dict[Confidence, str]] = {
    "documented": "the venue says so itself",
    "secondary": "from copies of its text, or from what others found out",
    "inferred": "follows from what is documented",
    "approximation": "the venue names what counts, and not the formula",
    "disputed": "good sources contradict each other",
}

PRICES: Final = {"bankruptcy": "bankruptcy price", "mark": "mark price", "unknown": "unknown"}


def ranking_words(mechanism: str, formula: str | None) -> str:
    """By what the venue closes first; a word that there is no more, in a card of before, stands for itself."""
    if formula is None:
        return WITHOUT_FORMULA.get(mechanism, mechanism)
    return FORMULA_TITLES.get(formula, formula)


def confidence_words(confidence: str | None) -> str:
    """How well something is known."""
    return confidence or "not known"


def no_meter_words(mechanism: str) -> str:
    """What is said where no meter is known: a venue without a queue has none."""
    return "none known" if mechanism in ("queue", "unknown") else "none"


def scale_words(levels: Sequence[int] | None) -> str:
    """The readings of a meter at both ends of the queue; ``None`` for a fraction."""
    first, last = (1, 0) if levels is None else (levels[0], levels[-1])
    return f"{first} first, {last} last"


def yes_words(answer: bool | None) -> str:  # noqa: FBT001 (a value of a card)
    """Yes, no or unknown."""
    return "unknown" if answer is None else "yes" if answer else "no"


def percent_words(fraction: float) -> str:
    """A fraction as a percentage."""
    return f"{100.0 * fraction:.10g} %".replace("-", "−")


def hours_words(hours: float | None) -> str:
    """A number of hours."""
    return "unknown" if hours is None else f"{hours:g} h"
