"""Names in the body of a leg that cannot be decoded: what is known of it nevertheless."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from adlrisk.api.endpoints.account.schema import Leg, LegId, UnderlyingId
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg, own_group
from adlrisk.api.endpoints.shared.fields import SymbolId
from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import ProblemError

_FIELDS: Final = frozenset(Leg.__struct_fields__)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def describe_unreadable(error: ProblemError, item: msgspec.Raw, codec: Codec, *, index: int) -> UnreadableLeg:
    """What is known of the leg ``item``, which cannot be decoded because of ``error``.

    A name that does not match the schema could stand for any, and so could a missing one beside a field that is not
    known, which may be a misspelled name.
    """
    try:
        fields: Mapping[str, msgspec.Raw] = codec.build_decoder(dict[str, msgspec.Raw])(item)
    except _UNREADABLE:
        return UnreadableLeg(error)
    alone = own_group(f"?{index}") if fields.keys() <= _FIELDS else None
    symbol = _read(fields, "symbol", SymbolId, codec, absent=alone)
    return UnreadableLeg(
        error,
        is_cross=_read(fields, "margin_mode", str, codec, absent=None) != "isolated",
        id=_read(fields, "id", LegId, codec, absent=None),
        symbol=symbol,
        underlying=_read(fields, "underlying", UnderlyingId, codec, absent=symbol if alone else None),
    )


def _read(fields: Mapping[str, msgspec.Raw], name: str, kind: Any, codec: Codec, *, absent: str | None) -> str | None:
    """The text of field ``name``; ``absent`` if there is none, ``None`` if it is not of its ``kind``."""
    if name not in fields:
        return absent
    try:
        value: str | None = codec.build_decoder(kind | None)(fields[name])
    except _UNREADABLE:
        return None
    return absent if value is None else value
