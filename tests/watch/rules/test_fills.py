"""Forced fills: the loudest message, each once."""

import math
from typing import Any

from adlrisk.watch.reading.observed import OversizedOrder
from adlrisk.watch.state.account_state import AccountState
from support.watch.made_readings import NEW, NOON, fail, follow, force, observe, read, titles

HOUR = 3600.0


def _kept(until: float = NOON) -> AccountState:
    """An account whose fills were read until then."""
    state, _ = follow([read(until=until)])
    return state


def test_fills_at_the_first_reading_are_known() -> None:
    """What is there when an account is first read is not told, then or later."""
    old = (force(1), force(2))
    assert titles([read(forced_fills=old), read(forced_fills=old)]) == [[], []]
    assert titles([read(forced_fills=old), read(forced_fills=old)], is_start=True)[1] == []


def test_first_reading_is_that_of_the_fills() -> None:
    """Where the first reading could not read fills, or failed, those of the next are the ones that are known."""
    both = (force(1), force(2))
    for first in (read(until=None), fail()):
        _, told = follow([first, read(forced_fills=both[:1]), read(forced_fills=both)])
        assert [sum(each.key.kind == "adl" for each in messages) for messages in told] == [0, 0, 1]


def test_fill_is_told_once() -> None:
    """A fill with a known id is never told again, at a reading, after a failure, or after a restart."""
    state, told = follow([read(forced_fills=(force(1),)), fail(), read(forced_fills=(force(1),))], state=_kept())
    assert [[each.key.kind for each in messages] for messages in told] == [["adl"], [], []]
    _, told = follow([read(forced_fills=(force(1), force(1)))], state=state, is_start=True)
    assert [each.key.kind for each in told[0]] == ["start"]


def test_fill_of_the_time_without_a_watch_is_told_after_a_restart() -> None:
    """A fill of the last day before the newest is told beside the start; an older one never, nor is it later."""
    until = NOON + 48 * HOUR
    late, old = force(1, at=until - 24 * HOUR), force(2, at=until - 24 * HOUR - 1.0)
    state, told = follow([read(forced_fills=(old, late), until=until)], state=_kept(), is_start=True)
    assert [each.key.kind for each in told[0]] == ["adl", "start"]
    assert told[0][0].at == late.at
    _, told = follow([read(forced_fills=(old, late), until=until + 1.0)], state=state)
    assert told == [()]


def test_own_clock_decides_nothing() -> None:
    """A clock of this machine that jumps by a year neither repeats a fill nor hides one."""
    year = 365 * 24 * HOUR
    readings = [
        read(at=NOON + year, forced_fills=(force(1),)),
        read(at=NOON - year, forced_fills=(force(1), force(2, at=NOON + 30.0)), until=NOON + 30.0),
    ]
    _, told = follow(readings, state=_kept())
    assert [[each.at for each in messages] for messages in told] == [[NOON], [NOON + 30.0]]


def test_ids_are_kept_for_a_day_of_the_venue() -> None:
    """What is kept does not grow: ids older than a day before the newest fill are left out."""
    state = _kept()
    for day in range(5):
        at = NOON + day * 24 * HOUR
        state, told = follow([read(forced_fills=(force(day, at=at),), until=at)], state=state)
        assert len(told[0]) == 1
    assert [each.id for each in state.fills.known] == ["3", "4"]


def test_cursor_never_goes_back() -> None:
    """The cursor is the latest that was read, and stays where fills could not be read."""
    state, _ = follow([read(until=NOON + 9.0), read(until=NOON), read(until=None), read(until=math.nan)], state=NEW)
    assert state.fills.until == NOON + 9.0
    assert follow([read(until=math.nan)])[0].fills.until is None


def test_fills_of_a_reading_that_could_not_read_all_are_told() -> None:
    """A fill that was found is told even if the rest could not be read, and once."""
    found = read(forced_fills=(force(1),), until=None)
    state, told = follow([found, found], state=_kept())
    assert [len(each) for each in told] == [1, 0]
    assert state.fills.until == NOON


