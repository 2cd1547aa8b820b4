"""Names in the body of a leg that cannot be decoded: what is known of it nevertheless."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from adlrisk.api.endpoints.account.unreadable import UnreadableLeg, own_group
from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import ProblemError

_MAX_BYTES: Final = 400  # of a name: longer ones are none, and decoding them could take long


class _Names(Struct, frozen=True):
    """The names in a leg; all other fields are skipped."""

    id: msgspec.Raw = msgspec.Raw(b"")
    symbol: msgspec.Raw = msgspec.Raw(b"")
    underlying: msgspec.Raw = msgspec.Raw(b"")
    margin_mode: msgspec.Raw = msgspec.Raw(b"")


def describe_unreadable(error: ProblemError, item: msgspec.Raw, codec: Codec, *, index: int) -> UnreadableLeg:
    """What is known of the leg ``item``, which cannot be decoded because of ``error``."""
    try:
        names: _Names = codec.build_decoder(_Names)(item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return UnreadableLeg(error)
    id_ = _read(names.id, codec, absent=None)
    alone = own_group(f"?{index}")
    symbol = _read(names.symbol, codec, absent=alone)
    return UnreadableLeg(
        error,
        is_cross=_read(names.margin_mode, codec, absent=None) != "isolated",
        id=id_,
        symbol=symbol,
        underlying=_read(names.underlying, codec, absent=symbol),
    )


def _read(raw: msgspec.Raw, codec: Codec, *, absent: str | None) -> str | None:
    """The text in ``raw``; ``absent`` if there is none, ``None`` if it is something else."""
    size = memoryview(raw).nbytes
    if not size:
        return absent
    if size > _MAX_BYTES:
        return None
    try:
        value: Any = codec.build_decoder(Any)(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if value is None:
        return absent
    return value if isinstance(value, str) else None
