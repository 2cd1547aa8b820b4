"""Answers as Structs, also those of a later version of the service.

A later version may send fields and enum values that this one does not know. An answer that its Struct does not take is
decoded again into a subclass of it whose enums are open, whose bounds are gone and whose checks are not made.
"""

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Raw, Struct, UnsetType

from adlrisk.api.http.problems import Problem

T = TypeVar("T")
Decoder = Callable[[bytes | Raw], Any]
Build = Callable[[Any], Decoder]

# Each decoder is built once, which takes 0.1 ms.
_build_json: Final[Build] = cache(lambda kind: msgspec.json.Decoder(kind).decode)
_build_msgpack: Final[Build] = cache(lambda kind: msgspec.msgpack.Decoder(kind).decode)
DECODERS: Final[dict[str, Build]] = {"application/json": _build_json, "application/msgpack": _build_msgpack}


class _Kind(Struct):
    """What tells a problem among the items of an answer from a score."""

    type: str | UnsetType = UNSET


def read_answer(content: bytes | Raw, kind: type[T], *, build: Build) -> T:
    """The answer in ``content``, by the decoders that ``build`` makes.

    Raises:
        DecodeError: it is none, even with open enums.
    """
    try:
        answer: T = build(kind)(content)
    except msgspec.ValidationError:
        return _read_later(content, kind, build=build)
    return answer


def read_items(content: bytes, kind: type[T], *, field: str, item: type, build: Build) -> T:
    """The answer in ``content``, whose ``field`` is a list of ``item`` or problems.

    Raises:
        DecodeError: it is none, even with open enums.
    """
    hashable: Any = kind  # which the type of a type does not say
    skeleton = read_answer(content, _leave_items_raw(hashable, field), build=build)
    items = [_read_item(raw, item, build=build) for raw in getattr(skeleton, field)]
    fields = {name: getattr(skeleton, name) for name in skeleton.__struct_fields__}
    return kind(**{**fields, field: items})


def _read_item(raw: Raw, kind: type, *, build: Build) -> Any:
    said = build(_Kind)(raw).type
    is_problem = isinstance(said, str) and said.startswith("/problems/")
    return read_answer(raw, Problem if is_problem else kind, build=build)


def _read_later(content: bytes | Raw, kind: type[T], *, build: Build) -> T:
    """The answer of a later version; an object that has become of a new kind as a dict."""
    try:
        answer: T = build(_open_type(kind, are_kinds_open=False))(content)
    except msgspec.ValidationError:
        answer = build(_open_type(kind, are_kinds_open=True))(content)
    return answer


@cache
def _leave_items_raw(kind: Any, field: str) -> Any:
    return msgspec.defstruct(kind.__name__, [(field, list[Raw])], bases=(kind,), frozen=True, kw_only=True)


def _open_type(kind: Any, *, are_kinds_open: bool) -> Any:
    """``kind`` without bounds and with any value in place of its enums; in place of several Structs too, if wanted."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _open_type(arguments[0], are_kinds_open=are_kinds_open)
    if origin is Literal:
        return reduce(or_, (type(value) for value in arguments))
    if origin is Union or origin is UnionType:
        if are_kinds_open and sum(_is_struct(member) for member in arguments) > 1:
            return Any
        return reduce(or_, (_open_type(member, are_kinds_open=are_kinds_open) for member in arguments))
    if origin is not None:
        opened = (part if part is ... else _open_type(part, are_kinds_open=are_kinds_open) for part in arguments)
        return origin[tuple(opened)]
    return _open_struct(kind, are_kinds_open=are_kinds_open) if _is_struct(kind) else kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


@cache
def _open_struct(kind: type[Struct], *, are_kinds_open: bool) -> type[Struct]:
    """A subclass of ``kind`` with open fields; it has its name, properties and methods."""
    return msgspec.defstruct(
        kind.__name__,
        [
            (
                field.name,
                _open_type(field.type, are_kinds_open=are_kinds_open),
                _keep_default(field),
            )
            for field in msgspec.structs.fields(kind)
        ],
        bases=(kind,),
        namespace={"__post_init__": _check_nothing},
        module=kind.__module__,
        frozen=kind.__struct_config__.frozen,
        kw_only=True,
        forbid_unknown_fields=False,
    )


def _keep_default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not NODEFAULT:
        return msgspec.field(default_factory=field.default_factory, name=field.encode_name)
    return msgspec.field(default=field.default, name=field.encode_name)


def _check_nothing(_: Struct) -> None:
    """In place of the checks of a Struct, which know the values of this version only."""
