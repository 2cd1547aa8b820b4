"""Schemas: what requests and answers may hold, in a few words for each field."""

import json
from typing import Any, Final

from adlrisk.api.endpoints.docs.html.markup import (
    escape,
    render_inline,
    render_link,
    render_paragraphs,
    render_table,
)

Schema = dict[str, Any]
Schemas = dict[str, Schema]

_MAX_INLINE: Final = 8  # values of an enum that are said where it is used; longer lists are linked
_BOUNDS: Final = (
    ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"),
    ("minLength", "length ≥"), ("maxLength", "length ≤"), ("minItems", "at least"), ("maxItems", "at most"),
    ("format", ""),
)  # fmt: skip


def render_schema(name: str, schema: Schema, schemas: Schemas) -> str:
    """A schema of the document under its name."""
    head = f'<h3 id="{escape(name)}">{escape(name)}</h3>{render_paragraphs(schema.get("description", ""))}'
    if "properties" not in schema:
        return f"{head}<p>{_describe_parts(schema, schemas, all_values=True)}</p>"
    required = schema.get("required", [])
    rows = [
        (
            f"<code>{escape(field)}</code>{'' if field in required else ' <span class=soft>optional</span>'}",
            f"{describe_schema(part, schemas)}{_render_default(part)}",
            render_inline(find_description(part)),
        )
        for field, part in schema["properties"].items()
    ]
    return head + render_table(rows)


def describe_schema(schema: Schema, schemas: Schemas) -> str:
    """A schema in a few words: a link to a named one, or its kind with bounds; the values of a short enum."""
    if "$ref" not in schema:
        return _describe_parts(schema, schemas)
    name = schema["$ref"].rpartition("/")[2]
    named = schemas.get(name, {})
    values = named.get("enum", ())
    if 0 < len(values) <= _MAX_INLINE:
        return _render_values(values)
    if values:
        return f"{render_link(name, name)}, one of {len(values)}"
    if "oneOf" in named and "discriminator" not in named and not named.get("description"):
        return _describe_parts(named, schemas)
    return render_link(name, name)


def find_description(schema: Schema) -> str:
    """The description of a field, wherever it is in its schema; else that of its values."""
    parts = [schema, *schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    return next((part["description"] for part in parts if "description" in part), "")


def _describe_parts(schema: Schema, schemas: Schemas, *, all_values: bool = False) -> str:
    for kind in ("anyOf", "oneOf", "allOf"):
        if kind in schema:
            return _describe_choice(schema[kind], schemas) + _describe_discriminator(schema)
    if "enum" in schema and (all_values or len(schema["enum"]) <= _MAX_INLINE):
        return _render_values(schema["enum"])
    if "const" in schema:
        return _render_values([schema["const"]])
    kind = schema.get("type", "anything")
    words = escape(" or ".join(kind) if isinstance(kind, list) else kind)
    if kind == "array":
        items = describe_schema(schema.get("items") or {}, schemas)
        words += f" of ({items})" if " or " in items else f" of {items}"
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        words += f", each value {describe_schema(schema['additionalProperties'], schemas)}"
    bounds = [f"{sign}\N{NO-BREAK SPACE}{_show(schema[key])}".strip() for key, sign in _BOUNDS if key in schema]
    return ", ".join([words, *map(escape, bounds)])


def _describe_choice(parts: list[Schema], schemas: Schemas) -> str:
    """Alternatives; text beside an enum stands for its values of later versions."""
    has_enum = any("enum" in schemas.get(part.get("$ref", "").rpartition("/")[2], part) for part in parts)
    is_open = [has_enum and part == {"type": "string"} for part in parts]
    words = [
        "a newer value" if later else describe_schema(part, schemas)
        for later, part in sorted(zip(is_open, parts, strict=True), key=lambda each: each[1] == {"type": "null"})
    ]
    return " or ".join(dict.fromkeys(words))


def _describe_discriminator(schema: Schema) -> str:
    found = schema.get("discriminator", {})
    if not found:
        return ""
    told = " or ".join(f"<code>{escape(json.dumps(value))}</code>" for value in found.get("mapping", ()))
    return f", told by <code>{escape(found['propertyName'])}</code>" + (f": {told}" if told else "")


def _render_values(values: list[Any]) -> str:
    return " | ".join(f"<code>{escape(json.dumps(value))}</code>" for value in values)


def _show(bound: object) -> str:
    """A bound as short as JSON allows."""
    return f"{bound:g}".replace("e+", "e") if isinstance(bound, float) else str(bound)


def _render_default(schema: Schema) -> str:
    default = schema.get("default")
    if default in (None, [], {}) or isinstance(default, dict):
        return ""
    return f", default <code>{escape(json.dumps(default, ensure_ascii=False))}</code>"
