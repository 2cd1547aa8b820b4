"""Conditional requests (RFC 9110, section 13): an answer under its ETag, or 304 where the client has it already."""

from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Call, Parameter, Reply

IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match",
    place="header",
    description="ETags the caller has; 304 when one of them is current.",
    schema={"type": "string"},
    example='"0123456789ab"',
)
ETAG: Final = {"ETag": "Revision of what is answered, strong."}
UNCHANGED: Final = Answer(description="What the caller has is current.", media_types=(), headers=ETAG)


def unless_known(call: Call, reply: Reply, *, etag: str) -> Reply:
    """``reply`` under its ETag, for caches that ask again each time; 304 without a body where the client has it."""
    headers = {**reply.headers, "etag": etag, "cache-control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in call.headers.joined(b"if-none-match").split(",")]
    if etag in known or "*" in known:
        body = None if reply.media_type is None else b""
        return Reply(body=body, status=304, media_type=reply.media_type, headers=headers)
    return msgspec.structs.replace(reply, headers=headers)
