"""What was filled in, from the parameters of a URL or the parts of a form, whatever they are."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

import multipart
from msgspec import Struct

from adlrisk.api.http.problems import ProblemError
from adlrisk.page.form.fields import FIELDS, FORMAT, KEY

_MAX_PARAMETERS: Final = 200
_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)
_IN_ADDRESSES: Final = (*FIELDS, FORMAT)  # a key in an address would be in logs and histories: it is no field there


class Submitted(Struct, frozen=True, kw_only=True):
    """The values that were filled in, none of them empty, by field; and what is no field, or given more than once."""

    values: dict[str, str]
    unknown: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    key: str = ""
    wants_json: bool = False
    is_empty: bool = True  # no field was sent, not even an empty one


def read_query(query: bytes) -> Submitted:
    """What the query of a URL fills in; bytes that are not UTF-8 become replacement characters.

    Raises:
        ProblemError: there are hundreds of parameters (400).
    """
    try:
        pairs = parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError as error:
        raise ProblemError("bad-request", f"The form has no more than {_MAX_PARAMETERS} fields") from error
    return _collect(pairs, known=_IN_ADDRESSES)


def read_form(body: bytes, content_type: str) -> Submitted:
    """What a form of the type multipart/form-data fills in.

    Raises:
        ProblemError: it cannot be parsed, or holds a file (400).
    """
    parts = read_parts(body, content_type, most=_MAX_PARAMETERS)
    return _collect(((name, content.decode(errors="replace")) for name, content in parts), known=(*_IN_ADDRESSES, KEY))


def read_parts(body: bytes, content_type: str, *, most: int) -> list[tuple[str, bytes]]:
    """Names and contents of the parts of a form, files among them, in their order.

    Raises:
        ProblemError: it cannot be parsed, or has more than ``most`` parts (400).
    """
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ProblemError("malformed-body", "The form's Content-Type names no boundary")
    parts: list[tuple[str, bytearray]] = []
    try:
        with multipart.PushMultipartParser(boundary[1], max_segment_count=most) as parser:
            for event in parser.parse(body):
                if isinstance(event, multipart.MultipartSegment):
                    parts.append((event.name, bytearray()))
                elif event:
                    parts[-1][1].extend(event)
            parser.close()
    except multipart.MultipartError as error:
        raise ProblemError(
            "malformed-body", "The form cannot be read: it is cut off, or has too many fields"
        ) from error
    return [(name, bytes(content)) for name, content in parts]


def _collect(pairs: Iterable[tuple[str, str]], *, known: tuple[str, ...]) -> Submitted:
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value.strip())
    return Submitted(
        values={name: given[name][-1] for name in FIELDS if name in given and given[name][-1]},
        unknown=tuple(name for name in given if name not in known),
        repeated=tuple(name for name in FIELDS if len(given.get(name, ())) > 1),
        key=given.get(KEY, [""])[-1] if KEY in known else "",
        wants_json=given.get(FORMAT) == ["json"],
        is_empty=given.keys().isdisjoint(FIELDS),
    )
