"""How many requests may be in hand at once, by what they cost, how many connections, and what those beyond are told.

A request is in hand from its arrival to its answer, but not while it waits for its own caller: one who sends slowly
must not keep others out. Batches and books hold their place while they are read too, for they fill the memory.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Final, Literal, get_args

from adlrisk.api.http.problems import ProblemError
from adlrisk.settings import Settings

Lane = Literal["requests", "batches", "books", "connections"]
Limit = Literal["requests", "batches", "books", "connections", "rate"]

LIMITS: Final[tuple[Limit, ...]] = get_args(Limit)

_RETRY_AFTER: Final = {"retry-after": "1"}
_WHAT_FILLS: Final[dict[Lane, str]] = {
    "requests": "Too many requests in progress",
    "batches": "Too many batches in progress",
    "books": "Too many books in progress",
    "connections": "Too many open connections",
}


class Places:
    """The places of one lane."""

    def __init__(self, lane: Lane, places: int, *, on_full: Callable[[Limit], None]) -> None:
        self.lane: Final = lane
        self._on_full = on_full
        self.total = places
        self.taken = 0

    def enter(self) -> bool:
        """Whether there was a place, which is now taken."""
        if self.taken >= self.total:
            return False
        self.taken += 1
        return True

    def leave(self) -> None:
        """Give a place back."""
        self.taken -= 1

    def refuse(self) -> ProblemError:
        """The problem for a request that finds no place; it is counted."""
        self._on_full(self.lane)
        return ProblemError("overloaded", f"{_WHAT_FILLS[self.lane]}; retry later", headers=_RETRY_AFTER)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place, for as long as the context lasts.

        Raises:
            ProblemError: all are taken (503).
        """
        if not self.enter():
            raise self.refuse()
        try:
            yield
        finally:
            self.leave()


class Lanes:
    """The places of each lane."""

    def __init__(self, settings: Settings, *, on_full: Callable[[Limit], None]) -> None:
        self.requests = Places("requests", settings.max_requests, on_full=on_full)
        self.batches = Places("batches", settings.max_batches, on_full=on_full)
        self.books = Places("books", settings.max_books, on_full=on_full)
        self.connections = Places("connections", settings.max_connections, on_full=on_full)

    def __iter__(self) -> Iterator[Places]:
        """All of them."""
        return iter((self.requests, self.batches, self.books, self.connections))

    def __getitem__(self, lane: Lane) -> Places:
        """Those of one lane."""
        return next(places for places in self if places.lane == lane)
