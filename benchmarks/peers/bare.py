"""The bare ASGI application: decodes a score request and encodes a precomputed answer.

An upper bound for any service: it has no routing, no header checks, no metrics and no log.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.venues.catalogue import load_catalogue

EXAMPLE: Final = Path(__file__).parents[2] / "openapi" / "examples" / "score.request.json"

_decode = msgspec.json.Decoder(ScoreRequest).decode
_encode = msgspec.json.Encoder().encode
_ANSWER: Final = answer_score(_decode(EXAMPLE.read_bytes()), venues=load_catalogue(), now=datetime.now(UTC))
_LENGTH: Final = str(len(_encode(_ANSWER))).encode()
_START: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", _LENGTH)],
}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer every request alike."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    pieces = []
    while True:
        message = await receive()
        pieces.append(message["body"])
        if not message["more_body"]:
            break
    _decode(b"".join(pieces))
    await send(_START)
    await send({"type": "http.response.body", "body": _encode(_ANSWER), "more_body": False})


async def _live(receive: Any, send: Any) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})
