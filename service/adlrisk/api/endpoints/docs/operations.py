"""The operations of the OpenAPI document, from the rows of the route table."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint
from adlrisk.api.endpoints.docs.examples import read_example
from adlrisk.api.endpoints.docs.walk import refer_to
from adlrisk.api.http import codecs
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE
from adlrisk.api.limits.api_keys import Access

_BODY_PROBLEMS: Final = (
    "malformed-body",
    "invalid-request",
    "body-too-slow",
    "body-too-large",
    "unsupported-media-type",
)
_CODING_HEADERS: Final = {
    "Content-Encoding": "`gzip` or `zstd`, if the answer is large and `Accept-Encoding` accepts it."
}
KEY_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key in a header."},
}
_ACCESS_PROBLEMS: Final[dict[Access, tuple[str, ...]]] = {
    "open": (),
    "read": ("unauthorized",),
    "write": ("unauthorized", "forbidden", "writing-disabled"),
    "admin": ("unauthorized", "forbidden", "writing-disabled"),
}


def build_paths(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the operations of ``endpoints`` by path and method."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operations = paths.setdefault(endpoint.path, {})
        operations[endpoint.method.lower()] = _build_operation(endpoint)
        if endpoint.method == "GET":
            operations["head"] = _build_head_operation(operations["get"])
    return paths


def _build_operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description,
        "security": _build_security(endpoint.access),
    }
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
        operation["requestBody"] = _build_body(endpoint.body)
    operation["responses"] = {
        **{str(status): _build_response(answer, endpoint) for status, answer in endpoint.answers.items()},
        **_build_problem_responses(endpoint),
    }
    return operation


def _build_security(access: Access) -> list[dict[str, list[str]]]:
    if access == "open":
        return []
    keys: list[dict[str, list[str]]] = [{scheme: []} for scheme in KEY_SCHEMES]
    return [{}, *keys] if access == "read" else keys  # reading requires a key only if the service has read keys


def _build_body(body: Body) -> dict[str, Any]:
    """Return the body in the formats of JSON; the others are told in words.

    No generator writes MessagePack, and some warn of every media type that they do not know.
    """
    content = {
        "schema": refer_to(body.type.__name__),
        "examples": {name: _build_example(f"{name}.request") for name in body.examples},
    }
    others = [f"`{media}`" for media in body.media_types if media in codecs.MSGPACK.media_types]
    return {
        "description": f"The same in MessagePack is accepted as {', '.join(others)}.",
        "required": True,
        "content": {media: content for media in body.media_types if media not in codecs.MSGPACK.media_types},
    }


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
    content: dict[str, Any] = {"schema": _describe(answer.type)}
    if endpoint.body:
        content["examples"] = {name: _build_example(f"{name}.answer") for name in endpoint.body.examples}
    return {**response, "content": dict.fromkeys(answer.media_types, content)}


def _describe(kind: type) -> dict[str, Any]:
    if issubclass(kind, msgspec.Struct):
        return refer_to(kind.__name__)
    return {"type": "string" if kind is str else "object"}


def _build_problem_responses(endpoint: Endpoint) -> dict[str, Any]:
    slugs = [*endpoint.problems, *(_BODY_PROBLEMS if endpoint.body else ()), *_ACCESS_PROBLEMS[endpoint.access]]
    slugs += ["bad-request", "head-too-large", "head-too-slow", "internal-error", "not-ready"]
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
            "content": {PROBLEM_MEDIA_TYPE: {"schema": refer_to("Problem")}},
        }
        for status, slugs in sorted(by_status.items())
    }


def _build_headers(descriptions: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": description, "schema": {"type": "string"}} for name, description in descriptions.items()
    }


def _build_example(name: str) -> dict[str, Any]:
    return {"value": read_example(name)}
