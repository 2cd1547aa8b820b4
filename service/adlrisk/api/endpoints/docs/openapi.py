"""``GET /openapi.json``: the OpenAPI 3.1 document, generated from the route table and its Structs.

Schemas come from msgspec itself, so bounds and unknown fields are documented exactly as they are enforced (Litestar's
own generator loses some of them, see docs/decisions).
"""

import inspect
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Reply
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, NOT_MODIFIED, revalidate
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, Problem
from adlrisk.api.limits.api_keys import Access

_REF: Final = "#/components/schemas/{name}"
_BODY_PROBLEMS: Final = (
    "malformed-body",
    "invalid-request",
    "body-too-slow",
    "body-too-large",
    "unsupported-media-type",
)
_KEY_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key in a header."},
}
_ACCESS_PROBLEMS: Final[dict[Access, tuple[str, ...]]] = {
    "open": (),
    "read": ("unauthorized",),
    "write": ("unauthorized", "forbidden", "writing-disabled"),
    "admin": ("unauthorized", "forbidden", "writing-disabled"),
}
_CODING_HEADERS: Final = {
    "Content-Encoding": "`gzip` or `zstd`, if the answer is large and `Accept-Encoding` accepts it."
}
_INTRODUCTION: Final = (
    "Scores the risk that an exchange auto-deleverages (ADL) a perpetual-futures position, ranks positions in the "
    "venue's ADL queue, and recommends actions. A score counts conditions of an ADL that are met, two points each, so "
    "it is always even; it is not a probability: 8 of 10 is not 80 %. Risk information, not investment advice."
    "\n\nBodies are JSON or MessagePack, always an object; if a key is sent twice, the last one counts. Ratios are "
    "fractions (0.03 is 3 %), times are ISO 8601 with a UTC offset, amounts are in the contract's settlement "
    "currency, prices in quote currency. Undefined values are `null`; an unknown risk is never counted as low. "
    "Numbers are at most 1e15 in magnitude. Every POST is a pure function of its request, the venue's revision, "
    "`as_of` and the market record it shows, if any, so it is safe to retry. Changes to this interface are additive: "
    "new fields and new enum values may appear."
    "\n\nLarge answers come in gzip or zstd if `Accept-Encoding` accepts one; a single score never does. The bodies of "
    "batches, accounts and books may be sent in gzip or zstd, with `Content-Encoding`."
    "\n\nSend `X-Request-ID` (letters, digits and `._:-`, at most 64, never a key) to find a request in the log; every "
    "answer carries one. `traceparent` is copied to the log line. `HEAD` works wherever `GET` does."
    "\n\nChanging parameters requires an API key. Where the operators require a key for reading too, only health, "
    "metrics and this documentation are open."
)


def build_document(endpoints: Sequence[Endpoint], *, venues: Iterable[str], version: str) -> dict[str, Any]:
    """Return the document of ``endpoints``; ``venues`` are the names of the `venue` enum."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operations = paths.setdefault(endpoint.path, {})
        operations[endpoint.method.lower()] = _build_operation(endpoint)
        if endpoint.method == "GET":
            operations["head"] = _build_head_operation(operations["get"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "adlrisk", "version": version, "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": paths,
        "components": {"schemas": _build_schemas(endpoints, venues), "securitySchemes": _KEY_SCHEMES},
    }


def read_example(name: str) -> Any:
    """Read an example file by name, such as ``score.request``."""
    return json.loads((examples_directory() / f"{name}.json").read_bytes())


def examples_directory() -> Traversable:
    """Return the directory of the examples: in the installed package, else in the repository."""
    installed = files("adlrisk") / "openapi_examples"
    return installed if installed.is_dir() else Path(__file__).parents[5] / "openapi" / "examples"


def _handle_openapi(call: Call) -> Reply:
    page = call.context.openapi_page()
    return revalidate(call, Reply(body=page.content, media_type="application/json"), etag=page.etag)


def _build_schemas(endpoints: Sequence[Endpoint], venues: Iterable[str]) -> dict[str, Any]:
    bodies = [endpoint.body for endpoint in endpoints if endpoint.body]
    answers = [answer for endpoint in endpoints for answer in endpoint.answers.values()]
    sent = [kind for body in bodies for kind in (body.type, *body.item_types)]
    answered = [kind for answer in answers for kind in (answer.type, *answer.item_types)]
    structs = [
        kind
        for kind in dict.fromkeys((*sent, *answered))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ]
    _, components = msgspec.json.schema_components([*structs, Problem], ref_template=_REF)
    _, requests = msgspec.json.schema_components(sent, ref_template=_REF)
    for body in bodies:
        components[body.type.__name__] |= body.constraints
    components["VenueId"] = {
        "type": "string",
        "title": "VenueId",
        "description": "A venue in the catalogue, by its id or by the id that ccxt has for it alone. Answers have "
        "the venue's own id. More may be added.",
        "enum": list(venues),
    }
    schemas = {
        name: schema if name in requests else _to_answer_schema(schema) for name, schema in sorted(components.items())
    }
    return {name: _to_json_schema(schema) for name, schema in schemas.items()}


def _to_json_schema(schema: Any) -> Any:
    """Return the schema without what is specific to Python.

    A default of null only says that the field is optional, and the end of a string is ``$`` in JSON Schema's dialect.
    """
    if isinstance(schema, list):
        return [_to_json_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {key: _to_json_schema(part) for key, part in schema.items() if not (key == "default" and part is None)}
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


def _to_answer_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer: fields with a default are always sent, and later versions may add fields.

    Optional fields of an answer are unset rather than having a default.
    """
    if "properties" not in schema:
        return schema
    required = [name for name, part in schema["properties"].items() if name in schema["required"] or "default" in part]
    kept = {key: part for key, part in schema.items() if key not in ("additionalProperties", "required")}
    properties = {name: _drop_default(part) for name, part in schema["properties"].items()}
    return {**kept, "properties": properties, "required": required}


