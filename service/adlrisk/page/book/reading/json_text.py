"""A book from JSON: a list of positions, or an object with `positions` or `columns` as in the API's requests."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from adlrisk.api.http.problems import ProblemError
from adlrisk.api.http.validation import decode_body
from adlrisk.page.book.reading.names import explain_unknown_name
from adlrisk.page.book.reading.parsed import FIELDS, BookTextError, ParsedBook, reject_too_many, shorten
from adlrisk.page.book.reading.text import find_place

_AT_BYTE: Final = re.compile(r" \(byte (\d+)\)")
_HALF: Final = re.compile(r"\\u[0-9a-fA-F]{4}")
_STRING: Final = re.compile(rb'"(?:[^"\\\\]|\\\\.)*"', re.DOTALL)
_LONG_NUMBER: Final = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]+)?")
_BEYOND: Final = "trailing characters"  # where the byte that is told is the one behind
_TRUNCATED: Final = "truncated"
_DECODER: Final = msgspec.json.Decoder()


def read_json(text: str) -> ParsedBook:
    """The book in ``text``.

    Raises:
        BookTextError: it is no JSON, no book, or too long.
    """
    content = text.encode()
    try:
        value = decode_body(_DECODER.decode, content)
    except ProblemError as error:
        raise _explain(error, content) from error
    positions = _find_positions(value)
    reject_too_many(len(positions))
    if not positions:
        raise BookTextError("there is no position in the book")
    _reject_unknown_fields(positions)
    return ParsedBook(positions=positions)


def _explain(error: ProblemError, content: bytes) -> BookTextError:
    """The error with line and column, where the decoder says at which byte it has stopped."""
    found = error.errors[0]
    if found.pointer:  # JSON, but with a number beyond the range of doubles
        detail = found.detail.rpartition(": ")[2]
        return _place(detail, content, at=_find_boundless(content))
    at_byte, half = _AT_BYTE.search(found.detail), _HALF.match(found.detail)
    if at_byte is not None:
        stopped_at = int(at_byte[1]) - (_BEYOND in found.detail)
    elif half is not None:
        alone = re.search(re.escape(half[0].encode()) + rb"(?!\\u[dD][c-fC-F])", content)
        stopped_at = alone.start() if alone else 0
    elif _TRUNCATED in found.detail:
        return _place("the JSON ends in the middle", content, at=len(content.rstrip()))
    else:
        return BookTextError(found.detail)
    return _place(_AT_BYTE.sub("", found.detail), content, at=stopped_at)


def _find_boundless(content: bytes) -> int:
    """Where the first number stands that is beyond the range of doubles."""
    bare = _STRING.sub(lambda string: b" " * len(string[0]), content)
    found = (number.start() for number in _LONG_NUMBER.finditer(bare) if math.isinf(float(number[0])))
    return next(found, 0)


def _place(detail: str, content: bytes, *, at: int) -> BookTextError:
    line, column = find_place(content[:at].decode(errors="ignore"))
    return BookTextError(detail, line=line, column=column)


def _find_positions(value: object) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise BookTextError("a book in JSON is a list of positions, or an object with positions or columns")
    if "id" in value:
        return _turn_columns(value)
    given = [name for name in ("positions", "columns") if name in value]
    others = [name for name in value if name not in given]
    if others:
        raise BookTextError(
            f"unknown field {shorten(others[0])!r} beside the book, which is positions or columns; "
            "venue and prices are fields of the form"
        )
    if len(given) != 1:
        raise BookTextError("exactly one of positions and columns is needed")
    book = value[given[0]]
    if given == ["columns"]:
        if not isinstance(book, dict):
            raise BookTextError("must be an object with an array for each field", name="columns")
        return _turn_columns(book)
    if not isinstance(book, list):
        raise BookTextError("must be an array of positions", name="positions")
    return book


def _turn_columns(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The positions of a book in columns; null is a field that a position lacks, and so is a column of null."""
    arrays = {name: array for name, array in columns.items() if array is not None}
    for name, array in arrays.items():
        if name not in FIELDS:
            raise BookTextError(explain_unknown_name(name, what="column"))
        if not isinstance(array, list):
            raise BookTextError("must be an array", name=name)
    length = len(arrays.get("id", ()))
    for name, array in arrays.items():
        if len(array) != length:
            raise BookTextError(f"has {len(array)} values, but id has {length}", name=name)
    reject_too_many(length)
    return [
        {name: array[index] for name, array in arrays.items() if array[index] is not None} for index in range(length)
    ]


def _reject_unknown_fields(positions: Sequence[Any]) -> None:
    for index, position in enumerate(positions, 1):
        for name in position if isinstance(position, dict) else ():
            if name not in FIELDS:
                raise BookTextError(explain_unknown_name(name, what="field"), name=f"position {index}")
