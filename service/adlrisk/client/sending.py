"""Requests as plain values: what callers in Python may give, without what was left out.

A Struct's fields that have their default are left out, so that a service that does not know a field yet takes the
requests that do not use it.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, UNSET, Struct

from adlrisk.api.endpoints.shared.fields import to_text
from adlrisk.client.errors import UnsendableError
from adlrisk.plain_values import to_plain_value

_AS_IT_IS: Final = (str, bool, type(None))
_NUMBERS: Final = (float, int)
_LARGEST_INTEGER: Final = 2**63 - 1


class _RefusedValueError(Exception):
    """A value that cannot be sent; the path to it grows on the way out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.path: list[str] = []


def to_plain(fields: Mapping[str, Any]) -> Any:
    """``fields`` of a request in dicts, lists, texts, numbers and flags.

    Raises:
        UnsendableError: there is something else among them, or a number that is not finite; the message says where.
    """
    try:
        return _convert(fields)
    except _RefusedValueError as error:
        raise UnsendableError(f"/{'/'.join(reversed(error.path))}: {error}") from error.__cause__
    except RecursionError as error:
        raise UnsendableError("the request is nested too deeply") from error


def _convert(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind in _NUMBERS:
        return _require_sendable(value)
    if isinstance(value, Struct):
        return _convert_fields(_list_given(value))
    if isinstance(value, Mapping):
        return _convert_fields(value)
    if isinstance(value, list | tuple):
        return _convert_items(value)
    return _convert_foreign(value)


def _convert_fields(fields: Mapping[Any, Any]) -> dict[str, Any]:
    converted = {}
    name: Any = ""
    try:
        for name, value in fields.items():
            if value is not UNSET:
                converted[_require_text(name)] = _convert(value)
    except _RefusedValueError as error:
        error.path.append(str(name))
        raise
    return converted


def _convert_items(items: Sequence[Any]) -> list[Any]:
    converted: list[Any] = []
    try:
        for item in items:
            converted.append(_convert(item))  # noqa: PERF401 (its length says where it stopped)
    except _RefusedValueError as error:
        error.path.append(str(len(converted)))
        raise
    return converted


def _convert_foreign(value: Any) -> Any:
    """The time, or the value of another library, as a plain one."""
    try:
        if isinstance(value, datetime):
            return to_text("as_of", value)
        plain = to_plain_value(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _RefusedValueError(str(error)) from error
    return _convert_items(plain) if isinstance(plain, list) else _convert(plain)


def _list_given(struct: Struct) -> dict[str, Any]:
    """The fields of ``struct`` by their names on the wire, without those that have their default."""
    given = {}
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        default = field.default if field.default_factory is NODEFAULT else field.default_factory()
        # An array of numpy has no single answer to whether it equals something.
        if value is not default and not (type(value) is type(default) and value == default):
            given[field.encode_name] = value
    return given


def _require_sendable(number: float) -> float:
    if isinstance(number, int):
        if abs(number) > _LARGEST_INTEGER:
            raise _RefusedValueError("an integer of more than 64 bits")
    elif not math.isfinite(number):
        raise _RefusedValueError(f"{number} is no number that can be sent; leave out what is not known")
    return number


def _require_text(name: Any) -> str:
    if not isinstance(name, str):
        raise _RefusedValueError("a field has a name that is no text")
    return name
