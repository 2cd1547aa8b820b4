"""A watch from end to end: ccxt against fake venues, apprise to local receivers, in skipped time."""

import json
from typing import Any

from support.positions.fake_venue import OkxVenue
from support.watch.dangers import SCORES


def titles(scene: Any) -> list[str]:
    return scene.receivers[0].titles


POSITION = "desk on binance, ETHUSDT short"


def test_a_position_that_goes_to_high_and_back_is_told_up_at_once_and_down_after_two_readings(scene: Any) -> None:
    """Up at the first reading, down at the second; the start says the state once, and nothing else comes."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            await stage.until(60)
            scene.danger.set("high")
            await stage.until(300)
            scene.danger.set("ok")
            await stage.until(900)

    stage.play(play)
    start, up, down = scene.receivers[0].got
    assert start.title == "desk on binance: watched from now on, 1 position: 1 ok"
    assert up.title == f"{POSITION}: ADL score high (was ok)"
    assert f"Score {SCORES['high']} of 10." in up.body
    assert (up.kind, down.kind) == ("warning", "success")
    assert down.title == f"{POSITION}: ADL score ok (was high)"
    since = [one.at - start.at for one in (up, down)]
    assert since[0] in (60.0, 75.0)  # the reading at 60 s may come just before
    assert 315.0 <= since[1] <= 330.0
