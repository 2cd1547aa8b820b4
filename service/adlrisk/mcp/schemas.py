"""JSON Schemas of tools, from the Structs of the API: small, and without references, which not every client follows.

What the schema of a request leaves out (bounds far away from any position, patterns, the second sentence of a
description) is checked all the same, with the words of the API.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE

Schema = dict[str, Any]

_REF: Final = "#/{name}"
_VENUE: Final = "VenueId"  # a component of the OpenAPI document, with the venues of a catalogue
_VENUE_ID: Final[Schema] = {"type": "string"}
_VENUE_WORDS: Final = "Venue id, such as binance, bybit, okx or hyperliquid, or generic where there is no card of it."
_BOUNDS: Final = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
_LEFT_OUT: Final = (
    "title",
    "pattern",
    "x-alternative",
    "format",
    "minLength",
    "maxLength",
    "minItems",
    "propertyNames",
)
_FIRST_SENTENCE: Final = re.compile(r"(.+?[.;])(?:\s|\Z)")


def build_input_schema(request: type, *, without: Collection[str] = ()) -> Schema:
    """The schema of a request, with a description for each field where it first occurs.

    ``without`` are fields that are for programs, at whatever depth.
    """
    schema, components = _find_components(request)
    return _Inputs(components, without).resolve(schema)


def build_output_schema(answer: type, *, depth: int) -> Schema:
    """The schema of an answer to the given ``depth`` of objects: names and types, open to what later versions add."""
    schema, components = _find_components(answer)
    properties = _follow(schema, components)["properties"]
    # A field that may be left out of an answer has no default, the others are always sent.
    needed = _follow(schema, components).get("required", ())
    required = [name for name, part in properties.items() if name in needed or "default" in part]
    return {**_shorten_answer(schema, components, depth), "required": required}


def _find_components(kind: type) -> tuple[Schema, Mapping[str, Schema]]:
    (schema,), components = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema, components


def _is_venue(schema: Schema) -> bool:
    return bool(schema.get("$ref", "").endswith(f"/{_VENUE}"))


def _follow(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """The component that ``schema`` refers to, or itself."""
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    return _VENUE_ID if name == _VENUE else _follow(components.get(name, {"type": "object"}), components)


class _Inputs:
    """The schemas of one request."""

    def __init__(self, components: Mapping[str, Schema], without: Collection[str]) -> None:
        self._components = components
        self._without = without
        self._described: set[str] = set()

    def resolve(self, schema: Schema) -> Schema:
        """The schema with all that it refers to in it."""
        description = _VENUE_WORDS if _is_venue(schema) else schema.get("description", "")
        followed = _follow(schema, self._components)
        resolved: Schema = {}
        if description and description not in self._described:
            self._described.add(description)
            resolved["description"] = _first_sentence(description)
        for key, part in followed.items():
            if key not in _LEFT_OUT and key != "description" and not _says_nothing(key, part):
                self._put(resolved, key, part)
        return resolved

    def _put(self, resolved: Schema, key: str, part: Any) -> None:
        if key == "properties":
            resolved[key] = {name: self.resolve(each) for name, each in part.items() if name not in self._without}
        elif key in ("anyOf", "oneOf"):
            # A field that may be null may be left out as well.
            choices = [self.resolve(choice) for choice in part if choice.get("type") != "null"]
            resolved.update({key: choices} if len(choices) > 1 else choices[0])
        elif key in ("items", "additionalProperties") and isinstance(part, dict):
            resolved[key] = self.resolve(part)
        elif key in _BOUNDS and part == SMALLEST_POSITIVE:
            resolved["exclusiveMinimum"] = 0
        elif key == "multipleOf" and part == 1.0:
            resolved["type"] = "integer"
        else:
            resolved[key] = part


def _says_nothing(key: str, part: Any) -> bool:
    return (
        (key == "default" and part in (None, (), [], {}))
        or (key == "required" and not part)
        or (key in _BOUNDS and abs(part) >= LARGEST)
    )


def _first_sentence(description: str) -> str:
    text = " ".join(description.split())
    found = _FIRST_SENTENCE.match(text)
    return (found[1] if found else text).rstrip(".;")


def _shorten_answer(schema: Schema, components: Mapping[str, Schema], depth: int) -> Schema:
    schema = _follow(schema, components)
    choices: list[Schema] = schema.get("anyOf", [])
    if choices:
        return _join([_shorten_answer(choice, components, depth) for choice in choices])
    kind = schema.get("type")
    if "enum" in schema or kind is None:  # enums of answers may grow; a choice of objects stays open
        return {"type": "string"} if "enum" in schema else {}
    shortened: Schema = {"type": kind}
    if kind == "object" and "properties" in schema and depth:
        shortened["properties"] = {
            name: _shorten_answer(part, components, depth - 1) for name, part in schema["properties"].items()
        }
    elif kind == "array" and isinstance(schema.get("items"), dict):
        shortened["items"] = _shorten_answer(schema["items"], components, depth)
    return shortened


def _join(choices: list[Schema]) -> Schema:
    """One schema for a value that may be null, else any of ``choices``."""
    if not all("type" in choice for choice in choices):
        return {}
    kinds: dict[str, None] = {}
    for choice in choices:
        kinds |= dict.fromkeys([choice["type"]] if isinstance(choice["type"], str) else choice["type"])
    others = [choice for choice in choices if choice["type"] != "null"]
    kept = others[0] if len(others) == 1 else {}
    return {**kept, "type": list(kinds) if len(kinds) > 1 else next(iter(kinds))}
