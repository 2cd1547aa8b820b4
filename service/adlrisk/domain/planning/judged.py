"""How a position is judged: its score, and its place in a queue where a book is given."""

from msgspec import Struct

from adlrisk.domain.scoring.score import Score


class Judged(Struct, frozen=True, kw_only=True, gc=False):
    """A score, and the fifth of the queue, 1 is reduced first; ``None`` without a book, and out of the queue."""

    score: Score
    fifth: int | None = None
