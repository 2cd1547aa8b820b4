"""Values before and after a change as the audit log shows them: whole if small, else what differs."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from adlrisk.venues.changes import FieldChange

_MAX_VALUE_BYTES: Final = 1000  # of one value in a line, which readers of logs cut off beyond some size
# What ends a line for some readers, or commands a terminal: whoever may write records chooses texts in them.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def show_change(change: FieldChange) -> dict[str, Any]:
    """A changed field with its values, control characters escaped; without ``old`` where that is not known.

    If one of two values is large, each is shown by size and digest, and a list with the elements that the other lacks.
    """
    values = {"old": change.old, "new": change.new}
    known = {name: value for name, value in values.items() if value is not UNSET}
    if all(len(msgspec.json.encode(value)) <= _MAX_VALUE_BYTES for value in known.values()):
        return {"field": change.field, **{name: _escape(value) for name, value in known.items()}}
    others = {"old": change.new, "new": known.get("old")}
    return {"field": change.field, **{name: _summarize(value, others[name]) for name, value in known.items()}}


def _summarize(value: Any, other: Any) -> Any:
    """What identifies a large value, and of a list what ``other`` lacks; none is none."""
    if value is None:
        return None
    content = msgspec.json.encode(value)
    identity = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    if not isinstance(value, list | tuple):
        return identity
    differing = _find_differing(value, other if isinstance(other, list | tuple) else ())
    shown = _take_fitting(differing)
    return {"elements": len(value), "differing": shown, "left_out": len(differing) - len(shown), **identity}


def _find_differing(one: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """The elements of ``one`` that ``other`` lacks, or has less often, in their order."""
    there = Counter(map(msgspec.json.encode, other))
    differing = []
    for element in one:
        content = msgspec.json.encode(element)
        if there[content]:
            there[content] -= 1
        else:
            differing.append(element)
    return differing


def _take_fitting(elements: Sequence[Any]) -> list[Any]:
    """The first of ``elements``, as many as a line has room for."""
    room, taken = _MAX_VALUE_BYTES, []
    for element in elements:
        room -= len(msgspec.json.encode(element))
        if room < 0:
            break
        taken.append(_escape(element))
    return taken


def _escape(value: Any) -> Any:
    if isinstance(value, str):
        return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, Mapping):
        return {name: _escape(part) for name, part in value.items()}
    return [_escape(part) for part in value] if isinstance(value, list | tuple) else value
