"""Layout of summaries: labelled lines of at most 100 columns, in characters that the terminal has."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

WIDTH: Final = 100
_LABEL_WIDTH: Final = 11
_ASCII: Final = str.maketrans(
    {"×": "x", "·": "*", "−": "-", "–": "-", "÷": "/", "Ⓢ": "S", "≤": "<=", "≥": ">=", "…": "..."}
)


def lay_out(heading: str, parts: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A heading and the parts under it, each a label beside its paragraphs; a part without paragraphs is left out.

    >>> print(lay_out("long 1", [("score", ["0 of 10"]), ("alerts", []), ("actions", ["1. one", "2. two"])]), end="")
    long 1
    <BLANKLINE>
    score      0 of 10
    actions    1. one
               2. two
    """
    lines = [line for label, paragraphs in parts for line in _lay_out_part(label, paragraphs)]
    return "".join(f"{line}\n" for line in (*textwrap.wrap(show(heading), WIDTH), "", *lines))


def _lay_out_part(label: str, paragraphs: Sequence[str]) -> Iterable[str]:
    for paragraph in paragraphs:
        yield from textwrap.wrap(
            show(paragraph),
            WIDTH,
            initial_indent=label.ljust(_LABEL_WIDTH),
            subsequent_indent=" " * _LABEL_WIDTH,
        )
        label = ""


def show(text: str) -> str:
    r"""Text without control characters, which would steer a terminal: ids and symbols are the client's own.

    >>> show("one\x1b[2J")
    'one\\x1b[2J'
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def fit_encodings(text: str, encodings: Iterable[str]) -> str:
    r"""The text in characters that all of ``encodings`` have: signs are spelled in ASCII, other characters escaped.

    >>> fit_encodings("17.5× of 3 – Ω", ["utf-8"]), fit_encodings("17.5× of 3 – Ω", ["utf-8", "ascii"])
    ('17.5× of 3 – Ω', '17.5x of 3 - \\u03a9')
    """
    for encoding in encodings:
        if text.encode(encoding, "replace").decode(encoding) != text:
            text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text
