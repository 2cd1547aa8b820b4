"""An account that cannot be read: told after two readings, as its return is."""

from adlrisk.watch.rules.standing_lines import describe_account
from support.watch.made_readings import NOON, fail, follow, observe, read, titles

STALE, BACK = ": cannot be read: no answer within 10 s", ": can be read again"


def test_stale_and_its_return_are_told_after_two_readings() -> None:
    """The second failure in a row is told, the return at the second reading in a row that answers, and no more."""
    ok, no = read(), fail()
    assert titles([ok, no, no, no, ok, no, ok, ok, ok]) == [[], [], [STALE], [], [], [], [], [BACK], []]


def test_single_failures_are_not_told() -> None:
    """A venue that fails every other time tells nothing, also over a restart that tells nothing."""
    ok, no = read(), fail()
    assert titles([no, ok, no, ok, no, ok, ok, no, ok]) == [[]] * 9
    state, _ = follow([ok, no])
    assert (state.is_stale, state.failed_at) == (False, NOON)


def test_another_reason_is_no_message() -> None:
    """While it is stale, a reason that changes tells nothing, and is kept for whoever looks."""
    state, told = follow([fail(), fail(), fail("bad key"), fail("no route")])
    assert [len(each) for each in told] == [0, 1, 0, 0]
    assert state.stale_reason == "no route"


def test_positions_are_kept_while_stale_and_nothing_is_told_of_them() -> None:
    """Failures change nothing of the positions, whose age is the last reading's; what differs is told afterwards."""
    state, told = follow([read(observe("high")), *[fail(at=NOON + 9.0)] * 5])
    assert [len(each) for each in told] == [1, 0, 1, 0, 0, 0]
    assert (state.read_at, state.stale_since, state.positions[0].standing.text) == (NOON, NOON + 9.0, "high")
    calm, worse = observe("low"), observe("high", side="short")
    assert titles([read(calm, worse), read(calm, worse)], state=state) == [
        [", BTCUSDT short: ADL score high (new position)"], [BACK, ", BTCUSDT long: ADL score ok (was high)"],
    ]  # fmt: skip


def test_what_is_worse_at_the_return_is_told_at_its_first_reading() -> None:
    """A position that became high meanwhile is told at the first reading that answers, not at the second."""
    _, told = follow([read(observe()), fail(), fail(), read(observe("high")), read(observe("high"))])
    assert [[each.key.kind for each in messages] for messages in told[2:]] == [["reading"], ["score"], ["reading"]]


def test_two_better_readings_count_across_a_failure() -> None:
    """A failure says nothing of a position: better is what two readings say one after the other."""
    assert titles([read(observe("high")), read(observe()), fail(), read(observe())])[3] == [
        ", BTCUSDT long: ADL score ok (was high)"
    ]
    assert titles([read(observe("high")), fail(), read(observe())])[2] == []


def test_messages_of_reading_say_since_when_and_how_it_stood() -> None:
    """Stale: the last reading and what it showed; the return: since when, and how each position stands."""
    _, told = follow(
        [
            read(observe("watch", score=5), observe(side="short", score=1)),
            fail(at=NOON + 30.0),
            fail(at=NOON + 60.0),
            *[read(observe("watch", score=5))] * 2,
        ]
    )
    assert told[2][0].body == "Last read at 2026-11-28 12:00:00 UTC.\nAt that time: 2 positions, 1 watch, 1 ok."
    assert told[4][0].body == (
        "It could not be read since 2026-11-28 12:00:30 UTC.\n"
        "BTCUSDT long: watch, score 5 of 10, distance to liquidation not known"
    )
    assert [told[2][0].severity, told[4][0].severity] == ["warning", "recovery"]
    _, told = follow([fail(), fail()])
    assert told[1][0].body == "It has not been read before."


def test_both_reasons_are_told() -> None:
    """Where the second failure has another reason than the first, the message has both."""
    _, told = follow([fail("no answer within 60 s"), fail("the last reading has not ended yet")])
    assert told[1][0].title.endswith("cannot be read: the last reading has not ended yet")
    assert told[1][0].body == "The reading before: no answer within 60 s\nIt has not been read before."
    state, _ = follow([fail("a"), read(), fail("b")])
    assert state.stale_reason == "b"
    assert follow([fail("a"), read()])[0].stale_reason == ""


def test_long_reason_is_whole_in_the_body() -> None:
    """A title is one line of a bounded length; what it leaves out is in the body."""
    reason = f"bad\nkey {'x' * 200}"
    _, told = follow([fail(reason), fail(reason)])
    assert told[1][0].title == f"main on binance: cannot be read: bad key {'x' * 112} …"
    assert told[1][0].body.startswith(reason)


def test_parts_that_cannot_be_read_are_told_by_their_number() -> None:
    """One more problem is told at once, one fewer after two readings, and another text is none."""
    one, other, two = (
        read(problems=("no fills",)),
        read(problems=("no fills now",)),
        read(problems=("no fills", "no orders")),
    )
    readings = [read(), one, other, two, one, two, one, other, read(), read()]
    assert titles(readings) == [
        [], [": a part of it cannot be read"], [], [": a part of it cannot be read"], [], [], [],
        [": a part of it can be read again"], [], [": all of it can be read again"],
    ]  # fmt: skip
    _, told = follow(readings)
    assert [told[number][0].body for number in (3, 7, 9)] == ["no fills\nno orders", "Not read:\nno fills now", ""]
    assert [told[number][0].severity for number in (1, 7, 9)] == ["notice", "recovery", "recovery"]


def test_parts_that_end_one_after_the_other_are_told_as_such() -> None:
    """All of it can be read again once two readings say so, not where the second has fewer problems than the first."""
    two, one = read(problems=("no fills", "no orders")), read(problems=("no fills",))
    assert titles([two, one, read(), read()]) == [
        [": a part of it cannot be read"], [], [": a part of it can be read again"], [": all of it can be read again"],
    ]  # fmt: skip


def test_problems_at_the_return_are_told_with_it() -> None:
    """A part that cannot be read after the return is told then."""
    whole, part = read(), read(problems=("no fills",))
    assert titles([whole, fail(), fail(), part, part])[3:] == [[], [BACK, ": a part of it cannot be read"]]


def test_account_in_one_line() -> None:
    """The line says how positions stand, or since when they are not known, and how they stood."""
    state, _ = follow([read(observe("high"), observe(side="short"), observe("low high", symbol="ETHUSDT"))])
    assert describe_account(state) == "main on binance: 3 positions, 1 high, 1 ok to high, 1 ok"
    state, _ = follow([fail(at=NOON + 30.0), fail(at=NOON + 60.0)], state=state)
    assert describe_account(state) == (
        "main on binance: cannot be read since 2026-11-28 12:00:30 UTC; "
        "at 2026-11-28 12:00:00 UTC: 3 positions, 1 high, 1 ok to high, 1 ok"
    )
    state, _ = follow([fail(), fail()])
    assert describe_account(state) == "main on binance: cannot be read since 2026-11-28 12:00:00 UTC"
    state, _ = follow([read()])
    assert describe_account(state) == "main on binance: no open position"
