"""The items of a batch: decoded, or what is known of one that cannot be decoded."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from adlrisk.api.dispatch.endpoint import Call
from adlrisk.api.endpoints.score.answer import market_key
from adlrisk.api.endpoints.score.schema import ItemId, ScoresItem
from adlrisk.api.endpoints.shared.batch import build_item_decoder
from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import ProblemError
from adlrisk.venues.market_records import MarketKey


class DecodedItem(Struct, frozen=True, gc=False):
    """An item, and the key of its market record if it names a symbol."""

    request: ScoresItem
    key: MarketKey | None


class UnreadableItem(Struct, frozen=True):
    """Why an item cannot be decoded, and its id if that can be read, which may be in an item too large for a score."""

    error: ProblemError
    id: str | None


def build_decoder(call: Call) -> Callable[[int, msgspec.Raw], DecodedItem | UnreadableItem]:
    """Return the function that decodes an item of the batch."""
    decode = build_item_decoder(call, ScoresItem, field="items")
    venues, codec = call.context.venues, call.codec

    def decode_item(index: int, item: msgspec.Raw) -> DecodedItem | UnreadableItem:
        found = decode(index, item)
        if isinstance(found, ProblemError):
            return UnreadableItem(found, _read_id(item, codec))
        return DecodedItem(found, market_key(found, venues))

    return decode_item


class _Named(Struct, frozen=True):
    """An item with all but its id skipped, which builds nothing of it."""

    id: ItemId | None = None


_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MAX_READ_FOR_ID: Final = 1 << 20  # takes 4 ms, in which no other request has its turn


def _read_id(item: msgspec.Raw, codec: Codec) -> str | None:
    if memoryview(item).nbytes > _MAX_READ_FOR_ID:
        return None
    try:
        found: _Named = codec.build_decoder(_Named)(item)
    except _UNREADABLE:
        return None
    return found.id
