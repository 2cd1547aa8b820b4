"""Bodies of requests as a client would write them: without the fields that have their defaults."""

from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct


def write_body(request: Struct) -> dict[str, Any]:
    """``request`` in plain values; what is left out has its default."""
    body: dict[str, Any] = {}
    for field in msgspec.structs.fields(request):
        value = getattr(request, field.name)
        if field.default is NODEFAULT or value != field.default:
            body[field.encode_name] = _write(value)
    return {name: value for name, value in body.items() if value not in ({}, None)}


def _write(value: Any) -> Any:
    if isinstance(value, Struct):
        return write_body(value)
    if isinstance(value, dict):
        return {key: _write(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_write(each) for each in value]
    return value
