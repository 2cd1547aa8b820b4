"""``GET /docs``: the OpenAPI document as an HTML page without scripts or external resources."""

import json
from typing import Any, Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Reply
from adlrisk.api.endpoints.docs.html import errors
from adlrisk.api.endpoints.docs.html.introduction import render_conventions, render_first_request, render_meaning
from adlrisk.api.endpoints.docs.html.markup import (
    escape,
    render_code,
    render_inline,
    render_link,
    render_paragraphs,
    render_table,
)
from adlrisk.api.endpoints.docs.html.schemas import Schemas, describe_schema, render_schema
from adlrisk.api.endpoints.docs.html.style import ICON, POLICY, STYLE
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, NOT_MODIFIED, revalidate

_JSON: Final = "application/json"
_SECTIONS: Final = (
    ("meaning", "What the score means"),
    ("first-request", "A first request"),
    ("conventions", "Conventions"),
    ("endpoints", "Endpoints"),
    ("errors", "Errors"),
    ("schemas", "Schemas"),
)
_FIRST_ERROR: Final = 400

Operation = dict[str, Any]


def render_page(document: dict[str, Any]) -> str:
    """Render the document as an HTML page: what the score means, endpoints with examples, errors, and schemas."""
    info, schemas = document["info"], document["components"]["schemas"]
    operations = [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "head"
    ]
    shared = errors.find_shared([operation for _, _, operation in operations])
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>adlrisk {escape(info["version"])}'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="{ICON}"><style>{STYLE}</style></head><body><header><h1>adlrisk</h1>'
        f'<p class="soft">version {escape(info["version"])} · <a href="openapi.json">openapi.json</a></p>'
        f'<nav aria-label="Sections">{_render_sections()}</nav></header>'
        f"<main>{render_meaning(document)}{render_first_request(document)}{_render_contents(operations)}"
        f'{render_conventions(document)}<h2 id="endpoints">Endpoints</h2>'
        f"{''.join(_render_operation(*each, schemas=schemas, shared=shared) for each in operations)}"
        f'<h2 id="errors">Errors</h2>{_describe_errors(schemas)}{errors.render_errors(shared)}'
        f'<h2 id="schemas">Schemas</h2>{_render_names(schemas)}'
        f"{''.join(render_schema(name, schema, schemas) for name, schema in schemas.items())}</main></body></html>\n"
    )


def _handle_docs(call: Call) -> Reply:
    page = call.context.docs_page()
    reply = Reply(body=page.content, media_type="text/html; charset=utf-8", headers={"content-security-policy": POLICY})
    return revalidate(call, reply, etag=page.etag)


def _render_sections() -> str:
    return f"<p>{' · '.join(render_link(anchor, title) for anchor, title in _SECTIONS)}</p>"


def _render_contents(operations: list[tuple[str, str, Operation]]) -> str:
    rows = [
        (
            f'<a href="#{escape(operation["operationId"])}"><code>{method.upper()} {escape(path)}</code></a>',
            escape(operation["summary"]),
        )
        for path, method, operation in operations
    ]
    return f'<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>{render_table(rows)}</nav>'


def _render_operation(path: str, method: str, operation: Operation, *, schemas: Schemas, shared: frozenset[str]) -> str:
    head = f'<h3 id="{escape(operation["operationId"])}"><span class="verb">{method.upper()}</span>'
    parts = [f"{head}<code>{escape(path)}</code></h3>{render_paragraphs(operation['description'])}"]
    if "parameters" in operation:
        rows = [
            (f"<code>{escape(parameter['name'])}</code> ({parameter['in']})", render_inline(parameter["description"]))
            for parameter in operation["parameters"]
        ]
        parts.append(render_table(rows))
    if "requestBody" in operation:
        content = operation["requestBody"]["content"][_JSON]
        taken = describe_schema(content["schema"], schemas)
        parts.append(f"<p>Takes {taken}.</p>{_render_examples(content, 'Request')}")
    parts += [
        _render_response(status, response, schemas)
        for status, response in operation["responses"].items()
        if int(status) < _FIRST_ERROR
    ]
    return "".join((*parts, errors.render_links(operation, shared=shared)))


def _render_response(status: str, response: dict[str, Any], schemas: Schemas) -> str:
    content: dict[str, Any] = next(iter(response.get("content", {}).values()), {})
    kind = f" {describe_schema(content['schema'], schemas)}" if content else ""
    return (
        f"<p><b>{status}</b>{kind}: {render_inline(response['description'])}</p>{_render_examples(content, 'Answer')}"
    )


def _render_examples(content: dict[str, Any], what: str) -> str:
    return "".join(
        f"<details><summary>{what}: {escape(name)}</summary>"
        f"{render_code(json.dumps(example['value'], indent=2, ensure_ascii=False))}</details>"
        for name, example in content.get("examples", {}).items()
    )


def _describe_errors(schemas: Schemas) -> str:
    return (
        f"<p>Every error is a {render_link('Problem', 'Problem')}: {render_inline(schemas['Problem']['description'])} "
        "Its <code>type</code> is a path of this service that explains it; each type is described once, here.</p>"
    )


def _render_names(schemas: Schemas) -> str:
    return f'<ul class="names">{"".join(f"<li>{render_link(name, name)}</li>" for name in schemas)}</ul>'


DOCS: Final = Endpoint(
    method="GET",
    path="/docs",
    operation_id="getDocs",
    access="open",
    tag="Operations",
    summary="Read this documentation as a page",
    description="One HTML page without scripts; works offline.",
    handle=_handle_docs,
    compresses=True,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: Answer(description="The page.", type=str, media_types=("text/html",), headers=ETAG),
        304: NOT_MODIFIED,
    },
)
