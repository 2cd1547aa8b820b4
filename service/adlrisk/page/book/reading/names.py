"""Names of columns and fields of a book: which there are, and what an unknown one was probably meant to be."""

import difflib

from adlrisk.page.book.reading.parsed import FIELDS, shorten


def explain_unknown_name(name: str, *, what: str) -> str:
    """The sentence on a column or field that there is not, with the names that there are."""
    nearest = next(iter(difflib.get_close_matches(name[:64].lower(), FIELDS, n=1, cutoff=0.7)), None)
    meant = f"; {nearest} is probably meant" if nearest else ""
    return f"unknown {what} {shorten(name)!r}{meant}. There are: {', '.join(FIELDS)}"
