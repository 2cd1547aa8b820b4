"""The loop of one receiver: what waits for it goes out one after the other, again later where it was not taken."""

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

from adlrisk.watch.delivery.receivers import Receiver
from adlrisk.watch.delivery.sending import DeliveryError
from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.messages.outbox import Outbox, next_attempt, next_delivery, note_delivered, note_failed
from adlrisk.watch.running.keeper import Keeper
from adlrisk.watch.running.reporter import Reporter


class Sender(Protocol):
    """Sends to one receiver."""

    receiver: Receiver

    async def send(self, delivery: Delivery) -> None:
        """Send it, or raise ``DeliveryError``."""


class DeliveryLoop:
    """Delivers what waits for one receiver; others do not wait for it."""

    def __init__(
        self,
        sender: Sender,
        *,
        keeper: Keeper,
        reporter: Reporter,
        jitter: Callable[[], float] = random.random,  # nosec B311
    ) -> None:
        self.receiver = sender.receiver
        self._sender = sender
        self._keeper = keeper
        self._reporter = reporter
        self._jitter = jitter
        self._woken = asyncio.Event()
        self._ends = False

    @property
    def outbox(self) -> Outbox:
        """What waits."""
        return self._keeper.state.outboxes.get(self.receiver.id, Outbox())

    def wake(self) -> None:
        """Look again at what waits."""
        self._woken.set()

    def end(self) -> None:
        """Begin no further delivery."""
        self._ends = True
        self._woken.set()

    async def run(self) -> None:
        """Deliver until ``end``."""
        while not self._ends:
            delivery = next_delivery(self.outbox, now=asyncio.get_running_loop().time())
            if delivery is None:
                await self._wait()
            else:
                await self._attempt(delivery)

    async def drain(self) -> bool:
        """Deliver all that may be sent now, until a delivery fails; whether nothing is left."""
        while (delivery := next_delivery(self.outbox, now=asyncio.get_running_loop().time())) is not None:
            if not await self._attempt(delivery):
                break
        return not self.outbox.waiting

    async def _attempt(self, delivery: Delivery) -> bool:
        await self._keeper.save()  # before: after a kill, what was told is known as far as it can be
        try:
            await self._sender.send(delivery)
        except DeliveryError as error:
            failed = note_failed(self.outbox, delivery, now=asyncio.get_running_loop().time(), jitter=self._jitter())
            self._keeper.change_outbox(self.receiver.id, failed)
            self._reporter.delivery_failed(self.receiver, str(error), waiting=len(failed.waiting))
            return False
        self._keeper.change_outbox(self.receiver.id, note_delivered(self.outbox, delivery))
        self._reporter.delivered(self.receiver, waiting=len(self.outbox.waiting))
        await self._keeper.save()
        return True

    async def _wait(self) -> None:
        self._woken.clear()
        at = next_attempt(self.outbox)
        rest = None if at is None else max(0.0, at - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(rest):
                await self._woken.wait()
        except TimeoutError:
            pass
