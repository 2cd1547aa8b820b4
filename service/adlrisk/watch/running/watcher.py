"""The watcher: takes what readings find, tells what is to be told, and keeps what was told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from adlrisk.venues.tasks import cancel_tasks
from adlrisk.watch.delivery.receivers import Receiver
from adlrisk.watch.messages.budget import admit, next_release
from adlrisk.watch.messages.message import Message
from adlrisk.watch.reading.observed import FailedReading
from adlrisk.watch.rules.standing_lines import describe_account
from adlrisk.watch.rules.update import update
from adlrisk.watch.running.account_loop import AccountLoop, Found
from adlrisk.watch.running.delivery_loop import DeliveryLoop
from adlrisk.watch.running.keeper import Keeper
from adlrisk.watch.running.reporter import Reporter

_RESTART_SECONDS: Final = 10.0  # after an unexpected error
_SHUTDOWN_SECONDS: Final = 5.0  # for deliveries in progress


class Watcher:
    """One watch of several accounts, with several receivers."""

    def __init__(
        self,
        accounts: Sequence[AccountLoop],
        deliveries: Sequence[DeliveryLoop],
        *,
        keeper: Keeper,
        reporter: Reporter,
        messages_per_minute: int,
        wall: Callable[[], float],
        close: Sequence[Callable[[], None]],
    ) -> None:
        """``close`` are called at the end."""
        self._accounts = accounts
        self._deliveries = deliveries
        self._keeper = keeper
        self._reporter = reporter
        self._per_minute = messages_per_minute
        self._wall = wall
        self._closers = close
        self._started: set[tuple[str, str]] = set()  # accounts whose present state was told
        self._told = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch meanwhile; deliveries in progress have some seconds at the end."""
        self._reporter.watch_started()
        readings = [asyncio.create_task(self._persist(partial(one.run, self.take))) for one in self._accounts]
        others = [asyncio.create_task(self._persist(run)) for run in (self._release, self._keeper.hold)]
        deliveries = [
            asyncio.create_task(self._persist(partial(one.run, self._tell_others))) for one in self._deliveries
        ]
        try:
            yield
        finally:
            await cancel_tasks([*readings, *others])
            for one in self._deliveries:
                one.end()
            if deliveries:
                await asyncio.wait(deliveries, timeout=_SHUTDOWN_SECONDS)
            await cancel_tasks(deliveries)
            await self._close()

    async def run_once(self) -> bool:
        """Read each account once, deliver what is to be told; whether all could be read and delivered."""
        self._reporter.watch_started()
        self._started = {(one.venue, one.account) for one in self._keeper.state.accounts if one.is_kept or one.is_stale}
        try:
            found = await asyncio.gather(*(one.read() for one in self._accounts))
            for each in found:
                await self.take(each)
            await self._drain()
            delivered = await self._drain()  # what the first round has told other receivers
            return all(delivered) and not any(isinstance(each, FailedReading) for each in found)
        finally:
            await self._close()

    async def take(self, found: Found) -> None:
        """Take what a reading found."""
        key = _key(found)
        before = self._keeper.state.find_account(*key)
        after, messages = update(before, found, is_start=key not in self._started)
        self._started.add(key)
        self._keeper.change_account(after)
        self._reporter.reading_ended(found, after)
        await self._tell(messages)

    async def _tell(self, messages: Sequence[Message]) -> None:
        state, now, wall = self._keeper.state, asyncio.get_running_loop().time(), self._wall()
        budget, admitted = admit(
            state.budget,
            messages,
            per_minute=self._per_minute,
            now=now,
            wall=wall,
            standing=[describe_account(one) for one in state.accounts],
        )
        self._keeper.change(replace(state, budget=budget))
        for one in self._deliveries:
            one.put(admitted)
        self._reporter.told(messages, admitted)
        await self._keeper.save()
        for one in self._deliveries:
            one.wake()
        self._told.set()

    def _tell_others(self, receiver: Receiver, message: Message) -> None:
        """Tell all but ``receiver``, of which the message is."""
        for one in self._deliveries:
            if one.receiver != receiver:
                one.put([message])
                one.wake()  # it saves the state before it sends
        self._reporter.told([message], [message])

    async def _drain(self) -> list[bool]:
        """Deliver what waits; of each receiver, whether nothing is left."""
        return await asyncio.gather(*(one.drain(self._tell_others) for one in self._deliveries))

    async def _release(self) -> None:
        """Tell what was held back as soon as the budget allows, until cancelled."""
        while True:
            self._told.clear()
            at = next_release(self._keeper.state.budget, per_minute=self._per_minute)
            rest = None if at is None else at - asyncio.get_running_loop().time()
            if rest is not None and rest <= 0.0:
                await self._tell(())
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._told.wait()

    async def _persist(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run until it ends, again after an unexpected error, which the others do not notice."""
        while True:
            try:
                return await run()
            except Exception as error:  # noqa: BLE001 (whatever it is)
                self._reporter.watch_failed(error)
            await asyncio.sleep(_RESTART_SECONDS)

    async def _close(self) -> None:
        await self._keeper.close()
        self._reporter.watch_ended()
        for close in self._closers:
            close()


def _key(found: Found) -> tuple[str, str]:
    return found.venue, found.account