def test_fills_that_follow_each_other_are_one_message() -> None:
    """New fills of one position within a minute are one event: sizes add up, the price is their mean by size."""
    fills = (force(1, size=1.0, price=60_000.0), force(2, at=NOON + 60.0, size=3.0, price=64_000.0, left=0.0))
    assert titles([read(forced_fills=fills)], state=_kept()) == [
        [", BTCUSDT long: ADL closed 4 contracts at 63000, nothing left"]
    ]
    for other in ({"at": NOON + 61.0}, {"side": "short"}, {"symbol": "ETHUSDT"}, {"kind": "liquidation"}):
        assert len(titles([read(forced_fills=(force(1), force(2, **other)))], state=_kept())[0]) == 2


def test_late_part_of_an_event_is_told_alone() -> None:
    """A part that is read later is told with its own size: neither lost nor counted twice."""
    one, late = force(1), force(2, size=1.0, left=1.0)
    assert titles([read(forced_fills=(one,)), read(forced_fills=(one, late))], state=_kept()) == [
        [", BTCUSDT long: ADL closed 3 contracts at 64000, 2 contracts left now"],
        [", BTCUSDT long: ADL closed 1 contract at 64000, 1 contract left now"],
    ]


def test_size_of_an_event_is_not_known_in_part() -> None:
    """An event one of whose sizes or prices is not known has none."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({"size": None}, "an unknown size at an unknown price"),
        ({"price": None}, "6 contracts at an unknown price"),
    ]
    for unknown, text in cases:
        fills = (force(1), force(2, **unknown))
        assert titles([read(forced_fills=fills)], state=_kept()) == [
            [f", BTCUSDT long: ADL closed {text}, 2 contracts left now"]
        ]


def test_fill_without_a_time_is_told() -> None:
    """A time that is no number hides no fill, and what is kept and told has a time."""
    state, told = follow([read(at=NOON + 7.0, forced_fills=(force(1, at=math.nan),))] * 2, state=_kept())
    assert [len(each) for each in told] == [1, 0]
    assert told[0][0].at == NOON  # the last reading's, by the venue's clock
    assert [each.at for each in state.fills.known] == [NOON]


def test_orders_that_are_too_large_are_named() -> None:
    """The message says of each order what it closes, at what price, and how much is left to close."""
    orders = (
        OversizedOrder(id="991", side="sell", amount=5.0, price=66_000.0),
        OversizedOrder(id="992", side="sell", amount=2.5, price=None),
    )
    _, told = follow([read(forced_fills=(force(1, oversized_orders=orders),))], state=_kept())
    message = told[0][0]
    assert (message.severity, message.key.kind) == ("emergency", "adl")
    assert message.body.splitlines() == [
        "By the venue's clock: 2026-11-28 12:00:00 UTC.",
        "Reduce-only orders that are now too large:",
        "the order 991 sells 5 at 66000; the position has 2 left",
        "the order 992 sells 2.5 at the market; the position has 2 left",
        "If another position hedges this one, the hedge is now too large.",
    ]


def test_what_is_not_known_of_a_fill_is_said() -> None:
    """Neither an unknown rest nor orders that could not be read are passed over."""
    order = OversizedOrder(id="991", side="buy", amount=5.0, price=1.0)
    for named, line in (
        ({"oversized_orders": None}, "Open orders could not be read: reduce-only orders may now be too large."),
        ({}, "No reduce-only order that is open is larger than what is left."),
        (
            {"left": None, "oversized_orders": (order,)},
            "the order 991 buys 5 at 1; how much the position has left is not known",
        ),
        ({"left": 0.0, "oversized_orders": (order,)}, "the order 991 buys 5 at 1; of the position nothing is left"),
    ):
        _, told = follow([read(forced_fills=(force(1, **named),))], state=_kept())
        assert line in told[0][0].body.splitlines()
    title = titles([read(forced_fills=(force(1, left=None, side=None),))], state=_kept())[0][0]
    assert title == ", BTCUSDT: ADL closed 3 contracts at 64000, what is left is not known yet"
    _, told = follow([read(forced_fills=(force(1, left=None),))], state=_kept())
    assert "No reduce-only order" not in told[0][0].body


def test_liquidation_that_may_be_an_adl_says_so() -> None:
    """A liquidation is called one, and where the venue marks both alike, either."""
    note = "The venue marks an ADL in the same way."
    fills = (force(1, kind="liquidation"), force(2, kind="liquidation", note=note, symbol="ETHUSDT"))
    _, told = follow([read(forced_fills=fills)], state=_kept())
    assert [each.title.split(": ")[1].split(" closed")[0] for each in told[0]] == ["liquidation", "liquidation or ADL"]
    assert [each.key.kind for each in told[0]] == ["liquidation", "liquidation"]
    assert told[0][1].body.splitlines()[-1] == note


def test_position_that_was_closed_by_force_is_not_told_as_closed_too() -> None:
    """The fill's message says that nothing is left, so the end of the position is no recovery."""
    gone = read(forced_fills=(force(1, left=0.0),))
    _, told = follow([read(observe("high")), gone, gone, gone])
    assert [[each.key.kind for each in messages] for messages in told] == [["score"], ["adl"], [], []]
    part = read(forced_fills=(force(1, left=None),))
    _, told = follow([read(observe("high")), part, part])
    assert [[each.key.kind for each in messages] for messages in told] == [["score"], ["adl"], ["score"]]


