"""Calls to one venue with time limit, retries and a back-off that all its calls share; each one is reported."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from adlrisk.collect.adapters.observation import CallName, Exchange, FetchError, LeftOutField, Observation
from adlrisk.collect.observer import Observer
from adlrisk.collect.schedule import LONGEST_RETRY_SECONDS, T, retry_until_answered

_TIMEOUT_SECONDS: Final = 20.0
_BACKOFF_SECONDS: Final = 5.0  # after a rate-limit refusal that does not say how long to wait


class VenueCalls:
    """Calls one venue and reports to the observer; durations and back-off are measured by ``monotonic``."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        observer: Observer,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self._observer = observer
        self._clock = clock
        self._monotonic = monotonic
        self._backoff_until = 0.0  # monotonic

    async def load_markets(self) -> None:
        """Read the venue's list of contracts, retried until it succeeds."""
        await retry_until_answered(self.load_markets_once)

    async def load_markets_once(self) -> None:
        """Read the venue's list of contracts.

        Raises:
            FetchError: the venue gave no usable answer.
        """
        await self._call_once("contract", self._exchange.load_markets)

    async def fetch(self, call: CallName, market: str) -> Observation:
        """The answer to a call about a contract, retried until it succeeds."""
        return await retry_until_answered(lambda: self.fetch_once(call, market))

    async def fetch_once(self, call: CallName, market: str) -> Observation:
        """The answer to a call about a contract.

        Raises:
            FetchError: the venue gave no usable answer.
        """

        def fetch() -> Awaitable[Observation]:
            return self._exchange.fetch(call, market, now=datetime.fromtimestamp(self._clock(), UTC))

        observation = await self._call_once(call, fetch)
        self.report_left_out(observation.left_out)
        if observation.venue_time is not None:
            # Compared on arrival, the way back included: how long the request waited in the queue is not known.
            skew_seconds = observation.venue_time.timestamp() - self._clock()
            self._observer.clock_skew_measured(self._exchange.venue, skew_seconds)
        return observation

    def report_left_out(self, left_out: tuple[LeftOutField, ...]) -> None:
        """Report fields that could not be used."""
        for field in left_out:
            self._observer.field_left_out(self._exchange.venue, field)

    def report_answered(self, call: CallName, *, seconds: float) -> None:
        """Report that a call succeeded."""
        self._observer.fetched(self._exchange.venue, call, "ok", seconds=seconds)

    def report_failed(self, call: CallName, error: FetchError, *, seconds: float) -> None:
        """Report that a call failed; backs off if the venue limits the rate or says when to retry."""
        self._back_off(error)
        self._observer.fetched(self._exchange.venue, call, error.outcome, seconds=seconds, detail=str(error))

    def report_stream_ended(self, error: FetchError, *, seconds: float) -> None:
        """Report that a liquidation stream that worked has ended; backs off as after a failure."""
        self._back_off(error)
        self._observer.stream_ended(self._exchange.venue, error.outcome, seconds=seconds, detail=str(error))

    async def wait_for_backoff(self) -> None:
        """Wait until the back-off is over."""
        while (wait := self._backoff_until - self._monotonic()) > 0.0:  # noqa: ASYNC110 (it may grow meanwhile)
            await asyncio.sleep(wait)

    def _back_off(self, error: FetchError) -> None:
        wait = error.retry_after_seconds
        if wait is None and error.outcome == "rate-limited":
            wait = _BACKOFF_SECONDS
        if wait is not None:
            self._backoff_until = max(self._backoff_until, self._monotonic() + min(wait, LONGEST_RETRY_SECONDS))

    async def _call_once(self, call: CallName, ask: Callable[[], Awaitable[T]]) -> T:
        await self.wait_for_backoff()
        started_at = self._monotonic()
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                answer = await ask()
        except TimeoutError:
            error = FetchError("timeout", f"no answer within {_TIMEOUT_SECONDS:g} s")
            self.report_failed(call, error, seconds=self._monotonic() - started_at)
            raise error from None
        except FetchError as error:
            self.report_failed(call, error, seconds=self._monotonic() - started_at)
            raise
        self.report_answered(call, seconds=self._monotonic() - started_at)
        return answer
