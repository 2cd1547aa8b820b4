"""Teach schemathesis MessagePack, in both directions; it would skip the media type silently otherwise."""

from typing import Any

import msgspec
import schemathesis

MEDIA_TYPES = ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack")


@schemathesis.serializer(*MEDIA_TYPES)
def to_msgpack(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """The body as MessagePack; integers beyond 64 bits, which the format lacks, become doubles."""
    return msgspec.msgpack.encode(_within_64_bits(value))


@schemathesis.deserializer(*MEDIA_TYPES)
def from_msgpack(_context: schemathesis.DeserializationContext, response: schemathesis.Response) -> Any:
    """The answer as plain values."""
    return msgspec.msgpack.decode(response.content)


def _within_64_bits(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _within_64_bits(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_within_64_bits(part) for part in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 2**1000 else 1e301
    return value
