"""Dropping of unknown fields of stored values.

During a rolling upgrade, older replicas and collectors read what newer ones write, and must not reject it.
"""

from functools import cache
from typing import Any

from msgspec import Struct, inspect


def drop_unknown_fields(value: Any, kind: type[Struct]) -> Any:
    """``value``, as decoded from JSON, without the fields that Structs of ``kind`` do not have.

    >>> class Point(Struct):
    ...     x: int
    >>> drop_unknown_fields({"x": 1, "y": 2}, Point)
    {'x': 1}
    """
    return _drop_unknown(value, _type_info(kind))


@cache
def _type_info(kind: type[Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _drop_unknown(value: Any, kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _drop_unknown(value, kind.type)
    if isinstance(kind, inspect.UnionType):
        for one in kind.types:
            value = _drop_unknown(value, one)
        return value
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        return {name: _drop_unknown(part, fields[name]) for name, part in value.items() if name in fields}
    if isinstance(kind, inspect.ListType | inspect.VarTupleType) and isinstance(value, list):
        return [_drop_unknown(part, kind.item_type) for part in value]
    return value
