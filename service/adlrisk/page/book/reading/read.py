"""A book from what was pasted or uploaded, whichever of the formats it is in."""

from adlrisk.page.book.reading.csv_text import read_csv
from adlrisk.page.book.reading.json_text import read_json
from adlrisk.page.book.reading.parsed import ParsedBook


def read_book_text(text: str) -> ParsedBook:
    """The book in ``text``: JSON where it begins like it, else a CSV.

    Raises:
        BookTextError: it is no book; it says in which line and column.
    """
    return read_json(text) if text.lstrip()[:1] in ("[", "{") else read_csv(text)
