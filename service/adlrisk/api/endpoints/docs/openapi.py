"""The OpenAPI 3.1 document, generated from the route table and the Structs it names.

Schemas come from msgspec itself, so bounds and refused unknown fields are in the document exactly as they are
enforced (Litestar's own generator loses some of them, see docs/decisions).
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
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, UNCHANGED, unless_known
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, Problem
from adlrisk.api.limits.api_keys import Access

_REF: Final = "#/components/schemas/{name}"
_EVERY_BODY: Final = ("malformed-body", "invalid-request", "body-too-slow", "body-too-large", "unsupported-media-type")
_KEYS: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key in a header."},
}
_DENIALS: Final[dict[Access, tuple[str, ...]]] = {
    "open": (),
    "read": ("unauthorized",),
    "write": ("unauthorized", "forbidden", "writing-disabled"),
    "admin": ("unauthorized", "forbidden", "writing-disabled"),
}
_INTRODUCTION: Final = (
    "Tells, before it happens, how likely an exchange is to auto-deleverage (ADL) a perpetual-futures position, "
    "where it stands in the venue's ADL queue, and what to do about it. Risk information, not investment "
    "advice.\n\nBodies are JSON or MessagePack, always an object; of a key that is sent twice the last "
    "counts. Ratios are fractions (0.03 is 3 %), times are "
    "ISO-8601 with an offset, money is in the contract's settlement currency, prices are in quote currency. "
    "What is undefined is `null`; what is unknown is never counted as low. Numbers are at most 1e15 in size. "
    "Every POST is a pure function of its request, the venue's revision, `as_of` and the market record it shows, if "
    "any, so it is safe to retry. "
    "Changes are additive: new fields and new enum values may appear.\n\nSend `X-Request-ID` (letters, digits "
    "and `._:-`, at most 64) to find a request in the logs; every answer carries one. `traceparent` goes into "
    "the log line. `HEAD` works wherever `GET` does.\n\nChanging parameters needs an API key, and so "
    "does all but health, metrics and this documentation where the operators ask for one."
)


def build_document(endpoints: Sequence[Endpoint], *, venues: Iterable[str], version: str) -> dict[str, Any]:
    """The document of ``endpoints``; ``venues`` are the ids that the `venue` enum lists."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operations = paths.setdefault(endpoint.path, {})
        operations[endpoint.method.lower()] = _operation(endpoint)
        if endpoint.method == "GET":
            operations["head"] = _head_operation(operations["get"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "adlrisk", "version": version, "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": paths,
        "components": {"schemas": _schemas(endpoints, venues), "securitySchemes": _KEYS},
    }


def read_example(name: str) -> Any:
    """An example file by its name, such as ``score.request``."""
    return json.loads((examples_directory() / f"{name}.json").read_bytes())


def examples_directory() -> Traversable:
    """Where the examples are: in the installed package, or in the repository it is run from."""
    installed = files("adlrisk") / "openapi_examples"
    return installed if installed.is_dir() else Path(__file__).parents[5] / "openapi" / "examples"


def _handle_openapi(call: Call) -> Reply:
    page = call.context.openapi_page()
    return unless_known(call, Reply(body=page.content, media_type="application/json"), etag=page.etag)


def _schemas(endpoints: Sequence[Endpoint], venues: Iterable[str]) -> dict[str, Any]:
    sent = [endpoint.body.type for endpoint in endpoints if endpoint.body]
    answered = [answer.type for endpoint in endpoints for answer in endpoint.answers.values()]
    structs = [
        kind
        for kind in dict.fromkeys((*sent, *answered))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ]
    _, components = msgspec.json.schema_components([*structs, Problem], ref_template=_REF)
    _, requests = msgspec.json.schema_components(sent, ref_template=_REF)
    for endpoint in endpoints:
        if endpoint.body:
            components[endpoint.body.type.__name__] |= endpoint.body.constraints
    components["VenueId"] = {
        "type": "string",
        "title": "VenueId",
        "description": "A venue of the catalogue. The list grows.",
        "enum": list(venues),
    }
    described = {
        name: schema if name in requests else _as_answered(schema) for name, schema in sorted(components.items())
    }
    return {name: _tidied(schema) for name, schema in described.items()}


def _tidied(schema: Any) -> Any:
    """The schema without what only Python means by it.

    A default of null says no more than that the field may be left out, and the end of the text is ``$`` in the
    dialect of JSON Schema.
    """
    if isinstance(schema, list):
        return [_tidied(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {key: _tidied(part) for key, part in schema.items() if not (key == "default" and part is None)}
    if isinstance(tidied.get("pattern"), str) and tidied["pattern"].endswith(r"\Z"):
        tidied["pattern"] = tidied["pattern"].removesuffix(r"\Z") + "$"
    if "$ref" in tidied:
        tidied.pop("type", None)  # the other schema has it
    if tidied.get("multipleOf") == 1.0:
        tidied = {**{key: part for key, part in tidied.items() if key != "multipleOf"}, "type": "integer"}
    if "enum" in tidied and all(isinstance(value, str) for value in tidied["enum"]):
        tidied["type"] = "string"
    if isinstance(tidied.get("description"), str):
        tidied["description"] = inspect.cleandoc(tidied["description"])  # docstrings keep their indent before 3.13
    return tidied


def _as_answered(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an answer: fields with a default are always sent, and more may come with later versions.

    What may be left out of an answer has no default but is unset.
    """
    if "properties" not in schema:
        return schema
    required = [name for name, part in schema["properties"].items() if name in schema["required"] or "default" in part]
    kept = {key: part for key, part in schema.items() if key not in ("additionalProperties", "required")}
    properties = {name: _without_default(part) for name, part in schema["properties"].items()}
    return {**kept, "properties": properties, "required": required}


def _without_default(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in schema.items() if key != "default"}


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description,
    }
    if endpoint.access != "open":
        # Reading needs a key only where the service was given keys for it.
        operation["security"] = [*([{}] if endpoint.access == "read" else []), *({name: []} for name in _KEYS)]
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
        examples = {name: _example(f"{name}.request") for name in endpoint.body.examples}
        operation["requestBody"] = {
            "required": True,
            "content": {media: {**content, "examples": examples} for media in endpoint.body.media_types},
        }
    operation["responses"] = {
        **{str(status): _response(answer, endpoint) for status, answer in endpoint.answers.items()},
        **_problem_responses(endpoint),
    }
    return operation


def _head_operation(get: dict[str, Any]) -> dict[str, Any]:
    """The headers of the GET and no body, nor links that may start from it."""
    responses = {
        status: {key: part for key, part in response.items() if key not in ("content", "links")}
        for status, response in get["responses"].items()
    }
    return {**get, "operationId": f"{get['operationId']}Head", "responses": responses}


def _response(answer: Answer, endpoint: Endpoint) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": answer.description,
        "headers": _headers({"X-Request-ID": "The request's id.", **answer.headers}),
    }
    if answer.links:
        response["links"] = {
            operation: {"operationId": operation, "parameters": dict(parameters)}
            for operation, parameters in answer.links.items()
        }
    if not answer.media_types:
        return response
    content: dict[str, Any] = {"schema": _schema_of(answer.type)}
    if endpoint.body:
        content["examples"] = {name: _example(f"{name}.answer") for name in endpoint.body.examples}
    return {**response, "content": dict.fromkeys(answer.media_types, content)}


def _schema_of(kind: type) -> dict[str, Any]:
    if issubclass(kind, msgspec.Struct):
        return {"$ref": _REF.format(name=kind.__name__)}
    return {"type": "string" if kind is str else "object"}


def _problem_responses(endpoint: Endpoint) -> dict[str, Any]:
    slugs = [*endpoint.problems, *(_EVERY_BODY if endpoint.body else ()), *_DENIALS[endpoint.access]]
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
        # An unknown venue is 422 in a body and 404 in a path.
        status = statuses[-1] if "{venue}" in endpoint.path else statuses[0]
        by_status.setdefault(status, []).append(slug)
    return {
        str(status): {
            "description": "; ".join(f"`{slug}`: {PROBLEMS[slug].title}" for slug in slugs),
            "headers": _headers({"X-Request-ID": "The request's id."}),
            "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
        for status, slugs in sorted(by_status.items())
    }


def _headers(descriptions: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": description, "schema": {"type": "string"}} for name, description in descriptions.items()
    }


def _example(name: str) -> dict[str, Any]:
    return {"value": read_example(name)}


OPENAPI: Final = Endpoint(
    method="GET",
    path="/openapi.json",
    operation_id="getOpenApi",
    access="open",
    tag="Operations",
    summary="This document",
    description="OpenAPI 3.1, generated from the code that answers.",
    handle=_handle_openapi,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: Answer(description="The document.", type=dict, media_types=("application/json",), headers=ETAG),
        304: UNCHANGED,
    },
)
