"""The state of a watch: what is saved when, and what becomes of a state that is none."""

import asyncio
import json
from functools import partial

import pytest

from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.running.delivery_loop import DeliveryLoop
from adlrisk.watch.state.kept_state import NewerStateError
from adlrisk.watch.stores.store import StoreFailedError, StoreTakenError
from support.positions.fake_venue import OkxVenue
from support.watch.scene import Scene
from support.watch.stage import Stage


def play_once(stage: Stage) -> bool:
    """What `--once` does; whether all went well."""

    async def play() -> bool:
        built = await stage.open()
        return await built.watcher.run_once()

    return stage.play(play)


def test_once_tells_the_state_at_first_and_then_only_what_has_changed(scene: Scene) -> None:
    """As cron runs it: a start, nothing, a change up at once, nothing, and down after two readings."""
    stage = scene.set()
    told = []
    for state in ("ok", "ok", "high", "high", "ok", "ok", "ok"):
        scene.danger.set(state)
        before = len(scene.receivers[0].got)
        assert play_once(stage)
        told.append([title.rpartition(": ")[2] for title in scene.receivers[0].titles[before:]])
    assert told == [["1 ok"], [], ["ADL score high (was ok)"], [], [], ["ADL score ok (was high)"], []]


def test_once_says_by_its_outcome_that_an_account_or_a_receiver_failed(scene: Scene) -> None:
    """And what was not delivered comes with the next run."""
    stage = scene.set()
    scene.danger.set("ok")
    scene.receivers[0].status = 503
    assert not play_once(stage)
    scene.receivers[0].status = 200
    assert play_once(stage)
    assert len(scene.receivers[0].got) == 1
    scene.venue.failing = scene.venue.DOWN
    assert not play_once(stage)
    assert not play_once(stage)
    assert len(scene.receivers[0].got) == 2


def test_once_tells_one_time_that_an_account_cannot_be_read_also_if_it_never_was(scene: Scene) -> None:
    """Cron would tell it every minute."""
    stage = scene.set()
    scene.danger.set("ok")
    scene.venue.failing = scene.venue.DOWN
    for _ in range(3):
        assert not play_once(stage)
    assert len(scene.receivers[0].got) == 1


def test_a_second_watch_on_the_same_state_is_refused(scene: Scene) -> None:
    """While the first runs; it goes on."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            with pytest.raises(StoreTakenError, match="another watch"):
                await stage.open()
            await asyncio.sleep(5)

    stage.play(play)
    assert len(scene.receivers[0].got) == 1


def test_a_state_that_cannot_be_read_is_moved_aside_and_begun_anew(scene: Scene) -> None:
    """With a line that says where it is now."""
    stage = scene.set()
    scene.danger.set("ok")
    scene.state.write_bytes(b'{"version": 1, "accounts": 7}')
    assert play_once(stage)
    assert scene.receivers[0].titles == ["desk on binance: watched from now on, 1 position: 1 ok"]
    line = next(json.loads(line) for line in stage.log.splitlines() if "begun anew" in line)
    assert line["moved_to"] == f"{scene.state}.unreadable"
    assert json.loads(scene.state.read_bytes())["accounts"][0]["account"] == "desk"


def test_a_state_of_a_later_version_is_left_where_it_is(scene: Scene) -> None:
    """The watch does not start: messages may wait in it."""
    stage = scene.set()
    scene.state.write_bytes(b'{"version": 99, "outboxes": {}}')

    async def play() -> None:
        with pytest.raises(NewerStateError, match="run the version that wrote it"):
            await stage.open()

    stage.play(play)
    assert scene.state.read_bytes() == b'{"version": 99, "outboxes": {}}'
    assert not scene.state.with_name("watch.json.unreadable").exists()


def test_a_message_is_in_the_state_before_it_is_sent_and_out_of_it_afterwards(scene: Scene) -> None:
    """So a kill between the two sends it again, and none is lost."""
    stage = scene.set()
    scene.danger.set("ok")
    kept: list[list[str]] = []

    def titles_kept() -> list[str]:
        outboxes = json.loads(scene.state.read_bytes())["outboxes"].values()
        return [waiting["message"]["title"] for outbox in outboxes for waiting in outbox["waiting"]]

    async def play() -> None:
        built = await stage.open()
        (loop,) = built.watcher._deliveries  # noqa: SLF001 (what is looked at is the moment of sending)
        assert isinstance(loop, DeliveryLoop)
        send = loop._sender.send  # noqa: SLF001

        async def look_and_send(delivery: Delivery) -> None:
            kept.append(titles_kept())
            await send(delivery)

        loop._sender.send = look_and_send  # type: ignore[method-assign]  # noqa: SLF001
        await built.watcher.run_once()

    stage.play(play)
    assert kept == [["desk on binance: watched from now on, 1 position: 1 ok"]]
    assert titles_kept() == []


def test_a_state_that_cannot_be_saved_stops_no_message_but_makes_the_watch_unready(scene: Scene) -> None:
    """Told once in the log, and again when it can be."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch() as built:
            await stage.until(20)
            assert built.reporter.unready_reason is None
            put = built.keeper._store.put  # noqa: SLF001 (the store is what fails)

            async def fail(_state: bytes) -> None:
                raise StoreFailedError("the disk is full")

            built.keeper._store.put = fail  # type: ignore[method-assign, assignment]  # noqa: SLF001
            scene.danger.set("high")
            await stage.until(50)
            assert built.reporter.unready_reason == "the state cannot be kept"
            built.keeper._store.put = put  # type: ignore[method-assign]  # noqa: SLF001
            await stage.until(80)
            assert built.reporter.unready_reason is None

    stage.play(play)
    assert len(scene.receivers[0].got) == 2
    assert stage.log.count("state not kept") == 1
    assert stage.log.count("state is kept again") == 1


