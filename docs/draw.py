"""The generator of the figures in the documentation, from the examples of the OpenAPI document.

Run by ``make generated``; a test fails while a committed figure differs.
"""

from pathlib import Path

from figures.leg_taken import leg_taken
from figures.policies import policies


def figures() -> dict[str, str]:
    """The text of each figure, an SVG, by its file name."""
    return {"policies.svg": policies(), "leg-taken.svg": leg_taken()}


if __name__ == "__main__":
    for name, text in figures().items():
        Path(__file__).with_name(name).write_text(text)
