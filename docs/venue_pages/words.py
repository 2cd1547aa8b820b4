"""Facts of rule cards as Markdown; their words are those of the page that people look at."""

from collections.abc import Sequence

from adlrisk.domain.rules.card_words import (
    CLOSING_NOBODY,
    CONFIDENCES,
    FORMULA_TITLES,
    PRICES,
    confidence_words,
    hours_words,
    percent_words,
    ranking_words,
    scale_words,
    yes_words,
)
from venue_pages.markdown import code

__all__ = (
    "CLOSING_NOBODY",
    "CONFIDENCES",
    "FORMULA_TITLES",
    "PRICES",
    "code_list",
    "confidence_words",
    "hours_words",
    "percent_words",
    "ranking_words",
    "scale_words",
    "yes_words",
)


def code_list(values: Sequence[object]) -> str:
    """Names or values as code, with commas."""
    return ", ".join(code(value) for value in values)
