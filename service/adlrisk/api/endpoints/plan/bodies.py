"""Bodies of requests as a client would write them: without the fields that have their defaults."""

from functools import cache
from typing import Any

import msgspec
from msgspec import Struct


def write_body(request: Struct) -> dict[str, Any]:
    """``request`` in plain values; what is left out has its default."""
    body: dict[str, Any] = {}
    for name, encode_name, default in _fields_of(type(request)):
        value = getattr(request, name)
        if value is not None and value != default:
            written = _write(value)
            if written != {}:
                body[encode_name] = written
    return body


@cache
def _fields_of(kind: type[Struct]) -> tuple[tuple[str, str, Any], ...]:
    """The fields of ``kind``: name, name on the wire, and default."""
    return tuple((field.name, field.encode_name, field.default) for field in msgspec.structs.fields(kind))


def _write(value: Any) -> Any:
    if isinstance(value, Struct):
        return write_body(value)
    if isinstance(value, dict):
        return {key: _write(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_write(each) for each in value]
    return value
