"""Write what is generated: the answers of the example requests, and the OpenAPI document that holds them.

Run by ``make generated``; tests fail while the committed files differ from what this writes.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from litestar.datastructures import Headers

from adlrisk.api import wire
from adlrisk.api.app import ENDPOINTS, create_app
from adlrisk.api.endpoint import Call
from adlrisk.api.openapi import read_example
from adlrisk.settings import Settings

HERE = Path(__file__).parent
REQUEST_ID = "example-1"


async def answers() -> dict[str, bytes]:
    """The answer of every example request, by the name of its file."""
    service = create_app(Settings(), clock=lambda: datetime(2026, 11, 18, 12, tzinfo=UTC)).service
    written = {}
    for endpoint in ENDPOINTS:
        if endpoint.body is None:
            continue
        decoder = wire.JSON.decoder_of(endpoint.body.type)
        for name in endpoint.body.examples:
            body = wire.decode(decoder, msgspec.json.encode(read_example(f"{name}.request")))
            call = Call(service=service, headers=Headers({}), path={}, request_id=REQUEST_ID, body=body)
            written[f"examples/{name}.answer.json"] = _pretty(await endpoint.handle(call))
    return written


def document() -> bytes:
    """The OpenAPI document."""
    return _pretty(create_app(Settings()).service.document())


def _pretty(answer: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"


if __name__ == "__main__":
    for file, content in asyncio.run(answers()).items():
        (HERE / file).write_bytes(content)
    (HERE / "openapi.json").write_bytes(document())
