"""A venue asked: timed, counted, left alone for as long as it wants, and tried again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from adlrisk.collect.adapters.observation import CallName, Exchange, FetchError, Finding, LeftOut
from adlrisk.collect.observer import Watching
from adlrisk.collect.schedule import LONGEST_RETRY_SECONDS, T, persistently

_LONGEST_SECONDS: Final = 20.0
_QUIET_SECONDS: Final = 5.0  # after a refusal for asking too often that does not say how long


class Asking:
    """Asks one venue, and tells of it; ``monotonic`` is the clock by which it is timed and left alone."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        watching: Watching,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self._watching = watching
        self._clock = clock
        self._monotonic = monotonic
        self._quiet_until = 0.0  # monotonic

    async def open(self) -> None:
        """Read which contracts there are, however long it takes."""
        await persistently(self.open_once)

    async def open_once(self) -> None:
        """Read which contracts there are.

        Raises:
            FetchError: the venue did not say.
        """
        await self._once("contract", self._exchange.open)

    async def ask(self, call: CallName, market: str) -> Finding:
        """What a call finds, however long it takes."""
        return await persistently(lambda: self.ask_once(call, market))

    async def ask_once(self, call: CallName, market: str) -> Finding:
        """What a call finds.

        Raises:
            FetchError: nothing usable came.
        """

        def fetch() -> Awaitable[Finding]:
            return self._exchange.fetch(call, market, now=datetime.fromtimestamp(self._clock(), UTC))

        finding = await self._once(call, fetch)
        self.tell_left_out(finding.left_out)
        if finding.venue_time is not None:
            # As the answer arrives: how long the question waited for its turn is not known, so the way back counts in.
            self._watching.clock_skew(self._exchange.venue, finding.venue_time.timestamp() - self._clock())
        return finding

    def tell_left_out(self, left_out: tuple[LeftOut, ...]) -> None:
        """Tell which fields could not be used."""
        for one in left_out:
            self._watching.left_out(self._exchange.venue, one)

    def tell_answered(self, call: CallName, *, seconds: float) -> None:
        """Tell that a call was answered."""
        self._watching.fetched(self._exchange.venue, call, "ok", seconds=seconds)

    def tell_failed(self, call: CallName, error: FetchError, *, seconds: float) -> None:
        """Tell that a call failed; all others wait too where the venue was asked too often, or says when to come."""
        self._leave_alone(error)
        self._watching.fetched(self._exchange.venue, call, error.outcome, seconds=seconds, detail=str(error))

    def tell_stream_ended(self, error: FetchError, *, seconds: float) -> None:
        """Tell that a stream of liquidations has ended after a time in which it was well."""
        self._leave_alone(error)
        self._watching.stream_ended(self._exchange.venue, error.outcome, seconds=seconds, detail=str(error))

    async def quiet_over(self) -> None:
        """Wait for as long as the venue wants to be left alone."""
        while (quiet := self._quiet_until - self._monotonic()) > 0.0:  # noqa: ASYNC110 (it may grow meanwhile)
            await asyncio.sleep(quiet)

    def _leave_alone(self, error: FetchError) -> None:
        wait = error.retry_after_seconds
        if wait is None and error.outcome == "rate-limited":
            wait = _QUIET_SECONDS
        if wait is not None:
            self._quiet_until = max(self._quiet_until, self._monotonic() + min(wait, LONGEST_RETRY_SECONDS))

    async def _once(self, call: CallName, ask: Callable[[], Awaitable[T]]) -> T:
        await self.quiet_over()
        started_at = self._monotonic()
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                answer = await ask()
        except TimeoutError:
            error = FetchError("timeout", f"no answer within {_LONGEST_SECONDS:g} s")
            self.tell_failed(call, error, seconds=self._monotonic() - started_at)
            raise error from None
        except FetchError as error:
            self.tell_failed(call, error, seconds=self._monotonic() - started_at)
            raise
        self.tell_answered(call, seconds=self._monotonic() - started_at)
        return answer
