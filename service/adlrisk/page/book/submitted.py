"""What the form of a book was sent with: values of its fields, and the book as the bytes that it came in."""

from collections import Counter
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from msgspec import Struct

from adlrisk.api.http.problems import ProblemError
from adlrisk.page.book.fields import BOOK, FIELDS, FILE
from adlrisk.page.book.sample import SAMPLE_BOOK, SAMPLE_VALUES
from adlrisk.page.form.fields import KEY
from adlrisk.page.form.submitted import read_parts

SAMPLE: Final = "sample"

_MAX_PARTS: Final = 100


class SubmittedBook(Struct, frozen=True, kw_only=True):
    """The values that were filled in, none of them empty, by field, and the book's bytes, empty if there is none.

    ``repeated`` are the fields that were given more than once.
    """

    values: dict[str, str] = {}
    book: bytes = b""
    repeated: tuple[str, ...] = ()
    key: str = ""


def read_book_form(body: bytes, content_type: str) -> SubmittedBook:
    """What a form of the type multipart/form-data fills in; a file goes before a text, the sample before both.

    Raises:
        ProblemError: it cannot be parsed (400).
    """
    parts = read_parts(body, content_type, most=_MAX_PARTS)
    texts = {name: content.decode(errors="replace").strip() for name, content in parts if name not in (BOOK, FILE)}
    key = texts.get(KEY, "")
    if texts.get(SAMPLE):
        return SubmittedBook(values=dict(SAMPLE_VALUES), book=SAMPLE_BOOK.encode(), key=key)
    books = {name: content for name, content in parts if content.strip()}
    return SubmittedBook(
        values=_select(texts.items()),
        book=books.get(FILE) or books.get(BOOK) or b"",
        repeated=_find_repeated(name for name, _ in parts),
        key=key,
    )


def read_book_query(query: bytes) -> SubmittedBook:
    """What the query of an address fills in: any field but the book, so that links can choose a venue.

    Raises:
        ProblemError: there are hundreds of parameters (400).
    """
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=_MAX_PARTS)
    except ValueError as error:
        raise ProblemError("bad-request", f"The form has no more than {_MAX_PARTS} fields") from error
    return SubmittedBook(
        values=_select((name, value.strip()) for name, value in pairs),
        repeated=_find_repeated(name for name, _ in pairs),
    )


def _find_repeated(names: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(names)
    return tuple(name for name in (BOOK, FILE, *FIELDS) if counts[name] > 1)


def _select(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in pairs if name in FIELDS and value}
