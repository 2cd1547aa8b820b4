"""Positions and a book that the page is looked at with: a well-known one, others that are not, and a wrong one."""

import random
from typing import Final
from urllib.parse import urlencode

from adlrisk.page.examples import EXAMPLES

# Those that the page itself offers.
_IN_PROFIT, LITTLE_KNOWN, ETH_SHORT, HEDGED = EXAMPLES.values()
# That of the README, openapi/examples/score.request.json: it does not say what the margin is.
WORKED_EXAMPLE: Final = {name: value for name, value in _IN_PROFIT.items() if name != "margin_mode"}
WRONG: Final = {**WORKED_EXAMPLE, "size": "-3", "mark_price": "a lot", "adl_meter": "9"}


def address_of(fields: dict[str, str]) -> str:
    """The address of the page on this position."""
    return f"/page?{urlencode(fields)}"


def write_book(rows: int) -> str:
    """A book as CSV, the same for every run."""
    chance = random.Random(28)  # noqa: S311 (no secret)
    lines = ["id,side,size,entry_price,leverage"]
    for number in range(rows):
        side = "long" if number % 2 else "short"
        entry = round(chance.gauss(1900, 80), 2)
        lines.append(f"p{number},{side},{chance.randint(1, 400) / 10},{entry},{chance.choice((2, 5, 10, 20, 50))}")
    return "\n".join(lines) + "\n"
