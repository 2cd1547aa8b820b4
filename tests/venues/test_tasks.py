"""Waiting with a timeout while the event loop is busy."""

import asyncio

import pytest

from adlrisk.venues.tasks import wait_with_timeout
from support.clocks import SkippingLoop
from support.collect.skipped_time import monotonic, run_skipping


def test_a_busy_loop_does_not_miss_an_answer_in_time() -> None:
    """Eight iterations of 20 ms exceed 50 ms, but the answer needed only the iterations."""

    async def run() -> bool:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SkippingLoop)
        answer = loop.create_future()

        async def others() -> None:
            for _ in range(8):
                await asyncio.sleep(0)
            answer.set_result(None)

        async def busy() -> None:
            while not answer.done():
                loop.spend(0.02)
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(others()), asyncio.create_task(busy())]
        in_time = await wait_with_timeout([answer], seconds=0.05)
        await asyncio.gather(*tasks)
        return in_time

    assert run_skipping(run())


def test_a_wait_ends_at_its_timeout() -> None:
    """On an idle loop the timeout is exact."""

    async def run() -> tuple[bool, float]:
        in_time = await wait_with_timeout([asyncio.get_running_loop().create_future()], seconds=0.1)
        return in_time, monotonic()

    in_time, seconds = run_skipping(run())
    assert not in_time
    assert seconds == pytest.approx(0.1)


def test_completed_futures_need_no_wait() -> None:
    """No futures, or completed ones, return at once."""

    async def run() -> bool:
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return await wait_with_timeout([], seconds=10.0) and await wait_with_timeout([done], seconds=10.0)

    assert run_skipping(run())
