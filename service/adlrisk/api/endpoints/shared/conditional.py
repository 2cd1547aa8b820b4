"""Conditional requests (RFC 9110, section 13): answers with an ETag, or 304 if the client already has them."""

from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Call, PageCall, Parameter, Reply
from adlrisk.api.http.codings.accept_encoding import parse_accept_encoding
from adlrisk.api.http.etags import tag_coding

IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match",
    place="header",
    description="ETags that the client has; 304 if one of them is current.",
    schema={"type": "string"},
    example='"0123456789ab"',
)
ETAG: Final = {"ETag": "Strong ETag of the answer."}
NOT_MODIFIED: Final = Answer(description="Not modified: the client's copy is current.", media_types=(), headers=ETAG)


def revalidate(call: Call | PageCall, reply: Reply, *, etag: str) -> Reply:
    """Return ``reply`` with its ETag, to revalidate on each use; 304 without a body if the client has it already.

    It may have it in any coding that it accepts, each with an ETag of its own: the 304 has the one that it has.
    """
    headers = {**reply.headers, "etag": etag, "cache-control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in call.headers.joined(b"if-none-match").split(",")]
    accepted = parse_accept_encoding(call.headers.joined(b"accept-encoding"))
    chosen = accepted.best if call.context.compressor.is_on else None
    current = [tag_coding(etag, coding) for coding in (chosen, *accepted.codings, None)]
    found = current[0] if "*" in known else next((tag for tag in current if tag in known), None)
    if found is not None:
        body = None if reply.media_type is None else b""
        return Reply(body=body, status=304, media_type=reply.media_type, headers={**headers, "etag": found})
    return msgspec.structs.replace(reply, headers=headers)
