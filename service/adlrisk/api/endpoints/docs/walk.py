"""Going through a JSON Schema: every schema in it, and nothing that only looks like one."""

from collections.abc import Callable
from typing import Any, Final

Schema = dict[str, Any]
Change = Callable[[Schema], Schema]

REF: Final = "#/components/schemas/{name}"

_OF_SCHEMAS: Final = ("anyOf", "oneOf", "prefixItems")
_OF_A_SCHEMA: Final = ("items", "additionalProperties", "propertyNames")


def refer_to(name: str) -> Schema:
    """Return the reference to a component."""
    return {"$ref": REF.format(name=name)}


def referred(schema: Schema) -> str | None:
    """Return the name of the component that a schema refers to."""
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def change_schema(schema: Schema, change: Change) -> Schema:
    """Return the schema with ``change`` applied to every schema in it, and then to itself."""
    changed: Schema = {}
    for key, part in schema.items():
        if key == "properties":
            changed[key] = {name: change_schema(property_, change) for name, property_ in part.items()}
        elif key in _OF_SCHEMAS:
            changed[key] = [change_schema(member, change) for member in part]
        elif key in _OF_A_SCHEMA and isinstance(part, dict):
            changed[key] = change_schema(part, change)
        else:
            changed[key] = part
    return change(changed)


def change_properties(schema: Schema, change: Change) -> Schema:
    """Return the schema of an object with ``change`` applied to each property, not to what is in it."""
    if "properties" not in schema:
        return schema
    return {**schema, "properties": {name: change(part) for name, part in schema["properties"].items()}}
