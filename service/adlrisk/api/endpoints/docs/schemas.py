"""The schemas of the OpenAPI document, from the Structs of requests and answers.

They come from msgspec itself, so bounds and unknown fields are documented exactly as they are enforced (Litestar's own
generator loses some of them, see docs/decisions). They are then given the shape that client generators understand.
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.endpoints.docs.named_parts import name_parts, open_enums
from adlrisk.api.endpoints.docs.walk import REF, change_properties, change_schema, refer_to
from adlrisk.api.endpoints.shared.fields import ALTERNATIVE_KEY, MAY_BE_LEFT_OUT
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.http.problems import Problem

Schema = dict[str, Any]

_VENUE_ID: Final = (
    "A venue in the catalogue, by its id or by the id that ccxt has for it alone. Answers have the venue's own id. "
    "More may be added."
)


def build_schemas(endpoints: Sequence[Endpoint], *, venues: Iterable[str]) -> dict[str, Schema]:
    """Return the components of the requests and answers of ``endpoints``; ``venues`` are the names of a venue."""
    bodies = [endpoint.body for endpoint in endpoints if endpoint.body]
    answers = [answer for endpoint in endpoints for answer in endpoint.answers.values()]
    sent = [kind for body in bodies for kind in (body.type, *body.item_types)]
    answered = [kind for answer in answers for kind in (answer.type, *answer.item_types)]
    structs = [
        kind
        for kind in dict.fromkeys((*sent, *answered, Problem))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ]
    _, components = msgspec.json.schema_components(structs, ref_template=REF)
    _, requests = msgspec.json.schema_components(sent, ref_template=REF)
    named: dict[str, Schema] = {
        **name_parts({name: change_schema(part, _to_json_schema) for name, part in components.items()}),
        "VenueId": _build_enum("VenueId", venues, description=_VENUE_ID),
        "ProblemSlug": _build_enum("ProblemSlug", PROBLEMS, description="The last part of a problem's `type`."),
    }
    enums = {name for name, schema in named.items() if "enum" in schema}
    schemas: dict[str, Schema] = {}
    for name, schema in named.items():
        if name in requests:
            schemas |= _split_alternatives(name, _tell_defaults(schema))
        else:
            schemas[name] = open_enums(_to_answer_schema(schema), names=enums)
    return dict(sorted(schemas.items()))


def _build_enum(name: str, values: Iterable[str], *, description: str) -> Schema:
    return {"title": name, "description": description, "type": "string", "enum": sorted(values)}


def _to_json_schema(schema: Schema) -> Schema:
    """Return the schema without what is specific to Python.

    A default of null only says that the field is optional, and the end of a string is ``$`` in JSON Schema's dialect.
    """
    converted = {key: part for key, part in schema.items() if not (key == "default" and part is None)}
    if isinstance(converted.get("pattern"), str) and converted["pattern"].endswith(r"\Z"):
        converted["pattern"] = converted["pattern"].removesuffix(r"\Z") + "$"
    if "$ref" in converted:
        converted.pop("type", None)  # the referenced schema has it
    if converted.get("multipleOf") == 1.0:
        converted = {**{key: part for key, part in converted.items() if key != "multipleOf"}, "type": "integer"}
    if "enum" in converted and all(isinstance(value, str) for value in converted["enum"]):
        converted["type"] = "string"
    if isinstance(converted.get("description"), str):
        converted["description"] = inspect.cleandoc(converted["description"])  # docstrings stay indented before 3.13
    return converted


def _to_answer_schema(schema: Schema) -> Schema:
    """Return the schema of an answer: fields with a default are always sent, and later versions may add fields.

    Optional fields of an answer are unset rather than having a default.
    """
    if "properties" not in schema:
        return schema
    required = [name for name, part in schema["properties"].items() if name in schema["required"] or "default" in part]
    kept = {key: part for key, part in schema.items() if key not in ("additionalProperties", "required")}
    return {**change_properties(kept, _drop_default), "required": required}


def _drop_default(schema: Schema) -> Schema:
    return {key: part for key, part in schema.items() if key != "default"}


def _tell_defaults(schema: Schema) -> Schema:
    """Return the schema of a request with its defaults in words.

    A field with the keyword `default` is one that a client must send, to openapi-typescript.
    """
    return change_properties(schema, _tell_default)


def _tell_default(schema: Schema) -> Schema:
    default = schema.get("default")
    told = _drop_default(schema)
    if isinstance(default, dict) or default in (None, (), []):
        return told
    shown = default if isinstance(default, str) else msgspec.json.encode(default).decode()
    return {**told, "description": f"{told['description'].removesuffix('.')}. Default: `{shown}`."}


def _split_alternatives(name: str, schema: Schema) -> dict[str, Schema]:
    """Return the component; where exactly one of some fields is needed, a choice of components with one of them each.

    Generators lose or multiply the fields of an object that has a choice of required fields beside its properties.
    """
    properties: Mapping[str, Schema] = schema.get("properties", {})
    alternatives: dict[str, list[str]] = {}
    for field, part in properties.items():
        if ALTERNATIVE_KEY in part:
            together = part[ALTERNATIVE_KEY]
            choice = together.removesuffix(MAY_BE_LEFT_OUT) if isinstance(together, str) else field
            alternatives.setdefault(choice, []).append(field)
    if not alternatives:
        return {name: schema}
    split: dict[str, Schema] = {}
    for choice, fields in alternatives.items():
        own = {
            field: {key: detail for key, detail in part.items() if key != ALTERNATIVE_KEY}
            for field, part in properties.items()
            if field in fields or ALTERNATIVE_KEY not in part
        }
        title = f"{name}With{''.join(word.capitalize() for word in choice.split('_'))}"
        needed = [field for field in fields if _is_needed(properties[field][ALTERNATIVE_KEY])]
        required = [field for field in own if field in needed or field in schema.get("required", ())]
        split[title] = {**schema, "title": title, "properties": own, "required": required}
    whole = {"title": name, "description": schema["description"], "oneOf": [refer_to(title) for title in split]}
    return {name: whole, **split}


def _is_needed(alternative: str | bool) -> bool:  # noqa: FBT001 (the value of a keyword)
    """Whether a field with this value of ``ALTERNATIVE_KEY`` must be sent where its alternative is chosen."""
    return not alternative.endswith(MAY_BE_LEFT_OUT) if isinstance(alternative, str) else alternative
