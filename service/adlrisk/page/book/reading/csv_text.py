"""A book from a CSV: columns by the names in the first line, apart by comma, semicolon or tab."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from adlrisk.page.book.reading.cell_numbers import read_number
from adlrisk.page.book.reading.names import explain_unknown_name
from adlrisk.page.book.reading.parsed import (
    FIELDS,
    MAX_ROWS,
    REQUIRED,
    BookTextError,
    ParsedBook,
    reject_too_many,
    shorten,
)

_TEXTS: Final = frozenset({"id", "side", "maintenance_basis"})
_MAX_LINES: Final = 4 * MAX_ROWS
_SEPARATORS: Final = (",", ";", "\t")
_QUOTED: Final = re.compile(r'"[^"]*"')
_FIRST_LINE: Final = re.compile(r"[^\r\n]*\S[^\r\n]*")

Record = tuple[int, list[str]]  # the line that it begins in, and its cells


def read_csv(text: str) -> ParsedBook:
    """The book in ``text``.

    Raises:
        BookTextError: it is no CSV with columns of these names, or too long.
    """
    first = _FIRST_LINE.search(text)
    if first is None:
        raise BookTextError("the book is empty: paste it, or choose a file")
    records = _read_records(text, separator=detect_separator(first[0]))
    begin = next(records, None)
    if begin is None:  # separators only
        raise BookTextError("the book has no names of columns")
    line, header = begin[0], _read_header(begin[1], line=begin[0])
    positions, lines, written = [], [], []
    for line, cells in records:
        if len(cells) != len(header):
            raise _ragged(cells, header, line=line)
        positions.append(_read_position(header, cells))
        lines.append(line)
        written.append(cells)
        reject_too_many(len(lines), line=line)
    if not positions:
        raise BookTextError("there is no position below the names of the columns", line=line)
    return ParsedBook(positions=positions, lines=lines, cells=written, header=header)


def detect_separator(first_line: str) -> str:
    r"""What separates the cells of the first line, which has the names of the columns; a comma if nothing does.

    >>> detect_separator("id;side;size"), detect_separator("id")
    (';', ',')
    """
    bare = _QUOTED.sub("", first_line)
    return max(_SEPARATORS, key=bare.count)


def _read_records(text: str, *, separator: str) -> Iterator[Record]:
    """The records that are not blank, with the line in which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(text, str(error), line=line, last=reader.line_num, separator=separator) from error
        if line > _MAX_LINES:
            raise BookTextError(f"more than {_MAX_LINES:,} lines, blank ones among them", line=line)
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _read_header(names: Sequence[str], *, line: int) -> list[str]:
    header = [name.lower() for name in names]
    if not set(header) & set(FIELDS):
        detail = f"the first line must name the columns. There are: {', '.join(FIELDS)}"
        raise BookTextError(detail, line=line)
    for column, name in enumerate(header, 1):
        if not name:
            raise BookTextError("a column without a name", line=line, column=column)
        if name not in FIELDS:
            raise BookTextError(explain_unknown_name(names[column - 1], what="column"), line=line, column=column)
        earlier = header.index(name) + 1
        if earlier < column:
            raise BookTextError(f"this is column {earlier} as well", line=line, column=column, name=name)
    for name in REQUIRED:
        if name not in header:
            raise BookTextError(f"there is no column {name}", line=line)
    return header


def _read_position(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """The fields of a position; an empty cell is a field that it lacks."""
    return {
        name: cell if name in _TEXTS else read_number(cell) for name, cell in zip(header, cells, strict=True) if cell
    }


def _ragged(cells: Sequence[str], header: Sequence[str], *, line: int) -> BookTextError:
    detail = f"{len(cells)} cells, but the first line names {len(header)} columns"
    if len(cells) < len(header):
        return BookTextError(
            f"{detail}: this one is missing", line=line, column=len(cells) + 1, name=header[len(cells)]
        )
    surplus = shorten(cells[len(header)])
    return BookTextError(f"{detail}: {surplus!r} is too much", line=line, column=len(header) + 1)


def _broken(text: str, message: str, *, line: int, last: int, separator: str) -> BookTextError:
    """The error of a record that the reader could not read, which begins in ``line`` and was given up in ``last``."""
    lines = io.StringIO(text, newline="").readlines()[line - 1 : last]
    if "expected after" in message:
        column, below = _find_stray_text(lines, separator)
        detail = "after a closing quotation mark the cell must end; inside it, two of them stand for one"
        return BookTextError(detail, line=line + below, column=column)
    cells = _read_loosely(lines, separator)
    below = sum(len(cell.splitlines()) - 1 for cell in cells[:-1] if cell)
    detail = "a quotation mark that is never closed" if "end of data" in message else "a cell that is too long"
    return BookTextError(detail, line=line + below, column=len(cells) or None)


def _find_stray_text(lines: Sequence[str], separator: str) -> tuple[int, int]:
    """Column and line below the first of what follows a closing quotation mark: in the last of ``lines``."""
    *above, last = lines
    good, bad = 0, len(last)  # lengths of the last line up to which it reads, and from which it does not
    while bad - good > 1:
        middle = (good + bad) // 2
        if _is_stray([*above, last[:middle]], separator):
            bad = middle
        else:
            good = middle
    return len(_read_loosely([*above, last[:good]], separator)), len(above)


def _is_stray(lines: Sequence[str], separator: str) -> bool:
    try:
        next(csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "expected after" in str(error)
    return False


def _read_loosely(lines: Sequence[str], separator: str) -> list[str]:
    """The cells of a broken record, the last one as far as it goes; none where even that cannot be read."""
    try:
        return next(csv.reader(lines, delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []
