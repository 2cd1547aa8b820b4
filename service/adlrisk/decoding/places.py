"""Places: the types that a schema has at one, and the value that was sent there."""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from msgspec import inspect

ANY_KEY: Final = "[...]"  # a step into a map whose key the decoder does not say
MISSING: Final = object()  # a value that is not known

_MAX_PLACES: Final = 64  # whose types are remembered, for the many items of a batch with the same mistake


@lru_cache(maxsize=_MAX_PLACES)
def find_types(kind: Any, steps: tuple[str, ...]) -> tuple[inspect.Type, ...]:
    """The types that a value may have at ``steps``, names and indices, into one of the type ``kind``."""
    found = list(_list_alternatives(_describe(kind)))
    for step in steps:
        found = [each for outer in found for inner in _step_into(outer, step) for each in _list_alternatives(inner)]
    return tuple(found)


def list_key_types(types: Sequence[inspect.Type]) -> list[inspect.Type]:
    """The types that a key may have, of the maps among ``types``."""
    maps = [found for found in types if isinstance(found, inspect.DictType)]
    return [key for found in maps for key in _list_alternatives(found.key_type)]


def find_value(request: Any, steps: Sequence[str]) -> object:
    """The value at ``steps`` into a request; ``MISSING`` if there is none."""
    value = request
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


@cache
def _describe(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)  # takes half a millisecond


def _list_alternatives(kind: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.Metadata):
        yield from _list_alternatives(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _list_alternatives(each)
    else:
        yield kind


def _step_into(kind: inspect.Type, step: str) -> list[inspect.Type]:
    if isinstance(kind, inspect.StructType):
        if step == kind.tag_field:
            return [inspect.LiteralType(values=(kind.tag,))]
        return [field.type for field in kind.fields if field.encode_name == step]
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        return [kind.item_type]
    return [kind.value_type] if isinstance(kind, inspect.DictType) else []
