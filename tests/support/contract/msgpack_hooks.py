"""MessagePack for schemathesis, in both directions; otherwise it would skip the media type silently."""

import os
from typing import Any

import msgspec
import schemathesis

MEDIA_TYPES = ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack")


@schemathesis.serializer(*MEDIA_TYPES)
def to_msgpack(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Encode the body as MessagePack; integers beyond 64 bits, which the format lacks, become doubles."""
    return msgspec.msgpack.encode(_within_64_bits(value))


@schemathesis.deserializer(*MEDIA_TYPES)
def from_msgpack(_context: schemathesis.DeserializationContext, response: schemathesis.Response) -> Any:
    """Decode the answer to plain values."""
    return msgspec.msgpack.decode(response.content)


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: "schemathesis.Case[Any]") -> bool:
    """Leave the MessagePack bodies of the systematic phase out where ``SYSTEMATIC_IN_JSON`` is set.

    They are those in JSON once more, decoded against the same Structs; examples, generated bodies and sequences of
    requests are in both formats.
    """
    is_systematic = case.meta is not None and case.meta.phase.name == "coverage"
    return not (is_systematic and case.media_type in MEDIA_TYPES and "SYSTEMATIC_IN_JSON" in os.environ)


def _within_64_bits(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _within_64_bits(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_within_64_bits(part) for part in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 2**1000 else 1e301
    return value
