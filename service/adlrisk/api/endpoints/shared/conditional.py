"""Conditional requests (RFC 9110, section 13): answers with an ETag, or 304 if the client already has them."""

from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Call, Parameter, Reply

IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match",
    place="header",
    description="ETags that the client has; 304 if one of them is current.",
    schema={"type": "string"},
    example='"0123456789ab"',
)
ETAG: Final = {"ETag": "Strong ETag of the answer."}
NOT_MODIFIED: Final = Answer(description="Not modified: the client's copy is current.", media_types=(), headers=ETAG)


def revalidate(call: Call, reply: Reply, *, etag: str) -> Reply:
    """Return ``reply`` with its ETag, to revalidate on each use; 304 without a body if the client has it already."""
    headers = {**reply.headers, "etag": etag, "cache-control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in call.headers.joined(b"if-none-match").split(",")]
    if etag in known or "*" in known:
        body = None if reply.media_type is None else b""
        return Reply(body=body, status=304, media_type=reply.media_type, headers=headers)
    return msgspec.structs.replace(reply, headers=headers)