def _drop_default(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in schema.items() if key != "default"}


def _build_operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description,
    }
    if endpoint.access != "open":
        # Reading requires a key only if the service has read keys.
        operation["security"] = [*([{}] if endpoint.access == "read" else []), *({name: []} for name in _KEY_SCHEMES)]
    if endpoint.parameters:
        operation["parameters"] = [
            {
                "name": parameter.name,
                "in": parameter.place,
                "required": parameter.place == "path",
                "description": parameter.description,
                "schema": parameter.schema,
                "example": parameter.example,
            }
            for parameter in endpoint.parameters
        ]
    if endpoint.body:
        content = {"schema": {"$ref": _REF.format(name=endpoint.body.type.__name__)}}
        examples = {name: _build_example(f"{name}.request") for name in endpoint.body.examples}
        operation["requestBody"] = {
            "required": True,
            "content": {media: {**content, "examples": examples} for media in endpoint.body.media_types},
        }
    operation["responses"] = {
        **{str(status): _build_response(answer, endpoint) for status, answer in endpoint.answers.items()},
        **_build_problem_responses(endpoint),
    }
    return operation


def _build_head_operation(get: dict[str, Any]) -> dict[str, Any]:
    """Return the HEAD operation of a GET: the same without content and links."""
    responses = {
        status: {key: part for key, part in response.items() if key not in ("content", "links")}
        for status, response in get["responses"].items()
    }
    return {**get, "operationId": f"{get['operationId']}Head", "responses": responses}


def _build_response(answer: Answer, endpoint: Endpoint) -> dict[str, Any]:
    coding = _CODING_HEADERS if endpoint.compresses and answer.media_types else {}
    response: dict[str, Any] = {
        "description": answer.description,
        "headers": _build_headers({"X-Request-ID": "The request id.", **answer.headers, **coding}),
    }
    if answer.links:
        response["links"] = {
            operation: {"operationId": operation, "parameters": dict(parameters)}
            for operation, parameters in answer.links.items()
        }
    if not answer.media_types:
        return response
    content: dict[str, Any] = {"schema": _refer_to(answer.type)}
    if endpoint.body:
        content["examples"] = {name: _build_example(f"{name}.answer") for name in endpoint.body.examples}
    return {**response, "content": dict.fromkeys(answer.media_types, content)}


def _refer_to(kind: type) -> dict[str, Any]:
    if issubclass(kind, msgspec.Struct):
        return {"$ref": _REF.format(name=kind.__name__)}
    return {"type": "string" if kind is str else "object"}


def _build_problem_responses(endpoint: Endpoint) -> dict[str, Any]:
    slugs = [*endpoint.problems, *(_BODY_PROBLEMS if endpoint.body else ()), *_ACCESS_PROBLEMS[endpoint.access]]
    slugs += ["head-too-large", "head-too-slow", "internal-error", "not-ready"]
    if not endpoint.is_vital:
        slugs.append("overloaded")
    if endpoint.access != "open":
        slugs.append("rate-limited")
    if endpoint.negotiates:
        slugs.append("not-acceptable")
    by_status: dict[int, list[str]] = {}
    for slug in slugs:
        statuses = PROBLEMS[slug].statuses
        # An unknown venue is 422 in a body, 404 in a path.
        status = statuses[-1] if "{venue}" in endpoint.path else statuses[0]
        by_status.setdefault(status, []).append(slug)
    return {
        str(status): {
            "description": "; ".join(f"`{slug}`: {PROBLEMS[slug].title}" for slug in slugs),
            "headers": _build_headers({"X-Request-ID": "The request id."}),
            "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
        for status, slugs in sorted(by_status.items())
    }


def _build_headers(descriptions: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": description, "schema": {"type": "string"}} for name, description in descriptions.items()
    }


def _build_example(name: str) -> dict[str, Any]:
    return {"value": read_example(name)}


OPENAPI: Final = Endpoint(
    method="GET",
    path="/openapi.json",
    operation_id="getOpenApi",
    access="open",
    tag="Operations",
    summary="Get this document",
    description="OpenAPI 3.1, generated from the code.",
    handle=_handle_openapi,
    compresses=True,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: Answer(description="The document.", type=dict, media_types=("application/json",), headers=ETAG),
        304: NOT_MODIFIED,
    },
)
