"""``GET /openapi.json``: the OpenAPI 3.1 document, generated from the route table and its Structs."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Reply, Tag
from adlrisk.api.endpoints.docs.operations import KEY_SCHEMES, build_paths
from adlrisk.api.endpoints.docs.schemas import build_schemas
from adlrisk.api.endpoints.shared.conditional import ETAG, IF_NONE_MATCH, NOT_MODIFIED, revalidate

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
_TAGS: Final[dict[Tag, str]] = {
    "Scoring": "Which conditions of an ADL a position meets, alone, in a batch or in a margin account.",
    "Books": "The ADL queue of one contract: the rank of every position in a book.",
    "Deleveraging": "What an ADL does: to one position, or to a whole book under several policies.",
    "Venues": "Rule cards of the venues, with their sources; overrides and market records.",
    "Operations": "Health, metrics, problem types and this documentation.",
}


def build_document(endpoints: Sequence[Endpoint], *, venues: Iterable[str], version: str) -> dict[str, Any]:
    """Return the document of ``endpoints``; ``venues`` are the names of the `venue` enum."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "adlrisk",
            "version": version,
            "description": _INTRODUCTION,
            "contact": {"name": "The operators of this service"},  # whoever runs it, there is no other
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": description} for tag, description in _TAGS.items()],
        "paths": build_paths(endpoints),
        "components": {"schemas": build_schemas(endpoints, venues=venues), "securitySchemes": KEY_SCHEMES},
    }


def _handle_openapi(call: Call) -> Reply:
    page = call.context.openapi_page()
    return revalidate(call, Reply(body=page.content, media_type="application/json"), etag=page.etag)


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
