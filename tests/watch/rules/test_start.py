"""A start tells the present state once, and nothing of what came and went before."""

from adlrisk.watch.reading.observed import FailedReading, ObservedAccount, Reading
from adlrisk.watch.rules.update import update
from adlrisk.watch.state.kept_state import KeptState, forget_starts
from support.watch.made_readings import NEW, NOON, fail, follow, force, observe, read, titles


def test_start_is_one_message() -> None:
    """A start tells one message in place of all transitions, with a line for each position, the worst first."""
    short = observe("low", side="short", score=1, score_upper=1)
    high = observe("high", score=8, score_upper=8, distance=0.04, alerts=["adl_in_progress"])
    other = observe("low high", symbol="ETHUSDT", score=2, score_upper=7)
    _, told = follow([read(short, high, other, problems=("fills: no permission",))] * 3, is_start=True)
    assert [len(each) for each in told] == [1, 0, 0]
    start = told[0][0]
    assert start.title == "main on binance: watched from now on, 3 positions: 1 high, 1 ok to high, 1 ok"
    assert start.body.splitlines() == [
        "BTCUSDT long: high, score 8 of 10, liquidation 4 % away, alerts: ADL in progress",
        "ETHUSDT long: ok to high, score 2 to 7 of 10, distance to liquidation not known",
        "BTCUSDT short: ok, score 1 of 10, distance to liquidation not known",
        "Not read: fills: no permission",
    ]
    assert (start.severity, start.key.kind) == ("warning", "start")


def test_start_is_a_notice_where_nothing_warns() -> None:
    """Calm positions, or none, are told as a notice; what may be high, an alert or a near liquidation as a warning."""
    for positions, severity in (
        ([], "notice"),
        ([observe("watch", distance=0.15)], "notice"),
        ([observe("low high")], "warning"),
        ([observe("low", alerts=["meter_rising"])], "warning"),
        ([observe("low", distance=0.09)], "warning"),
    ):
        _, told = follow([read(*positions)], is_start=True)
        assert told[0][0].severity == severity
    assert titles([read()], is_start=True) == [[": watched from now on, no open position"]]
    assert titles([read(observe())], is_start=True) == [[": watched from now on, 1 position: 1 ok"]]


def test_start_of_many_positions_is_bounded() -> None:
    """Of more than 20 positions the worst are named, and how many more there are."""
    many = [observe("low", symbol=f"C{number}") for number in range(25)]
    _, told = follow([read(*many, observe("high"))], is_start=True)
    lines = told[0][0].body.splitlines()
    assert lines[0] == "BTCUSDT long: high, score not known, distance to liquidation not known"
    assert (len(lines), lines[-1]) == (21, "and 6 more, none worse")


def test_start_leaves_what_was_kept_behind() -> None:
    """After a start nothing is told of what changed before it: the next transition is from the state that it told."""
    state, _ = follow([read(observe("high"), observe("watch", symbol="GONE"))])
    assert titles([read(observe()), read(observe()), read(observe("watch"))], state=state, is_start=True) == [
        [": watched from now on, 1 position: 1 ok"], [], [", BTCUSDT long: ADL score watch (was ok)"],
    ]  # fmt: skip


def test_kept_state_without_a_start_tells_the_differences() -> None:
    """With a kept state and no start, as for cron, only transitions against it are told."""
    state, _ = follow([read(observe("high"))])
    assert titles([read(observe("high"))], state=state) == [[]]
    assert titles([read(observe()), read(observe())], state=state) == [[], [", BTCUSDT long: ADL score ok (was high)"]]


def test_start_ends_a_kept_staleness() -> None:
    """An account that was stale before a start is read again by the start's own message."""
    state, _ = follow([read(), fail(), fail()])
    state, told = follow([read(), read()], state=state, is_start=True)
    assert [[each.key.kind for each in messages] for messages in told] == [["start"], []]
    assert not state.is_stale