def test_fills_are_told_where_only_the_score_failed() -> None:
    """A service that is down hides no ADL: its message comes before that of the failure, once, and at a start too."""
    failed = fail(forced_fills=(force(1, left=0.0),), fills_until=NOON + 9.0)
    for is_start, kinds in ((False, [["adl"], ["reading"]]), (True, [["adl", "start"], []])):
        _, told = follow([failed, failed], state=_kept(), is_start=is_start)
        assert [[each.key.kind for each in messages] for messages in told] == kinds
    state, told = follow([read(observe("high")), failed, failed, read(), read(), read()])
    kinds = [[each.key.kind for each in messages] for messages in told[1:]]
    assert kinds == [["adl"], ["reading"], [], ["reading"], []]
    assert state.fills.until == NOON + 9.0


def test_fills_come_first() -> None:
    """Of what is told at a reading the forced fills are first, the oldest of them before the others."""
    fills = (force(1, at=NOON + 300.0), force(2))
    _, told = follow([fail(), read(observe("high"), forced_fills=fills)], state=_kept())
    assert [(each.key.kind, each.at) for each in told[1]] == [("adl", NOON), ("adl", NOON + 300.0), ("score", NOON)]


def test_fills_since_the_first_attempt_are_new() -> None:
    """What happened after the first reading is told when fills are first read, though none could be read before."""
    after, before = force(1, at=NOON + 60.0), force(2, at=NOON - 60.0)
    for first in (read(until=None), fail()):
        state, _ = follow([first], is_start=True)
        assert state.fills.since == NOON
        whole = read(at=NOON + 300.0, forced_fills=(after, before), until=NOON + 300.0)
        state, told = follow([fail(at=NOON + 90.0), whole, whole], state=state)
        assert [each.at for messages in told for each in messages if each.key.kind == "adl"] == [NOON + 60.0]
        assert state.fills.since == NOON + 300.0
    assert NEW.fills.since is None


def test_known_id_stays_known_while_it_is_listed() -> None:
    """A fill that the venue lists with a time long ago is told once, however far the venue's clock has gone."""
    late = [read(forced_fills=(force(1),), until=NOON + days * 24 * HOUR) for days in (0, 1, 3, 5)]
    _, told = follow(late, state=_kept())
    assert [len(each) for each in told] == [1, 0, 0, 0]
