"""The place of one request among those in hand, given up while it waits for its own caller."""

from collections.abc import Mapping
from typing import Any, Final

from litestar.types import Receive, ReceiveMessage

from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.concurrency import Places

ARRIVAL: Final = "arrival"  # in a scope's state: why the request found no place; None where it has one


def arrive(places: Places) -> ProblemError | None:
    """Take a place; the problem to answer where there is none."""
    return None if places.enter() else places.refuse()


class InHand:
    """A request on its way in: its place, and how much of its body has been read.

    The shipped server lets a request take its place when its head arrives, before its turn comes, and leaves in the
    state what became of that. Under another server the request takes its place when its turn comes.
    """

    def __init__(self, receive: Receive, places: Places, state: Mapping[str, Any]) -> None:
        self._receive = receive
        self._places = places
        self.size = 0
        arrival: ProblemError | None = state[ARRIVAL] if ARRIVAL in state else arrive(places)
        self.refusal = arrival
        self._has_place = arrival is None

    async def receive(self) -> ReceiveMessage:
        """The next piece of the body.

        Raises:
            ProblemError: all places were taken meanwhile (503).
        """
        if not self._has_place:
            return self._counted(await self._receive())
        self.leave()
        message = await self._receive()
        self._has_place = self._places.enter()
        if not self._has_place:
            raise self._places.refuse()
        return self._counted(message)

    async def gone(self) -> None:
        """Return once the client has gone away, its body read to the end; the place is kept meanwhile."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def leave(self) -> None:
        """Give the place back, if there is one."""
        if self._has_place:
            self._has_place = False
            self._places.leave()

    def _counted(self, message: ReceiveMessage) -> ReceiveMessage:
        if message["type"] == "http.request":
            self.size += len(message["body"])
        return message