def test_problems_of_a_start_are_told_with_it() -> None:
    """What the start's message says cannot be read is no message of its own, and its end takes two readings."""
    part = read(problems=("no fills",))
    assert titles([part, part, read(), read()], is_start=True)[1:] == [[], [], [": all of it can be read again"]]
    assert titles([part, read(), part], is_start=True)[1:] == [[], []]


def test_start_without_an_answer_says_so() -> None:
    """A start that cannot read tells one message, with how it stood when it was last read; the return is told."""
    _, told = follow([fail(), fail(), read(), read()], is_start=True)
    assert [[each.key.kind for each in messages] for messages in told] == [["start"], [], [], ["reading"]]
    assert told[0][0].title == "main on binance: watched from now on, but cannot be read: no answer within 10 s"
    assert (told[0][0].severity, told[0][0].body) == ("warning", "It is tried again at each reading.")
    state, _ = follow([read(observe("high"))])
    state, told = follow([fail(at=NOON + 30.0)], state=state, is_start=True)
    assert told[0][0].body.splitlines()[-1] == "At 2026-11-28 12:00:00 UTC, when it was last read: 1 position, high."
    assert (state.stale_since, state.positions[0].standing.text) == (NOON + 30.0, "high")


def test_staleness_that_was_kept_begins_where_it_began() -> None:
    """A start that still cannot read keeps since when it could not."""
    state, _ = follow([read(), fail(at=NOON + 30.0), fail(at=NOON + 60.0)])
    state, _ = follow([fail("bad key", at=NOON + 900.0)], state=state, is_start=True)
    assert (state.stale_since, state.stale_reason) == (NOON + 30.0, "bad key")


def test_whether_it_was_ever_read_is_known() -> None:
    """An account that only failed was never read, so that cron tells its present state once it is."""
    assert not follow([fail()])[0].is_kept
    assert follow([read(), fail()])[0].is_kept


def test_forced_fills_are_told_beside_a_start() -> None:
    """What happened by force meanwhile comes before the start's message."""
    state, _ = follow([read()])
    _, told = follow([read(forced_fills=(force(),))], state=state, is_start=True)
    assert [each.severity for each in told[0]] == ["emergency", "notice"]


def test_start_that_says_the_same_is_not_repeated() -> None:
    """A process that starts again and again tells its start once in ten minutes, whatever the figures are."""
    told = []
    state = NEW
    for minute in range(25):
        found = read(observe("watch", score=4 + minute % 2, distance=0.15 + minute / 1000), at=NOON + minute * 60.0)
        state, messages = update(state, found, is_start=True)
        told += [minute for _ in messages]
    assert told == [0, 10, 20]


def test_start_that_differs_is_told() -> None:
    """Another state, an alert, a level, a list that cannot be read, or a clock that went back makes it another one."""
    state, _ = follow([read(observe("watch"))], is_start=True)
    others: list[Reading | FailedReading] = [
        read(observe("high")), read(), fail(), read(observe("watch", alerts=["meter_rising"])),
        read(observe("watch", distance=0.1)), read(observe("watch"), problems=("x",)),
        read(observe("watch"), unread_fills=("x",)), read(observe("watch"), at=NOON - 1.0),
        read(observe("watch"), accounts=(ObservedAccount(name="USDT", distance=0.1, direction="fall"),)),
    ]  # fmt: skip
    for other in others:
        assert [each.key.kind for each in update(state, other, is_start=True)[1]] == ["start"]
    assert update(state, read(observe("watch")), is_start=True)[1] == ()


def test_start_after_something_else_was_told_is_told() -> None:
    """A start that says what an earlier one did is told where the last message said otherwise."""
    state, _ = follow([read(observe()), read(observe("high"))], is_start=True)
    assert [each.key.kind for each in update(state, read(observe()), is_start=True)[1]] == ["start"]
    forgotten = forget_starts(KeptState(accounts=(follow([read()], is_start=True)[0],))).accounts[0]
    assert [each.key.kind for each in update(forgotten, read(), is_start=True)[1]] == ["start"]
    state, _ = follow([fail(), fail()], is_start=True)
    assert update(state, fail(), is_start=True)[1] == ()
