"""A watch from end to end: ccxt against fake venues, apprise to local receivers, in skipped time."""

import asyncio

from support.positions.fake_venue import OkxVenue
from support.watch.dangers import SCORES
from support.watch.scene import Scene

POSITION = "desk on binance, ETHUSDT short"
START = "desk on binance: watched from now on, 1 position: 1 {}"


def test_a_position_that_goes_to_high_and_back_is_told_up_at_once_and_down_after_two_readings(scene: Scene) -> None:
    """Up at the first reading, down at the second; the start says the state once, and nothing else comes."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            await stage.until(65)
            scene.danger.set("high")
            await stage.until(125)
            scene.danger.set("ok")
            await stage.until(240)

    stage.play(play)
    start, up, down = scene.receivers[0].got
    assert start.title == START.format("ok")
    assert up.title == f"{POSITION}: ADL score high (was ok)"
    assert f"Score {SCORES['high']} of 10." in up.body
    assert (up.kind, down.kind) == ("warning", "success")
    assert down.title == f"{POSITION}: ADL score ok (was high)"
    assert [one.at - start.at for one in (up, down)] == [75, 150]
    assert [line.partition("Z ")[2] for line in stage.lines] == [
        f"notice {start.title}", f"warning {up.title}", f"recovery {down.title}",
    ]  # fmt: skip


def test_flapping_at_a_threshold_is_one_message(scene: Scene) -> None:
    """High at every other reading for three minutes: told once."""
    stage = scene.set()
    scene.danger.set("watch")

    async def play() -> None:
        async with stage.watch():
            for turn in range(12):
                await stage.until(5 + 15 * turn)
                scene.danger.set("high" if turn % 2 else "watch")

    stage.play(play)
    assert scene.receivers[0].titles == [
        START.format("watch"), f"{POSITION}: ADL score high (was watch)",
    ]  # fmt: skip


def test_a_venue_that_is_silent_is_told_once_and_what_changed_meanwhile_at_its_return(scene: Scene) -> None:
    """A warning at the first reading that fails, nothing of the position while nothing is known, then how it stands."""
    stage = scene.set()
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch() as built:
            await stage.until(65)
            scene.venue.failing = scene.venue.DOWN
            await stage.until(80)
            assert built.keeper.state.accounts[0].positions[0].standing.lower == "ok"
            await stage.until(245)
            scene.danger.set("watch")
            scene.venue.failing = None
            await stage.until(300)

    stage.play(play)
    _, silent, *back = scene.receivers[0].got
    assert silent.title.startswith("desk on binance: cannot be read: ")
    assert (silent.kind, silent.at) == ("warning", stage.now() - 300 + 75)
    assert [one.title for one in back] == [
        f"{POSITION}: ADL score watch (was ok)", "desk on binance: can be read again",
    ]  # fmt: skip
    assert [stage.log.count(event) for event in ("reading failed", "read again")] == [1, 1]


def test_a_restart_tells_the_present_state_once_and_no_backlog(scene: Scene) -> None:
    """What came and went while nobody watched is not told, an ADL meanwhile is; nothing of before is told again."""
    stage = scene.set()
    scene.danger.set("high")

    async def play() -> None:
        async with stage.watch():
            await asyncio.sleep(40)

    stage.play(play)
    before = len(scene.receivers[0].got)
    scene.venue.date = stage.now() + 60
    scene.venue.force("adl", "short", 4.0, at=stage.now() - 60)
    scene.danger.set("ok", size=6.0)
    stage.play(play)
    stage.play(play)
    assert scene.receivers[0].titles[before:] == [
        f"{POSITION}: ADL closed 4 contracts at 1800.5, 6 contracts left",
        START.format("ok"),
        START.format("ok"),
    ]


def test_an_account_that_hangs_holds_up_no_other(scene: Scene) -> None:
    """One account's readings do not end: it is stale after their time limit, and the other is told of at once."""
    okx = scene.add_venue(OkxVenue())
    stage = scene.set({"hedge": okx})
    scene.danger.set("ok")
    okx.hold("long", 100, mark=1990.0)

    async def play() -> None:
        async with stage.watch():
            await stage.until(35)
            stage.hangs.add("hedge")
            await stage.until(65)
            scene.danger.set("high")
            await stage.until(130)

    stage.play(play)
    got = {one.title.partition(":")[0]: one for one in scene.receivers[0].got}
    assert got[POSITION].at == stage.now() - 130 + 75
    hangs = got["hedge on okx"]
    assert hangs.title == "hedge on okx: cannot be read: no answer within 60 s"
    assert hangs.at == stage.now() - 130 + 45 + 60


