"""Reasons: the decoder's messages taken apart, into the place at which it stopped and its account of why."""

import re
from typing import Final, NamedTuple

from adlrisk.decoding.places import ANY_KEY

UNKNOWN_FIELD: Final = "unknown field"
REQUIRED: Final = "required, but missing"

_MAX_NAME: Final = 64  # of an unknown field that is shown in an answer
# Some messages quote the client's own text, so each is matched at its start and end.
_LOCATED: Final = re.compile(r"(?P<what>.*) - at (?P<key>`key` in )?`(?P<at>\$[A-Za-z0-9_.\[\]]*)`\Z", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_NAMED_FIELD: Final = re.compile(r"(?P<kind>[A-Z][a-z ]*) field `(?P<name>\w+)`(?P<rest>.*)\Z", re.DOTALL)
_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|(\[\.\.\.\])")


class Reason(NamedTuple):
    """Why something cannot be decoded, and where."""

    steps: tuple[str, ...]
    account: str  # the decoder's own, of a value; or one of the constants above; or a sentence of the Struct itself
    of_key: bool = False  # of the map at ``steps``


def read_reason(message: str) -> Reason:
    """The reason that a message of the decoder gives.

    >>> read_reason("Expected `float`, got `str` - at `$.position.size`")
    Reason(steps=('position', 'size'), account='Expected `float`, got `str`', of_key=False)
    """
    located = _LOCATED.match(message)
    what, at = (located["what"], located["at"]) if located else (message, "")
    steps = tuple(name or index or ANY_KEY for name, index, _ in _PATH_STEP.findall(at))
    if what.startswith("Expected `"):  # it may hold a pattern, which may look like anything
        return Reason(steps, what, of_key=located is not None and located["key"] is not None)
    if unknown := _UNKNOWN.match(what):
        return Reason((*steps, unknown["name"][:_MAX_NAME]), UNKNOWN_FIELD)
    named = _NAMED_FIELD.match(what)
    if named is None:
        return Reason(steps, what)
    missing = named["kind"] == "Object missing required"
    return Reason((*steps, named["name"]), REQUIRED + named["rest"] if missing else named["rest"].removeprefix(": "))
