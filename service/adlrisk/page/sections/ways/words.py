"""Words of a plan: steps, scores, amounts and signals as a trader calls them."""

from collections.abc import Mapping
from typing import Any, Final

from adlrisk.page.numbers import format_number

ALL_DIGITS: Final = 12  # of amounts to be typed into an order

SIGNALS: Final = {
    "leverage": "leverage",
    "profit": "profit",
    "funding": "funding",
    "market_stress": "market stress",
    "adl_meter": "the venue's ADL meter",
}

_CLOSING: Final = {"long": "sell", "short": "buy back"}
_REOPENED: Final = "Close all and open it again at the mark price, so that profit becomes margin"
_STEPS: Final = {
    "close": "Close all: {closing} {size}",
    "reduce_size": "Close part: {closing} {size}",
    "add_margin": "Add {size} of margin",
    "hedge": "Hedge: open the opposite position of {size} elsewhere",
    "roll": f"{_REOPENED}: {{size}}",
    "roll_and_add_margin": f"{_REOPENED}; then add {{size}} of margin",
    "roll_and_reduce_size": f"{_REOPENED}, but {{size}} less",
}
_WITHOUT_AMOUNT: Final = {
    "close": "Close all",
    "reduce_size": "Close part",
    "add_margin": "Add margin",
    "hedge": "Hedge: open the opposite position elsewhere",
    "roll": "Close all and open it again at the mark price",
    "roll_and_add_margin": "Close all and open it again at the mark price with more margin",
    "roll_and_reduce_size": "Close all and open a smaller one at the mark price",
}


def describe_step(option: Mapping[str, Any], *, side: str, currency: str) -> str:
    """What to do.

    >>> describe_step({"action": "reduce_size", "amount": 4.75, "unit": "contracts"}, side="short", currency="USDT")
    'Close part: buy back 4.75 contracts'
    >>> describe_step({"action": "add_margin", "amount": None, "unit": None}, side="long", currency="USDT")
    'Add margin'
    """
    amount = option["amount"]
    if amount is None:
        return _WITHOUT_AMOUNT[option["action"]]
    unit = currency if option["unit"] == "settlement" else option["unit"]
    size = add_unit(format_number(amount, digits=ALL_DIGITS), unit)
    return _STEPS[option["action"]].format(closing=_CLOSING[side], size=size)


def add_unit(text: str, unit: str) -> str:
    """A text with its unit after it, if it has one."""
    return f"{text} {unit}" if unit else text


def is_open(figures: Mapping[str, Any]) -> bool:
    """Whether signals are unknown that may add to the score."""
    return bool(figures["score_upper"] > figures["score"])


def show_score(figures: Mapping[str, Any]) -> str:
    """The score with its upper end and band.

    >>> show_score({"score": 4, "score_upper": 6, "band": "watch"})
    '4 to 6 of 10 (watch)'
    """
    score, upper = figures["score"], figures["score_upper"]
    return f"{score if score == upper else f'{score} to {upper}'} of 10 ({figures['band']})"