def test_an_adl_that_takes_half_is_the_loudest_message_once(scene: Scene) -> None:
    """What was closed, what is left, which reduce-only order is now too large; not again later, nor after a restart."""
    stage = scene.set()
    scene.danger.set("watch")
    scene.venue.order("buy", 10.0, id_="77")

    async def play() -> None:
        async with stage.watch():
            await stage.until(65)
            scene.venue.force("adl", "short", 5.0)
            scene.danger.set("watch", size=5.0)
            await stage.until(125)

    async def play_on() -> None:
        async with stage.watch():
            await stage.until(160)

    stage.play(play)
    stage.play(play_on)
    start, adl, again = scene.receivers[0].got
    assert (start.title, again.title) == (START.format("watch"), START.format("watch"))
    assert adl.title == f"{POSITION}: ADL closed 5 contracts at 1800.5, 5 contracts left"
    assert adl.kind == "failure"
    assert "the order 77 buys 10 at 1500, 5 left" in adl.body
    assert any(line.partition("Z ")[2] == f"emergency {adl.title}" for line in stage.lines)


def test_a_receiver_that_is_down_loses_nothing_and_gets_nothing_twice(scene: Scene) -> None:
    """It gets late messages as one bundle with their times, over a restart; the other receiver does not wait for it."""
    down, well = scene.receivers[0], scene.add_receiver()
    scene.receivers.append(well)
    stage = scene.set(interval_seconds=60.0)
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            await stage.until(65)
            down.status = 503
            scene.danger.set("watch")
            await stage.until(305)
            scene.venue.force("adl", "short", 5.0)
            scene.danger.set("high", size=5.0)
            await stage.until(1000)

    async def play_on() -> None:
        down.status = 200
        async with stage.watch():
            await stage.until(1500)

    stage.play(play)
    assert [one.at for one in well.got[1:]] == [stage.now() - 1000 + seconds for seconds in (120, 360, 360)]
    assert down.refused > 3
    assert stage.log.count("receiver failing") == 1
    stage.play(play_on)
    late = [one for one in down.got if "could not be delivered" in one.title]
    assert len(late) == 1
    assert late[0].kind == "failure"
    titles = [one.title for one in well.got]
    for title in titles[1:4]:
        assert late[0].body.count(title) == 1
        assert title not in down.titles
    assert late[0].body.index("ADL closed") < late[0].body.index("watch (was ok)")
    assert down.titles[0] == titles[0]
    assert down.titles[-1] == titles[-1] == START.format("high")
    assert len(down.got) == 3


def test_a_clock_that_jumps_changes_nothing(scene: Scene) -> None:
    """The wall clock goes an hour back, then two hours ahead: the same messages at the same times."""
    stage = scene.set(interval_seconds=60.0)
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            for seconds, state, jump in ((65, "high", -3600.0), (305, "ok", 3600.0), (605, "watch", 0.0)):
                await stage.until(seconds)
                stage.wall_jump = jump
                scene.danger.set(state)  # type: ignore[arg-type]
            await stage.until(900)

    stage.play(play)
    assert [(one.title.rpartition(": ")[2], one.at - stage.now() + 900) for one in scene.receivers[0].got] == [
        ("1 ok", 0),
        ("ADL score high (was ok)", 120),
        ("ADL score ok (was high)", 420),
        ("ADL score watch (was ok)", 660),
    ]


def test_messages_beyond_the_budget_are_counted_and_told_as_one_but_an_adl_is_not_held_back(scene: Scene) -> None:
    """With one message a minute the second and third wait to be counted, and the ADL does not."""
    stage = scene.set(interval_seconds=25.0, messages_per_minute=1)
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            await stage.until(5)
            scene.danger.set("watch")
            await stage.until(30)
            scene.venue.force("adl", "short", 5.0)
            scene.danger.set("high", size=5.0)
            await stage.until(120)

    stage.play(play)
    start, adl, held = scene.receivers[0].got
    assert start.title == START.format("ok")
    assert "ADL closed 5 contracts" in adl.title
    assert [one.at - start.at for one in (adl, held)] == [50, 110]  # the latter between two readings
    assert held.title == "2 messages held back"
    assert "desk on binance: 1 high" in held.body
    assert len(stage.lines) == 5


def test_without_a_service_what_is_not_known_is_told_as_a_range(scene: Scene) -> None:
    """The library knows no market record: the state is "ok to watch", with what is missing."""
    stage = scene.set(scored_by="library")
    scene.danger.set("ok")

    async def play() -> None:
        async with stage.watch():
            await stage.until(20)

    stage.play(play)
    (start,) = scene.receivers[0].got
    assert start.title == START.format("ok to watch")


def test_a_service_that_does_not_answer_makes_the_account_stale_but_hides_no_adl(scene: Scene) -> None:
    """Scores need the service; an ADL is told without it."""
    stage = scene.set()
    broken = scene.add_receiver()
    broken.status = 500
    stage.use_service(f"http://127.0.0.1:{broken.port}")
    scene.danger.set("watch")

    async def play() -> None:
        async with stage.watch():
            await stage.until(5)
            scene.venue.force("adl", "short", 5.0)
            await stage.until(20)

    stage.play(play)
    start, adl = scene.receivers[0].got
    assert "cannot be read: the service gave no scores" in start.title
    assert "ADL closed 5 contracts" in adl.title
