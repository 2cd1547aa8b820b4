"""The loop of one receiver: what waits for it goes out one after the other, again later where it was not taken."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Protocol

from adlrisk.watch.delivery.receivers import Receiver
from adlrisk.watch.delivery.sending import DeliveryError
from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.outbox import Outbox, add, next_attempt, next_delivery, note_delivered, note_failed
from adlrisk.watch.messages.receivers import tell_receiver
from adlrisk.watch.running.keeper import Keeper
from adlrisk.watch.running.reporter import Reporter

TellOthers = Callable[[Receiver, Message], None]


class Sender(Protocol):
    """Sends to one receiver."""

    receiver: Receiver

    @property
    def characters(self) -> int:
        """How many characters of title and body go out as one message."""

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
        wall: Callable[[], float],
        jitter: Callable[[], float] = random.random,  # nosec B311
    ) -> None:
        self.receiver = sender.receiver
        self._sender = sender
        self._keeper = keeper
        self._reporter = reporter
        self._wall = wall
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

    def put(self, messages: Sequence[Message]) -> None:
        """Let ``messages`` wait for this receiver, until the loop is woken."""
        outbox = add(self.outbox, messages, now=asyncio.get_running_loop().time(), wall=self._wall())
        self._keeper.change_outbox(self.receiver.id, outbox)
        self._reporter.waiting(self.receiver, len(outbox.waiting))

    async def run(self, tell_others: TellOthers) -> None:
        """Deliver until ``end``; the other receivers are told if this one takes no messages, and if it does again."""
        while not self._ends:
            delivery = self._next_delivery()
            if delivery is None:
                await self._wait()
            else:
                await self._attempt(delivery, tell_others)

    async def drain(self, tell_others: TellOthers) -> bool:
        """Deliver all that may be sent now, until a delivery fails; whether nothing is left."""
        while (delivery := self._next_delivery()) is not None:
            if not await self._attempt(delivery, tell_others):
                break
        return not self.outbox.waiting

    def _next_delivery(self) -> Delivery | None:
        now = asyncio.get_running_loop().time()
        return next_delivery(self.outbox, now=now, characters=self._sender.characters)

    async def _attempt(self, delivery: Delivery, tell_others: TellOthers) -> bool:
        await self._keeper.save()  # before: after a kill, what was told is known as far as it can be
        try:
            await self._sender.send(delivery)
        except DeliveryError as error:
            self._note_failure(delivery, error)
            is_taken = False
        else:
            self._keeper.change_outbox(self.receiver.id, note_delivered(self.outbox, delivery))
            self._reporter.delivered(self.receiver, waiting=len(self.outbox.waiting))
            is_taken = True
        self._tell(tell_others)
        await self._keeper.save()
        return is_taken

    def _note_failure(self, delivery: Delivery, error: DeliveryError) -> None:
        now = asyncio.get_running_loop().time()
        failed = note_failed(self.outbox, delivery, now=now, jitter=self._jitter(), is_down=error.is_down)
        if failed.losses.given_up > self.outbox.losses.given_up:
            self._reporter.message_given_up(self.receiver)
        self._keeper.change_outbox(self.receiver.id, failed)
        self._reporter.delivery_failed(self.receiver, str(error), waiting=len(failed.waiting))

    def _tell(self, tell_others: TellOthers) -> None:
        """Tell the others of this receiver, where there is something to tell."""
        now = asyncio.get_running_loop().time()
        outbox, message = tell_receiver(self.outbox, name=self.receiver.name, now=now, wall=self._wall())
        if message is not None:
            self._keeper.change_outbox(self.receiver.id, outbox)
            tell_others(self.receiver, message)

    async def _wait(self) -> None:
        self._woken.clear()
        at = next_attempt(self.outbox)
        rest = None if at is None else max(0.0, at - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(rest):
                await self._woken.wait()
        except TimeoutError:
            pass
