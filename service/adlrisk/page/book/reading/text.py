"""The text of a book from its bytes: UTF-8 with or without a byte order mark, nothing that is no text."""

import re
from typing import Final

from adlrisk.page.book.reading.parsed import BookTextError

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def read_text(content: bytes) -> str:
    """Decode the bytes of a file.

    Raises:
        BookTextError: they are not UTF-8, or have control characters.
    """
    if content.startswith(_UTF_16):
        raise BookTextError("the file is in UTF-16: save it as UTF-8", line=1)
    content = content.removeprefix(_BOM)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line, column = find_place(content[: error.start].decode())
        detail = f"byte {content[error.start]:#04x} is not UTF-8: save the file as UTF-8"
        raise BookTextError(detail, line=line, column=column) from error
    reject_control_characters(text)
    return text


def reject_control_characters(text: str) -> None:
    """Refuse what is no text, such as the bytes of a spreadsheet's own format.

    Raises:
        BookTextError: there is a control character.
    """
    found = _NO_TEXT.search(text)
    if found is not None:
        line, column = find_place(text[: found.start()])
        detail = f"control character U+{ord(found[0]):04X}: send a plain CSV or JSON text"
        raise BookTextError(detail, line=line, column=column)


def find_place(before: str) -> tuple[int, int]:
    r"""Line and column, from 1, of what follows ``before``.

    >>> find_place("id,side\r\na,")
    (2, 3)
    """
    line, start = 1, 0
    for end in _LINE_END.finditer(before):
        line, start = line + 1, end.end()
    return line, len(before) - start + 1
