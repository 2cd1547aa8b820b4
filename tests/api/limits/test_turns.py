"""Turns: long work leaves every iteration of the event loop to others but for one turn."""

import asyncio

from adlrisk.api.limits.turns import Turns


def test_there_is_one_turn_in_each_iteration() -> None:
    """Three workers have their turns one after the other, never two in an iteration, and somebody else runs between."""

    async def story() -> list[str]:
        turns, seen = Turns(), list[str]()

        async def work(name: str) -> None:
            for _ in range(3):
                await turns.wait()
                seen.append(name)

        async def other() -> None:
            while len(seen) < 9 + others:
                note()
                await asyncio.sleep(0)

        others = 0

        def note() -> None:
            nonlocal others
            if seen and seen[-1] != "-":
                seen.append("-")
                others += 1

        await asyncio.gather(*map(work, "abc"), other())
        return seen

    seen = asyncio.run(story())
    assert "".join(seen).replace("-", "") == "abcabcabc"
    assert "".join(seen).rstrip("-") == "-".join("abcabcabc")


def test_a_turn_of_a_request_that_is_given_up_goes_to_the_next() -> None:
    """Whoever is cancelled while waiting delays nobody."""

    async def story() -> bool:
        turns = Turns()
        given_up = asyncio.create_task(turns.wait())
        waiting = asyncio.create_task(turns.wait())
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait_for(waiting, timeout=5.0)
        return given_up.cancelled()

    assert asyncio.run(story())
