"""A ranked book as it is written out: rows or columns, piece by piece, so that a large one is never held twice."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from adlrisk.api.endpoints.queue.schema import Queue, QueueColumns, QueueRow, Queues, RankAnswer
from adlrisk.api.endpoints.shared.rows import encoded_rows
from adlrisk.api.http.codecs import Codec
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags, Floats
    from adlrisk.domain.queue.queue import Places, RankedBook, SideQueue


class _Listing:
    """The part of a queue that is answered, as Python values column by column."""

    def __init__(
        self, ids: Sequence[str], ranked: "RankedBook", queue: "SideQueue", sizes: "Floats", kept: "Places"
    ) -> None:
        placed = kept[kept < queue.eligible]  # steps of the queue's order, rising; the rest of `kept` has no place
        places = queue.places[kept]
        state = ranked.state
        self._length = len(kept)
        self._placed = len(placed)
        self._places = places
        self._ids = ids
        self._of_book = {
            "unrealized_pnl": state.unrealized_pnl[places],
            "return_on_entry": state.return_on_entry[places],
            "effective_leverage": state.effective_leverage[places],
            "size": sizes[places],
        }
        self._of_queue = {
            "rank": placed + 1,
            "priority": queue.priority[placed],
            "percentile": queue.percentile[placed],
            "adl_meter": None if queue.adl_meter is None else queue.adl_meter[placed],
            "size_ahead": queue.size_ahead[placed],
            "notional_ahead": queue.notional_ahead[placed],
        }

    def __len__(self) -> int:
        return self._length

    def column(self, name: str, start: int, end: int) -> list[Any]:
        """The values of field ``name`` from ``start`` to ``end`` of the listing, null where undefined."""
        if name == "id":
            return list(map(self._ids.__getitem__, self._places[start:end].tolist()))
        if name in self._of_book:
            return _with_nulls(self._of_book[name][start:end])
        with_place = max(0, min(end, self._placed) - start)
        if name == "eligible":
            return [True] * with_place + [False] * (end - start - with_place)
        values = self._of_queue[name]
        if values is None:
            return [None] * (end - start)
        listed: list[Any] = values[start:end].tolist()
        listed.extend([None] * (end - start - with_place))
        return listed

    def as_rows(self, codec: Codec) -> list[bytes]:
        """The listing encoded as an array of rows."""
        return encoded_rows(QueueRow, length=len(self), part=self.column, codec=codec)

    def as_columns(self, codec: Codec) -> Iterator[tuple[str, list[bytes]]]:
        """The listing's columns by name, each encoded before the next is made."""
        for name in QueueColumns.__struct_fields__:
            yield name, self._encoded(name, codec)

    def _encoded(self, name: str, codec: Codec) -> list[bytes]:
        if name in self._of_book:
            return [codec.array(self._of_book[name])]
        values = self._of_queue.get(name)
        if values is None:
            return [codec.encode(self.column(name, 0, len(self)))]
        without_place = len(self) - self._placed
        nulls = codec.encode([None] * without_place)
        return codec.joined([(self._placed, codec.array(values)), (without_place, nulls)])


def encode_answer(
    ids: Sequence[str],
    ranked: "RankedBook",
    *,
    sizes: "Floats",
    mark_price: float,
    venue: Venue,
    wanted: "Flags | None",
    top: int | None,
    rows: bool,
    codec: Codec,
) -> list[bytes]:
    """The answer in pieces: the long lists are encoded one by one and set into the rest of it."""
    parts: dict[str, list[bytes]] = {}
    queues: dict[str, Queue] = {}
    for side, queue in ranked.queues.items():
        listing = _Listing(ids, ranked, queue, sizes, _kept(queue, top=top, wanted=wanted))
        if rows:
            key = f"<positions of the {side} queue>"
            parts[key] = listing.as_rows(codec)
            listed: dict[str, Any] = {"positions": key}
        else:
            keys = {name: f"<{name} of the {side} queue>" for name in QueueColumns.__struct_fields__}
            parts |= {keys[name]: encoded for name, encoded in listing.as_columns(codec)}
            listed = {"columns": keys}
        queues[side] = Queue(
            count=queue.count, eligible=queue.eligible, size=queue.size, notional=queue.notional, **listed
        )
    answer = RankAnswer(
        formula=str(venue.rules.ranking.formula),
        confidence=venue.rules.confidence,
        mark_price=mark_price,
        queues=Queues(**queues),
        venue=venue.ref,
    )
    return codec.spliced(answer, parts)


def _kept(queue: "SideQueue", *, top: int | None, wanted: "Flags | None") -> "Places":
    """Which steps of the queue's order are answered."""
    import numpy as np  # noqa: PLC0415 (only books need it)

    kept = np.arange(queue.count if top is None else min(top, queue.count))
    return kept if wanted is None else kept[wanted[queue.places[kept]]]


def _with_nulls(values: "Floats") -> list[Any]:
    import numpy as np  # noqa: PLC0415 (only books need it)

    undefined = np.isnan(values)
    if undefined.any():
        nullable = values.astype(object)
        nullable[undefined] = None
        return list(nullable.tolist())
    return list(values.tolist())
