"""Loops of the watch by themselves: an account that hangs, a state that another watch takes."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from adlrisk.watch.delivery.receivers import Receiver
from adlrisk.watch.delivery.sending import DeliveryError
from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.messages.message import Message, MessageKey
from adlrisk.watch.messages.outbox import Outbox, add
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.running.account_loop import READING_SECONDS, AccountLoop, Found
from adlrisk.watch.running.delivery_loop import DeliveryLoop
from adlrisk.watch.running.keeper import HOLD_SECONDS
from adlrisk.watch.state.account_state import AccountState
from adlrisk.watch.state.kept_state import KeptState
from adlrisk.watch.stores.redis_store import LOCK_SECONDS
from adlrisk.watch.stores.store import StoreTakenError
from adlrisk.watch.threads import call_in_thread
from support.clocks import SkippingLoop
from support.watch.scene import Scene

KEY = MessageKey(venue="okx", account="desk", kind="reading")
MESSAGE = Message(key=KEY, severity="notice", at=0.0, title="a title")
READ = Reading(account="desk", venue="okx", at=1.0, positions=())


class Calls:
    """Calls that end when the test says so."""

    def __init__(self) -> None:
        self.futures: list[asyncio.Future[Any]] = []

    def __call__(self, _call: Callable[[], Any], *, name: str) -> "asyncio.Future[Any]":
        assert name == "account desk"
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


class NoKeeper:
    """A keeper of nothing."""

    class state:  # noqa: N801 (an attribute)
        @staticmethod
        def find_account(venue: str, account: str) -> Any:
            return AccountState(venue=venue, account=account)


def loop_with(calls: Any) -> AccountLoop:
    return AccountLoop(
        None,  # type: ignore[arg-type]  # calls are not made
        name="desk",
        venue="okx",
        interval_seconds=15.0,
        keeper=NoKeeper(),  # type: ignore[arg-type]
        wall=lambda: 7.0,
        call_in_thread=calls,
    )


def reasons_of(found: list[Found]) -> list[str]:
    return [one.reason if isinstance(one, FailedReading) else "read" for one in found]


def test_a_venue_that_wants_fewer_requests_is_left_alone() -> None:
    """As long as it says, an hour at most; then at the interval again."""
    waits = [None, 90.0, 3.0, 400_000.0, None]
    begun: list[float] = []

    async def play() -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def call(_: Any, *, name: str) -> "asyncio.Future[Any]":  # noqa: ARG001 (of a thread)
            future = loop.create_future()
            wanted = waits[len(begun)]
            begun.append(loop.time())
            future.set_result(FailedReading(account="desk", venue="okx", at=1.0, reason="429", retry_after=wanted))
            return future

        async def take(_: Found) -> None:
            if len(begun) == len(waits):
                ended.set()

        reading = asyncio.create_task(loop_with(call).run(take))
        await ended.wait()
        reading.cancel()

    loop = SkippingLoop()
    try:
        loop.run_until_complete(play())
    finally:
        loop.close()
    assert [round(later - one) for one, later in pairwise(begun)] == [15, 90, 15, 3600]


def test_no_reading_begins_beside_one_that_has_not_ended() -> None:
    """It is late, then not ended; what it found at last is too old and left out, and the next reading is a new one."""

    async def play() -> list[Found]:
        calls = Calls()
        loop = loop_with(calls)
        found = [await loop.read(), await loop.read()]
        assert len(calls.futures) == 1
        calls.futures[0].set_result(READ)
        reading = asyncio.ensure_future(loop.read())
        await asyncio.sleep(0)
        assert len(calls.futures) == 2
        calls.futures[1].set_result(READ)
        return [*found, await reading]

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        found = runner.run(play())
    late = f"no answer within {READING_SECONDS:g} s"
    assert reasons_of(found) == [late, "no answer within 60 s, and that reading has not ended yet", "read"]
    assert found[0].at == 7.0


def test_an_unexpected_error_of_a_reading_is_a_failure_without_its_text() -> None:
    """Its kind and its place are said: its text may hold a signed URL."""

    async def play() -> Found:
        def fail() -> None:
            raise LookupError("https://venue/?signature=1")

        return await loop_with(lambda _, name: call_in_thread(fail, name=name)).read()

    found = asyncio.run(play())
    assert isinstance(found, FailedReading)
    assert found.reason.startswith("an error of the program, LookupError in line ")
    assert found.reason.endswith(" of test_loops.py")


def test_readings_keep_their_interval_and_pause_after_a_slow_one() -> None:
    """The next begins an interval after the last one began, at once after one that took longer, but for a second."""
    began: list[float] = []

    async def play() -> None:
        spent = iter((0.0, 4.0, 40.0, 0.0))

        def call(_call: Callable[[], Any], *, name: str) -> "asyncio.Future[Any]":  # noqa: ARG001 (as it is called)
            began.append(asyncio.get_running_loop().time())
            return asyncio.ensure_future(asyncio.sleep(next(spent, 0.0), READ))

        async def take(_found: Found) -> None:
            if len(began) == 5:
                raise LookupError

        with contextlib.suppress(LookupError):
            await loop_with(call).run(take)

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(play())
    assert [round(at - began[0]) for at in began] == [0, 15, 30, 71, 86]


def test_a_watch_whose_state_another_has_taken_knows_it_and_saves_nothing_more(scene: Scene) -> None:
    """So that it ends; nothing is written over the other's state. A lock outlives two renewals that fail."""
    stage = scene.set()
    scene.danger.set("ok")
    put: list[bytes] = []

    async def play() -> None:
        async with stage.watch() as built:
            await stage.until(5)

            async def refuse() -> None:
                raise StoreTakenError("another watch has it")

            async def remember(state: bytes) -> None:
                put.append(state)

            built.keeper._store.hold = refuse  # type: ignore[method-assign]  # noqa: SLF001 (the store's words)
            built.keeper._store.put = remember  # type: ignore[method-assign]  # noqa: SLF001
            await stage.until(HOLD_SECONDS + 1)
            assert built.keeper.taken.is_set()
            await stage.until(40)

    stage.play(play)
    assert put == []
    assert HOLD_SECONDS * 2 < LOCK_SECONDS