def test_a_watch_is_unready_until_each_account_was_read(scene: Scene) -> None:
    """The reason names those that never were."""
    stage = scene.set()
    scene.danger.set("ok")
    scene.venue.failing = scene.venue.DOWN

    async def play() -> None:
        async with stage.watch() as built:
            await stage.until(20)
            assert built.reporter.unready_reason == "never read: desk"
            scene.venue.failing = None
            await stage.until(35)
            assert built.reporter.unready_reason is None

    stage.play(play)


def test_no_secret_is_in_lines_log_state_or_messages(scene: Scene) -> None:
    """Neither keys nor URLs, also where venue and receiver fail."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            await stage.until(20)
            scene.venue.failing = (401, {"code": -2014, "msg": f"bad key {stage.secrets[0]}"})
            scene.receivers[0].status = 401
            await stage.until(50)
            scene.receivers[0].status = 200
            await stage.until(80)

    stage.play(play)
    shown = "\n".join([*stage.lines, stage.log, scene.state.read_text(), *(str(one) for one in scene.receivers[0].got)])
    assert "it answered 401" in shown
    assert "does not accept the keys" in shown or "cannot be read" in shown
    assert [secret for secret in (*stage.secrets, "token-0123456789abcdef") if secret in shown] == []


def test_an_unexpected_error_of_one_part_stops_no_other(scene: Scene) -> None:
    """It is logged without its text, and that part begins again."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch() as built:
            (loop,) = built.watcher._deliveries  # noqa: SLF001 (whatever it is that breaks)
            send, broken = loop._sender.send, [True]  # noqa: SLF001

            async def break_once(delivery: Delivery) -> None:
                if broken.pop() if broken else False:
                    raise LookupError("json://secret")
                await send(delivery)

            loop._sender.send = break_once  # type: ignore[method-assign]  # noqa: SLF001
            await stage.until(60)

    stage.play(play)
    assert len(scene.receivers[0].got) == 1
    (line,) = [json.loads(line) for line in stage.log.splitlines() if "watch failed" in line]
    assert line["error"] == "LookupError"
    assert "secret" not in stage.log


def test_accounts_that_are_watched_no_more_are_not_kept(scene: Scene) -> None:
    """Nothing is said of them, and as new ones they begin anew."""
    scene.danger.set("ok")
    okx = scene.add_venue(OkxVenue())
    play_once(scene.set({"hedge": okx}))
    play_once(scene.set())
    assert [one["account"] for one in json.loads(scene.state.read_bytes())["accounts"]] == ["desk"]


def test_messages_that_wait_for_a_receiver_that_is_gone_are_said_to_be_dropped(scene: Scene) -> None:
    """Another URL is another receiver."""
    stage = scene.set()
    scene.danger.set("ok")
    scene.receivers[0].status = 503
    play_once(stage)
    scene.receivers[0] = scene.add_receiver()
    stage = scene.set()
    scene.danger.set("high")
    assert play_once(stage)
    assert "ADL score high" in scene.receivers[0].titles[0]
    assert json.loads(next(line for line in stage.log.splitlines() if "dropped" in line))["messages"] == 1


def test_a_receiver_that_is_new_hears_how_it_stands(scene: Scene) -> None:
    """A start so soon after another says it again for it; without a new one it says nothing."""
    scene.danger.set("ok")

    async def play(stage: Stage) -> None:
        async with stage.watch():
            await asyncio.sleep(5)

    heard = []
    for more in (0, 0, 1):
        scene.receivers += [scene.add_receiver() for _ in range(more)]
        stage = scene.set()
        stage.play(partial(play, stage))
        heard.append([len(one.got) for one in scene.receivers])
    assert heard == [[1], [1], [2, 1]]
