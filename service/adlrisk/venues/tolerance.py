"""Values that another version has kept: fields that this one does not know are passed over, not the whole value.

While replicas and collectors are upgraded one by one, a newer one writes what older ones read.
"""

from functools import cache
from typing import Any

from msgspec import Struct, inspect


def known_part(value: Any, kind: type[Struct]) -> Any:
    """``value``, plain as JSON has it, without the fields that Structs of ``kind`` do not have.

    >>> class Point(Struct):
    ...     x: int
    >>> known_part({"x": 1, "y": 2}, Point)
    {'x': 1}
    """
    return _known(value, _described(kind))


@cache
def _described(kind: type[Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _known(value: Any, kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _known(value, kind.type)
    if isinstance(kind, inspect.UnionType):
        for one in kind.types:
            value = _known(value, one)
        return value
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        return {name: _known(part, fields[name]) for name, part in value.items() if name in fields}
    if isinstance(kind, inspect.ListType | inspect.VarTupleType) and isinstance(value, list):
        return [_known(part, kind.item_type) for part in value]
    return value
