"""Encoding of a ranked book as rows or columns, piece by piece, so that a large one is never in memory twice."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from adlrisk.api.endpoints.queue.schema import Queue, QueueColumns, QueueRow, Queues, RankAnswer
from adlrisk.api.endpoints.shared.rows import encode_rows
from adlrisk.api.http.codecs import Codec
from adlrisk.domain.rules.chosen_formula import ChosenFormula
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags, Floats
    from adlrisk.domain.queue.queue import Indices, RankedBook, SideQueue


class _QueuePart:
    """The part of a queue to answer, as Python values column by column."""

    def __init__(
        self, ids: Sequence[str], ranked: "RankedBook", queue: "SideQueue", sizes: "Floats", selected: "Indices"
    ) -> None:
        ranked_first = selected[selected < queue.eligible]  # ranks from 0; the rest is ineligible
        indices = queue.indices[selected]
        state = ranked.state
        self._length = len(selected)
        self._eligible = len(ranked_first)
        self._indices = indices
        self._ids = ids
        self._of_book = {
            "unrealized_pnl": state.unrealized_pnl[indices],
            "return_on_entry": state.return_on_entry[indices],
            "effective_leverage": state.effective_leverage[indices],
            "size": sizes[indices],
        }
        self._of_queue = {
            "rank": ranked_first + 1,
            "priority": queue.priority[ranked_first],
            "percentile": queue.percentile[ranked_first],
            "adl_meter": None if queue.adl_meter is None else queue.adl_meter[ranked_first],
            "size_ahead": queue.size_ahead[ranked_first],
            "notional_ahead": queue.notional_ahead[ranked_first],
        }

    def __len__(self) -> int:
        return self._length

    def column(self, name: str, start: int, end: int) -> list[Any]:
        """Return the values of field ``name`` from index ``start`` to ``end``, null where undefined."""
        if name == "id":
            return list(map(self._ids.__getitem__, self._indices[start:end].tolist()))
        if name in self._of_book:
            return _replace_nan(self._of_book[name][start:end])
        eligible = max(0, min(end, self._eligible) - start)
        if name == "eligible":
            return [True] * eligible + [False] * (end - start - eligible)
        values = self._of_queue[name]
        if values is None:
            return [None] * (end - start)
        ranked: list[Any] = values[start:end].tolist()
        return ranked + [None] * (end - start - eligible)

    def encode_rows(self, codec: Codec) -> list[bytes]:
        """Encode the positions as an array of rows."""
        return encode_rows(QueueRow, length=len(self), part=self.column, codec=codec)

    def encode_columns(self, codec: Codec) -> Iterator[tuple[str, list[bytes]]]:
        """Yield each column by name, encoded before the next is built."""
        for name in QueueColumns.__struct_fields__:
            yield name, self._encode_column(name, codec)

    def _encode_column(self, name: str, codec: Codec) -> list[bytes]:
        if name in self._of_book:
            return [codec.encode_column(self._of_book[name])]
        values = self._of_queue.get(name)
        if values is None:
            return [codec.encode(self.column(name, 0, len(self)))]
        ineligible = len(self) - self._eligible
        nulls = codec.encode([None] * ineligible)
        return codec.join_arrays([(self._eligible, codec.encode_column(values)), (ineligible, nulls)])


def encode_queues(
    ids: Sequence[str],
    ranked: "RankedBook",
    *,
    formula: ChosenFormula,
    sizes: "Floats",
    mark_price: float,
    venue: Venue,
    wanted: "Flags | None",
    top: int | None,
    rows: bool,
    codec: Codec,
) -> list[bytes]:
    """Encode the answer in pieces: each long list is encoded separately and spliced into the rest."""
    parts: dict[str, list[bytes]] = {}
    queues: dict[str, Queue] = {}
    for side, queue in ranked.queues.items():
        part = _QueuePart(ids, ranked, queue, sizes, _select(queue, top=top, wanted=wanted))
        if rows:
            key = f"<positions of the {side} queue>"
            parts[key] = part.encode_rows(codec)
            fields: dict[str, Any] = {"positions": key}
        else:
            keys = {name: f"<{name} of the {side} queue>" for name in QueueColumns.__struct_fields__}
            parts |= {keys[name]: encoded for name, encoded in part.encode_columns(codec)}
            fields = {"columns": keys}
        queues[side] = Queue(
            count=queue.count, eligible=queue.eligible, size=queue.size, notional=queue.notional, **fields
        )
    answer = RankAnswer(
        formula=formula.name,
        formula_source=formula.source,
        confidence=formula.confidence,
        mark_price=mark_price,
        queues=Queues(**queues),
        venue=venue.ref,
    )
    return codec.splice(answer, parts)


def _select(queue: "SideQueue", *, top: int | None, wanted: "Flags | None") -> "Indices":
    """Return which positions of the queue to answer, as indices in queue order."""
    import numpy as np  # noqa: PLC0415 (only books need it)

    selected = np.arange(queue.count if top is None else min(top, queue.count))
    return selected if wanted is None else selected[wanted[queue.indices[selected]]]


def _replace_nan(values: "Floats") -> list[Any]:
    """Return ``values`` as Python numbers, null where undefined."""
    import numpy as np  # noqa: PLC0415 (only books need it)

    undefined = np.isnan(values)
    if undefined.any():
        nullable = values.astype(object)
        nullable[undefined] = None
        return list(nullable.tolist())
    return list(values.tolist())
