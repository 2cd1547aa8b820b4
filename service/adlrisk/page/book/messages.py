"""What is wrong with a form of a book: the API's words, beside the field or with the line and column of the cell."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from adlrisk.page.book.bodies import RATE, FullBook
from adlrisk.page.book.fields import BOOK, YOU, find_field, find_own_field
from adlrisk.page.book.reading.parsed import ParsedBook
from adlrisk.page.form.checking import Message
from adlrisk.page.form.fields import KEY

_UNAUTHORIZED: Final = 401
_AT_INDEX: Final = re.compile(r"at index (\d+)")


def explain_problem(problem: Mapping[str, Any], book: FullBook) -> tuple[Message, ...]:
    """The messages of a problem that the API has answered a request with this book with."""
    if problem["status"] == _UNAUTHORIZED:
        return (Message(field=KEY, detail=problem["detail"]),)
    errors = problem.get("errors") or [{"pointer": "", "detail": problem["detail"]}]
    return tuple(_explain(error["pointer"], error["detail"], book) for error in errors)


def _explain(pointer: str, detail: str, book: FullBook) -> Message:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if steps[:1] != ["positions"]:
        field = find_field(steps)
        return Message(field=field or "", detail=detail if field or not pointer else f"{pointer}: {detail}")
    if len(steps) < 2 or not steps[1].isdecimal():  # noqa: PLR2004 (the list, and a position of it)
        return Message(field=BOOK, detail=detail)
    index, name = int(steps[1]), steps[2] if len(steps) > 2 else None  # noqa: PLR2004
    if name == RATE and not _has_rate(book.parsed, index):
        return Message(field=RATE, detail=detail)
    if book.is_own_added and index == book.own_index:
        if name == "id":
            return Message(
                field=BOOK, detail=f"the id {YOU!r} is that of your position: give the one in the book another"
            )
        return Message(field=find_own_field(name or ""), detail=detail)
    place = book.parsed.locate(index, name)
    detail = _AT_INDEX.sub(lambda found: _translate(found, book), detail)
    return Message(field=BOOK, detail=": ".join(_join(place.words, place.shown, detail)))


def _has_rate(parsed: ParsedBook, index: int) -> bool:
    """Whether the position has a rate of its own in the book."""
    position = parsed.positions[index] if index < len(parsed.positions) else None
    return isinstance(position, dict) and RATE in position


def _join(words: str, shown: str | None, detail: str) -> Iterator[str]:
    """Place, cell and what is wrong with it; the API's words repeat a short cell that is no number anyway."""
    yield words
    if shown is not None and shown not in detail:
        yield f"{shown!r}"
    yield detail


def _translate(found: re.Match[str], book: FullBook) -> str:
    """The place of another position in the client's own terms."""
    index = int(found[1])
    return f"in {book.parsed.locate(index, None).words}" if index < len(book.parsed.positions) else "by yours"
