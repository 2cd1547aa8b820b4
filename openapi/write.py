"""Write what is generated: the answers of the example requests, and the OpenAPI document that holds them.

Run by ``make generated``; tests fail while the committed files differ from what this writes.
"""

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adlrisk.api.app import ENDPOINTS, create_app
from adlrisk.api.bulk.job import BulkHandler, Job, run_job
from adlrisk.api.dispatch.endpoint import Call, Encoded, Endpoint, PageHandler, Reply
from adlrisk.api.dispatch.respond import run
from adlrisk.api.endpoints.docs.examples import read_example
from adlrisk.api.http import codecs
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.validation import decode_body
from adlrisk.settings import Settings

HERE = Path(__file__).parent
REQUEST_ID = "example-1"
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


async def answers() -> dict[str, bytes]:
    """The answer of every example request to a service that has just started, by the name of its file."""
    return {
        f"examples/{name}.answer.json": msgspec.json.format(await _answer(endpoint, name), indent=2) + b"\n"
        for endpoint in ENDPOINTS
        if endpoint.body
        for name in endpoint.body.examples
    }


async def _answer(endpoint: Endpoint, name: str) -> bytes:
    """The encoded answer of ``endpoint`` to the example ``name``."""
    context = create_app(Settings(), clock=lambda: NOW, log=io.StringIO()).context
    content = msgspec.json.encode(read_example(f"{name}.request"))
    if endpoint.body is None:
        raise LookupError(name)
    if isinstance(endpoint.handle, BulkHandler):
        job = Job(
            operation=endpoint.operation_id,
            body_media_type="application/json",
            answer_media_type="application/json",
            request_id=REQUEST_ID,
            now=NOW,
        )
        outcome = run_job(job, [content], handler=endpoint.handle, venues=context.venues)
        return b"".join(outcome.pieces)
    if isinstance(endpoint.handle, PageHandler):
        raise TypeError(f"{endpoint.operation_id} answers with a page")
    body = decode_body(codecs.JSON.build_decoder(endpoint.body.type), content)
    path = {parameter.name: parameter.example for parameter in endpoint.parameters if parameter.place == "path"}
    call = Call(context=context, headers=Headers(()), path=path, request_id=REQUEST_ID, body=body)
    answered = await run(endpoint.handle(call), context.live_rules.records, turns=context.turns)
    if isinstance(answered, Encoded):
        return b"".join(answered.pieces)
    return msgspec.json.encode(answered.body if isinstance(answered, Reply) else answered)


def document() -> bytes:
    """The OpenAPI document."""
    described = create_app(Settings()).context.document()
    return msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n"


if __name__ == "__main__":
    for file, content in asyncio.run(answers()).items():
        (HERE / file).write_bytes(content)
    (HERE / "openapi.json").write_bytes(document())
