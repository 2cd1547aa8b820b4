"""``GET /docs``: the OpenAPI document as an HTML page without scripts or external resources."""

import base64
import hashlib
import html
import json
import re
from typing import Any, Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Reply
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, NOT_MODIFIED, revalidate
from adlrisk.api.http.problem_types import PROBLEMS

_JSON: Final = "application/json"
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .25rem; } code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
.scroll { overflow-x: auto; } .verb { font-weight: 600; margin-right: .5rem; } .soft { opacity: .75; }
summary { cursor: pointer; margin: .5rem 0; }
"""
# Content-Security-Policy: no scripts, no external resources; the one style is allowed by its digest.
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def render_page(document: dict[str, Any]) -> str:
    """Render the document as an HTML page: endpoints with examples, schemas with bounds, problem types."""
    info = document["info"]
    endpoints = [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "head"
    ]
    schemas = document["components"]["schemas"]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>adlrisk {_escape(info["version"])}'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>adlrisk</h1>"
        f'<p class="soft">version {_escape(info["version"])} · <a href="openapi.json">openapi.json</a></p>'
        f"{_render_paragraphs(info['description'])}{_render_contents(endpoints, schemas)}"
        f'<h2 id="endpoints">Endpoints</h2>{"".join(_render_endpoint(*endpoint) for endpoint in endpoints)}'
        f'<h2 id="schemas">Schemas</h2>{"".join(_render_schema(*named) for named in schemas.items())}'
        f'<h2 id="problems">Problems</h2>{_render_problems()}</main></body></html>\n'
    )


def _handle_docs(call: Call) -> Reply:
    page = call.context.docs_page()
    reply = Reply(
        body=page.content, media_type="text/html; charset=utf-8", headers={"content-security-policy": _POLICY}
    )
    return revalidate(call, reply, etag=page.etag)


def _render_contents(endpoints: list[tuple[str, str, dict[str, Any]]], schemas: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr><td><a href="#{_escape(operation["operationId"])}"><code>{method.upper()} {_escape(path)}</code></a>'
        f"</td><td>{_escape(operation['summary'])}</td></tr>"
        for path, method, operation in endpoints
    )
    names = " · ".join(f'<a href="#{_escape(name)}">{_escape(name)}</a>' for name in schemas)
    return f'<nav><div class="scroll"><table>{rows}</table></div><p>Schemas: {names}</p></nav>'


def _render_endpoint(path: str, method: str, operation: dict[str, Any]) -> str:
    head = f'<h3 id="{_escape(operation["operationId"])}"><span class="verb">{method.upper()}</span>'
    parts = [f"{head}<code>{_escape(path)}</code></h3>{_render_paragraphs(operation['description'])}"]
    if "parameters" in operation:
        rows = (
            f"<tr><td><code>{_escape(parameter['name'])}</code> ({parameter['in']})</td>"
            f"<td>{_render_inline(parameter['description'])}</td></tr>"
            for parameter in operation["parameters"]
        )
        parts.append(f'<div class="scroll"><table>{"".join(rows)}</table></div>')
    if "requestBody" in operation:
        content = operation["requestBody"]["content"][_JSON]
        parts.append(f"<p>Takes {_describe_type(content['schema'])}.</p>{_render_examples(content, 'Request')}")
    for status, response in operation["responses"].items():
        parts.append(_render_response(status, response))
    return "".join(parts)


def _render_response(status: str, response: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(response.get("content", {}).values()), {})
    kind = f" {_describe_type(content['schema'])}" if content else ""
    return (
        f"<p><b>{status}</b>{kind}: {_render_inline(response['description'])}</p>{_render_examples(content, 'Answer')}"
    )


def _render_examples(content: dict[str, Any], what: str) -> str:
    return "".join(
        f"<details><summary>{what}: {_escape(name)}</summary>"
        f"<pre>{_escape(json.dumps(example['value'], indent=2, ensure_ascii=False))}</pre></details>"
        for name, example in content.get("examples", {}).items()
    )


def _render_schema(name: str, schema: dict[str, Any]) -> str:
    head = f'<h3 id="{_escape(name)}">{_escape(name)}</h3>{_render_paragraphs(schema.get("description", ""))}'
    if "properties" not in schema:
        return f"{head}<p>{_describe_type({key: part for key, part in schema.items() if key != 'title'})}</p>"
    required = schema.get("required", [])
    rows = "".join(
        f"<tr><td><code>{_escape(field)}</code>{'' if field in required else ' <span class=soft>optional</span>'}"
        f"</td><td>{_describe_type(part)}{_render_default(part)}</td><td>{_render_inline(_find_description(part))}</td></tr>"
        for field, part in schema["properties"].items()
    )
    return f'{head}<div class="scroll"><table>{rows}</table></div>'


def _describe_type(schema: dict[str, Any]) -> str:
    """Describe a schema in a few words, with its bounds."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{_escape(name)}">{_escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_describe_type(part) for part in schema["anyOf"])
    if "oneOf" in schema:
        return " or ".join(_describe_type(part) for part in schema["oneOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{_escape(json.dumps(value))}</code>" for value in schema["enum"])
    words = _escape(str(schema.get("type", "anything")))
    if schema.get("type") == "array":
        words += f" of {_describe_type(schema.get('items') or {})}"
    bounds = (
        ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"),
        ("minItems", "at least"), ("maxItems", "at most"), ("maxLength", "length ≤"), ("format", ""),
    )  # fmt: skip
    words += "".join(f" {_escape(sign)} {_escape(str(schema[key]))}" for key, sign in bounds if key in schema)
    return words


def _render_default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    if default in (None, [], {}) or isinstance(default, dict):
        return ""
    return f", default <code>{_escape(json.dumps(default, ensure_ascii=False))}</code>"


def _find_description(schema: dict[str, Any]) -> str:
    """Return the description of a field, wherever it is in its schema."""
    parts = [schema, *schema.get("anyOf", [])]
    return next((part["description"] for part in parts if "description" in part), "")


def _render_problems() -> str:
    rows = "".join(
        f'<tr id="problem-{slug}"><td><code>{slug}</code></td><td>{", ".join(map(str, kind.statuses))}</td>'
        f"<td><b>{_escape(kind.title)}.</b> {_render_inline(kind.explanation)}</td></tr>"
        for slug, kind in PROBLEMS.items()
    )
    return f'<div class="scroll"><table>{rows}</table></div>'


def _render_paragraphs(text: str) -> str:
    return "".join(f"<p>{_render_inline(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def _render_inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escape(text))


def _escape(text: str) -> str:
    return html.escape(text)


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
