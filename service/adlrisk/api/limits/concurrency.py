"""Concurrency limits: slots for requests, batches, books and connections, and the problem of those beyond.

A request holds a slot from its arrival to its answer, but not while the server waits for the client to send its body:
slow clients do not use up the slots of others. Batches and books hold theirs while they are read too, for they fill
the memory.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, get_args

from litestar.types import Receive, ReceiveMessage

from adlrisk.api.http.problems import ProblemError
from adlrisk.settings import Settings

PoolName = Literal["requests", "batches", "books", "connections"]
Limit = Literal["requests", "batches", "books", "connections", "rate"]

LIMITS: Final[tuple[Limit, ...]] = get_args(Limit)
# In a scope's state: why the request got no slot on arrival, None where it has one; and what gives it up, once its
# client has closed its sending side.
REFUSAL: Final = "refusal"
GIVE_UP: Final = "give_up"

_RETRY_AFTER: Final = {"retry-after": "1"}
_WHAT_FILLS: Final[dict[PoolName, str]] = {
    "requests": "Too many requests in progress",
    "batches": "Too many batches in progress",
    "books": "Too many books in progress",
    "connections": "Too many open connections",
}


class Pool:
    """The slots of one kind."""

    def __init__(self, name: PoolName, total: int, *, on_full: Callable[[Limit], None]) -> None:
        self.name: Final = name
        self._on_full = on_full
        self.total = total
        self.taken = 0

    @property
    def is_full(self) -> bool:
        """Whether all slots are taken."""
        return self.taken >= self.total

    def acquire(self) -> bool:
        """Take a slot; whether there was one."""
        if self.taken >= self.total:
            return False
        self.taken += 1
        return True

    def release(self) -> None:
        """Give a slot back."""
        self.taken -= 1

    def build_refusal(self) -> ProblemError:
        """The problem for a request that finds no slot; it is counted."""
        self._on_full(self.name)
        return ProblemError("overloaded", f"{_WHAT_FILLS[self.name]}; retry later", headers=_RETRY_AFTER)

    @contextlib.contextmanager
    def slot(self) -> Iterator[None]:
        """A slot for as long as the context lasts.

        Raises:
            ProblemError: all are taken (503).
        """
        if not self.acquire():
            raise self.build_refusal()
        try:
            yield
        finally:
            self.release()


class Pools:
    """The slots of every kind."""

    def __init__(self, settings: Settings, *, on_full: Callable[[Limit], None]) -> None:
        self.requests = Pool("requests", settings.max_requests, on_full=on_full)
        self.batches = Pool("batches", settings.max_batches, on_full=on_full)
        self.books = Pool("books", settings.max_books, on_full=on_full)
        self.connections = Pool("connections", settings.max_connections, on_full=on_full)

    def __iter__(self) -> Iterator[Pool]:
        """All pools."""
        return iter((self.requests, self.batches, self.books, self.connections))

    def __getitem__(self, name: PoolName) -> Pool:
        """The pool of that name."""
        return next(pool for pool in self if pool.name == name)


def acquire_on_arrival(pool: Pool) -> ProblemError | None:
    """Take a slot for a request that has just arrived; the problem to answer where there is none."""
    return None if pool.acquire() else pool.build_refusal()


class RequestSlot:
    """A request's slot, released while the server waits for the client to send its body, and the body's size.

    The shipped server takes the slot of a complete request before its turn comes, and leaves the outcome in the scope's
    state. An incomplete one takes it when its turn comes, as every request does under another server.
    """

    def __init__(self, receive: Receive, pool: Pool, state: Mapping[str, Any]) -> None:
        self._receive = receive
        self._pool = pool
        self._state = state
        self.size = 0
        refusal: ProblemError | None = state[REFUSAL] if REFUSAL in state else acquire_on_arrival(pool)
        self.refusal = refusal
        self._is_held = refusal is None

    async def receive(self) -> ReceiveMessage:
        """The next piece of the body.

        Raises:
            ProblemError: all slots were taken meanwhile (503).
        """
        if not self._is_held:
            return self._counted(await self._receive())
        self.release()
        message = await self._receive()
        self._is_held = self._pool.acquire()
        if not self._is_held:
            raise self._pool.build_refusal()
        return self._counted(message)

    async def wait_until_gone(self) -> None:
        """Return once the client has gone away, its body read to the end; the slot is kept meanwhile.

        A client that has closed its sending side counts as gone, for one that has closed both looks the same. The
        shipped server wakes the receiver then.
        """
        while GIVE_UP not in self._state:
            if (await self._receive())["type"] == "http.disconnect":
                return
        self._state[GIVE_UP]()

    def release(self) -> None:
        """Give the slot back, if it is held."""
        if self._is_held:
            self._is_held = False
            self._pool.release()

    def _counted(self, message: ReceiveMessage) -> ReceiveMessage:
        if message["type"] == "http.request":
            self.size += len(message["body"])
        return message
