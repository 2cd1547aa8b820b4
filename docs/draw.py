"""The generator of the figures in the documentation, from the examples of the OpenAPI document.

Run by ``make generated``; a test fails while a committed figure differs.
"""

from pathlib import Path

from figures.chain.adl import adl
from figures.chain.due import due
from figures.chain.exposure import exposure
from figures.chain.fund import fund
from figures.chain.order_book import order_book
from figures.leg_taken import leg_taken
from figures.policies import policies


def figures() -> dict[str, str]:
    """The text of each figure, an SVG, by its file name."""
    return {
        "policies.svg": policies(),
        "leg-taken.svg": leg_taken(),
        "chain-due.svg": due(),
        "chain-order-book.svg": order_book(),
        "chain-fund.svg": fund(),
        "chain-adl.svg": adl(),
        "chain-exposure.svg": exposure(),
    }


if __name__ == "__main__":
    for name, text in figures().items():
        Path(__file__).with_name(name).write_text(text)
