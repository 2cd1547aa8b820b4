"""Drawn histories of an account, against what the whole history says without a state."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adlrisk.watch.messages.message import Message
from adlrisk.watch.reading.observed import FailedReading, ObservedAccount, ObservedPosition, Reading
from adlrisk.watch.rules.update import update
from adlrisk.watch.state.kept_state import KeptState, decode_state, encode_state
from support.watch.made_readings import NEW, NOON, fail, force, observe, read

CALM_TO_WORST = ["low", "?", "watch", "high"]
BANDS = ("low", "?", "watch", "high", "low watch", "low high", "watch high")
SEEN = st.builds(
    observe,
    st.sampled_from(BANDS),
    distance=st.sampled_from([None, 0.0, 0.05, 0.15, 0.5]),
    alerts=st.sets(st.sampled_from(["adl_in_progress", "meter_rising"])).map(sorted),
)
MARGINS = st.sampled_from([None, 0.0, 0.04, 0.15, 0.5])
ANSWERS = st.tuples(
    st.none() | SEEN, st.none() | SEEN, st.integers(0, 2), st.sets(st.integers(0, 5)), MARGINS, st.booleans()
)
HISTORIES = st.lists(st.none() | ANSWERS, max_size=14)


def _build(step: Any, number: int) -> Reading | FailedReading:
    at = NOON + 30.0 * number
    if step is None:
        return fail(at=at)
    long, short, problems, fills, margin, is_complete = step
    positions = [_turn(each, side) for each, side in ((long, "long"), (short, "short")) if each is not None]
    return read(
        *positions,
        at=at,
        problems=("fills",) * problems,
        is_complete=is_complete,
        accounts=() if margin is None else (ObservedAccount(name="USDT", distance=margin, direction="fall"),),
        forced_fills=tuple(force(each, at=_fill_time(each)) for each in sorted(fills)),
    )


def _turn(position: ObservedPosition, side: str) -> ObservedPosition:
    return observe(
        "?" if position.band is None else f"{position.band} {position.band_upper}",
        distance=position.liquidation_distance,
        alerts=position.alerts,
        side=side,
    )


def _fill_time(number: int) -> float:
    """From before the first reading to after it."""
    return NOON + 600.0 * (number - 3)


@settings(max_examples=120)
@given(history=HISTORIES)
def test_messages_are_those_of_the_whole_history(history: list[Any]) -> None:
    """Kind, key and place of every message follow from the readings so far, whatever the state of the rules is."""
    readings = [_build(step, number) for number, step in enumerate(history)]
    told: list[set[tuple[str, str | None]]] = []
    state = NEW
    for found in readings:
        state, messages = update(state, found, is_start=False)
        told.append({(each.key.kind, each.key.side) for each in messages if each.key.kind != "adl"})
        of_positions = [each.key for each in messages if each.key.kind in {"score", "alert", "distance"}]
        assert len(of_positions) == len(set(of_positions))
    expected: list[set[tuple[str, str | None]]] = [set() for _ in readings]
    for side in ("long", "short"):
        for number, kinds in _expect_of_position(readings, side):
            expected[number] |= {(kind, side) for kind in kinds}
    for number in _expect_of_margin(readings):
        expected[number].add(("distance", None))
    for number in _expect_of_account(readings):
        expected[number].add(("reading", None))
    assert told == expected


@settings(max_examples=60)
@given(history=HISTORIES, restarts=st.sets(st.integers(0, 13)))
def test_restarts_without_a_start_change_nothing(history: list[Any], restarts: set[int]) -> None:
    """A state that was encoded and decoded between any two readings tells the same, as cron does."""
    one, other = NEW, NEW
    for number, step in enumerate(history):
        found = _build(step, number)
        if number in restarts:
            content = encode_state(KeptState(accounts=(other,)))
            other = decode_state(content, now=1.0, wall=2.0).find_account("binance", "main")
        one, told = update(one, found, is_start=False)
        other, told_again = update(other, found, is_start=False)
        assert (one, told) == (other, told_again)


@settings(max_examples=60)
@given(history=HISTORIES, starts=st.sets(st.integers(0, 13)))
def test_each_fill_is_told_once_in_any_history(history: list[Any], starts: set[int]) -> None:
    """Each fill is told once, also over restarts, but for those of the first answer that are older than the watch."""
    state, told, seen, first = NEW, list[Message](), set[int](), None
    for number, step in enumerate(history):
        state, messages = update(state, _build(step, number), is_start=number in starts)
        told += [each for each in messages if each.key.kind == "adl"]
        if step is not None:
            first = {each for each in step[3] if _fill_time(each) <= NOON} if first is None else first
            seen |= step[3]
    assert sorted(each.at for each in told) == sorted(_fill_time(each) for each in seen - (first or set()))


@settings(max_examples=60)
@given(history=HISTORIES)
def test_no_message_repeats_the_one_before(history: list[Any]) -> None:
    """Two messages with one key that follow each other say different things, but for a position that came anew."""
    state, last = NEW, dict[Any, str]()
    for number, step in enumerate(history):
        state, messages = update(state, _build(step, number), is_start=False)
        for each in messages:
            assert each.severity == "emergency" or "a part of it" in each.title or last.get(each.key) != each.title
            last[each.key] = each.title
            if ": closed" in each.title:
                last = {key: title for key, title in last.items() if key.side != each.key.side}


def _expect_of_position(readings: Sequence[Reading | FailedReading], side: str) -> list[tuple[int, set[str]]]:
    """Which kinds are told at which reading of the position on one side."""
    answered = [(number, each) for number, each in enumerate(readings) if isinstance(each, Reading)]
    looked = [(number, each, [one for one in each.positions if one.side == side]) for number, each in answered]
    seen = [(number, held[0] if held else None) for number, each, held in looked if held or each.is_complete]
    expected, life = list[tuple[int, set[str]]](), list[ObservedPosition]()
    for place, (number, position) in enumerate(seen):
        if position is not None:
            before, life = _look(life), [*life, position]
            now = _look(life)
            expected.append((number, {kind for kind in now if now[kind] != before[kind]}))
        elif life and place and seen[place - 1][1] is None:
            if _look(life) != _look([]):
                expected.append((number, {"score"}))
            life = []
    return expected


def _look(life: list[ObservedPosition]) -> dict[str, Any]:
    """What is said of a position at the end of what was seen of it: of each kind the worst of the last two."""
    if not life:
        return {"score": ("low", "low"), "alert": frozenset(), "distance": 0}
    pair = life[-2:]
    lower = max([one.band or "?" for one in pair], key=CALM_TO_WORST.index)
    upper = max([one.band_upper or "?" for one in pair], key=CALM_TO_WORST.index)
    kept = _look(life[:-1])
    alerts = [frozenset(one.alerts) | (kept["alert"] if one.band is None else frozenset()) for one in pair]
    levels = [
        kept["distance"]
        if one.band is None and one.liquidation_distance is None
        else {None: 0, 0.0: 4, 0.05: 2, 0.15: 1, 0.5: 0}[one.liquidation_distance]
        for one in pair
    ]
    return {
        "score": (lower, "?" if lower == "?" else upper),
        "alert": frozenset().union(*alerts),
        "distance": max(levels),
    }


def _expect_of_margin(readings: Sequence[Reading | FailedReading]) -> set[int]:
    """At which readings the distance of the margin account is told: the nearest of the last two that know of it."""
    expected, levels, told = set[int](), [0], 0
    for number, each in enumerate(readings):
        if isinstance(each, FailedReading) or not (each.accounts or each.is_complete):
            continue
        levels.append({0.0: 4, 0.04: 3, 0.15: 1, 0.5: 0}[each.accounts[0].distance or 0.0] if each.accounts else 0)
        expected |= set() if max(levels[-2:]) == told else {number}
        told = max(levels[-2:])
    return expected


def _expect_of_account(readings: Sequence[Reading | FailedReading]) -> set[int]:
    """At which readings it is told that the account, or a part of it, cannot be read or can be again."""
    expected, is_stale, counts, level = set[int](), False, [0], 0
    for number, each in enumerate(readings):
        if isinstance(each, FailedReading):
            if not is_stale and number and isinstance(readings[number - 1], FailedReading):
                expected.add(number)
                is_stale = True
            continue
        if is_stale and (number == 0 or isinstance(readings[number - 1], FailedReading)):
            continue
        expected |= {number} if is_stale else set()
        is_stale = False
        counts.append(len(each.problems))
        expected |= set() if max(counts[-2:]) == level else {number}
        level = max(counts[-2:])
    return expected
