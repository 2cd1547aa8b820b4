"""The stored form of a contract's history in Redis, and how it is read."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.collect.record.book_depth import BookDepth
from adlrisk.collect.record.entry_trail import EntryTrail
from adlrisk.collect.record.volatility import MarkTrail
from adlrisk.domain.position.bounds import NonNegative, Signed

FORMAT: Final = 1

BasisPoints = Annotated[int, Meta(ge=1, le=10_000)]
Second = Annotated[int, Meta(ge=0, le=1 << 40)]


class StoredHistory(Struct, kw_only=True):
    """The stored form of a history. Times are seconds since 1970; spans are measured by the collector's clock.

    Unknown fields belong to a newer release and do not invalidate the others: during a rolling update, collectors of
    both releases take over from each other.
    """

    version: int = FORMAT
    window_minutes: int
    liquidated: dict[Second, NonNegative] = {}  # quote currency by second, as far back as windows are open
    covered: list[tuple[float, float]] = []  # spans in which every liquidation was received
    windows: dict[Second, NonNegative] = {}  # total of each complete window, by its first second
    depths: dict[Second, dict[BasisPoints, NonNegative]] = {}
    drawdown: bool | None = None
    fund: dict[Second, Signed] = {}  # the latest balance of each slot, by the venue's time of it
    fund_contracts: int | None = None  # how many contracts the fund covers
    open_interest: dict[Second, NonNegative] = {}  # one sample a slot
    entries: EntryTrail | None = None
    marks: MarkTrail | None = None
    book: BookDepth | None = None


def decode_history(stored: bytes | None, *, window_minutes: int) -> StoredHistory | None:
    """The stored history, unless it is malformed or another version's; liquidations only of windows of that length."""
    if stored is None:
        return None
    try:
        history = msgspec.json.decode(stored, type=StoredHistory)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if history.version != FORMAT:
        return None
    if history.window_minutes == window_minutes:
        return history
    # A card with another window must not cost a month of open interest.
    return msgspec.structs.replace(history, window_minutes=window_minutes, liquidated={}, covered=[], windows={})