def test_a_delivery_is_saved_before_it_begins_and_after_it_has_ended() -> None:
    """Whatever else was changed meanwhile: what is sent is kept, and what was sent is kept as sent."""
    happened: list[str] = []

    class Keeper:
        state = KeptState(outboxes={"id": add(Outbox(), [MESSAGE], now=0.0, wall=0.0)})

        def change_outbox(self, receiver: str, outbox: Outbox) -> None:
            happened.append(f"{receiver} has {len(outbox.waiting)}")
            self.state = KeptState(outboxes={receiver: outbox})

        async def save(self) -> None:
            happened.append("saved")

    class Sender:
        receiver = Receiver(id="id", number=1, shown="x", url="x")
        characters = 1000

        async def send(self, delivery: Delivery) -> None:
            happened.append(f"sent {delivery.title}")

    keeper: Any = Keeper()
    loop = DeliveryLoop(Sender(), keeper=keeper, reporter=mock.Mock(), wall=time.time)
    assert asyncio.run(loop.drain(mock.Mock()))
    assert happened == ["saved", "sent a title", "id has 0", "saved"]


def test_a_message_that_is_given_up_is_in_the_log() -> None:
    """It was refused four times before, and others were taken."""
    (waiting,) = add(Outbox(), [MESSAGE], now=0.0, wall=0.0).waiting
    refused = replace(waiting, refusals=4, refused_since=-1e6, not_before=-1.0, is_passed=True)

    class Keeper:
        state = KeptState(outboxes={"id": Outbox(waiting=(refused,))})

        def change_outbox(self, receiver: str, outbox: Outbox) -> None:
            self.state = KeptState(outboxes={receiver: outbox})

        async def save(self) -> None:
            """Nothing is kept."""

    class Sender:
        receiver = Receiver(id="id", number=1, shown="x", url="x")
        characters = 1000

        async def send(self, delivery: Delivery) -> None:
            raise DeliveryError(f"{delivery.title} refused", is_down=False)

    keeper: Any = Keeper()
    reporter = mock.Mock()
    assert asyncio.run(DeliveryLoop(Sender(), keeper=keeper, reporter=reporter, wall=time.time).drain(mock.Mock()))
    reporter.message_given_up.assert_called_once_with(Sender.receiver)


def test_a_call_in_a_thread_gives_its_result_or_its_error() -> None:
    """And its thread keeps no process from ending."""

    async def play() -> None:
        assert await call_in_thread(lambda: threading.current_thread().daemon, name="a call") is True
        with pytest.raises(KeyError, match="none"):
            await call_in_thread(lambda: dict[str, int]()["none"], name="another")

    asyncio.run(play())
