"""The loop of one account: a reading in a thread every few seconds, with a time limit."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.running.keeper import Keeper
from adlrisk.watch.threads import CallInThread, call_in_thread

READING_SECONDS: Final = 60.0  # ccxt gives up a request after 10; a reading has several, and tries again
_LEAST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 3600.0  # a venue that bans for days is asked now and then

Found = Reading | FailedReading


class Reader(Protocol):
    """Reads one account, by one thread at a time."""

    def read(self, *, fills_since: float | None = None) -> Found:
        """The account as it is now."""


class AccountLoop:
    """Reads the account ``name`` at ``venue``, and hands over what was found, one reading after the other."""

    def __init__(
        self,
        reader: Reader,
        *,
        name: str,
        venue: str,
        interval_seconds: float,
        keeper: Keeper,
        wall: Callable[[], float],
        call_in_thread: CallInThread = call_in_thread,
    ) -> None:
        self.name = name
        self.venue = venue
        self._reader = reader
        self._interval_seconds = interval_seconds
        self._keeper = keeper
        self._wall = wall
        self._call_in_thread = call_in_thread
        self._last: asyncio.Future[Found] | None = None  # which may be beyond its time and still go on

    async def run(self, take: Callable[[Found], Awaitable[None]]) -> None:
        """Read until cancelled; after the interval, or as long after a reading as the venue wants to be left alone."""
        loop = asyncio.get_running_loop()
        while True:
            started_at = loop.time()
            found = await self.read()
            wanted = min(_LONGEST_PAUSE_SECONDS, found.retry_after or 0.0)
            await take(found)
            rest = self._interval_seconds - (loop.time() - started_at)
            await asyncio.sleep(max(_LEAST_PAUSE_SECONDS, rest, wanted))

    async def read(self) -> Found:
        """What a reading finds within its time; a venue that hangs is one that cannot be read."""
        if self._last is not None and not self._last.done():
            return self._fail(f"no answer within {READING_SECONDS:g} s, and that reading has not ended yet")
        since = self._keeper.state.find_account(self.venue, self.name).fills.since
        reading = self._call_in_thread(lambda: self._reader.read(fills_since=since), name=f"account {self.name}")
        self._last = reading
        ended, _ = await asyncio.wait([reading], timeout=READING_SECONDS)
        if not ended:
            return self._fail(f"no answer within {READING_SECONDS:g} s")
        error = reading.exception()
        return reading.result() if error is None else self._fail(_locate(error))

    def _fail(self, reason: str) -> FailedReading:
        return FailedReading(account=self.name, venue=self.venue, at=self._wall(), reason=reason)


def _locate(error: Any) -> str:
    """An unexpected error: what it is and where, without its text, which may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in line {frames[-1].lineno} of {frames[-1].filename.rpartition('/')[2]}" if frames else ""
    return f"an error of the program, {type(error).__name__}{where}"
