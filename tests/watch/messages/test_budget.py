"""The budget: so many messages a minute, the rest counted and told of, and none of the loudest held back."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adlrisk.watch.messages.budget import Budget, admit, next_release, resume_budget
from adlrisk.watch.messages.message import Kind, Message, MessageKey, Severity
from support.watch.made_readings import NOON


def message(
    severity: Severity = "notice", *, title: str = "x", kind: Kind = "score", symbol: str | None = "BTCUSDT"
) -> Message:
    key = MessageKey(venue="binance", account="main", symbol=symbol, side=symbol and "long", kind=kind)
    return Message(key=key, severity=severity, at=NOON, title=title)


def _admit(budget: Budget, messages: Sequence[Message], *, now: float, per_minute: int = 2) -> tuple[Budget, list[str]]:
    budget, admitted = admit(
        budget, messages, per_minute=per_minute, now=now, wall=NOON + now, standing=["main on binance: 1 high"]
    )
    return budget, [each.title for each in admitted]


def _name(*titles: str) -> list[Message]:
    return [message(title=title) for title in titles]


def test_so_many_leave_in_a_minute() -> None:
    """Two a minute leave, and the third is held back until the first is a minute old."""
    budget, sent = _admit(Budget(), _name("a"), now=0.0)
    assert sent == ["a"]
    budget, sent = _admit(budget, _name("b", "c"), now=10.0)
    assert (sent, budget.held_count, next_release(budget, per_minute=2)) == (["b"], 1, 60.0)
    budget, sent = _admit(budget, [], now=59.99)
    assert (sent, budget.held_count) == ([], 1)
    budget, sent = _admit(budget, [], now=60.0)
    assert (sent, budget.held_count, next_release(budget, per_minute=2)) == (["1 message held back"], 0, None)
    assert _admit(budget, _name("d"), now=69.99)[1] == []
    assert _admit(budget, _name("d"), now=70.0)[1] == ["d"]


def test_the_worst_leave_first() -> None:
    """Of more messages than may leave, warnings come before notices and these before recoveries, in their order."""
    kinds: list[Severity] = ["recovery", "notice", "warning", "emergency", "notice", "warning"]
    mixed = [message(severity, title=f"{severity} {number}") for number, severity in enumerate(kinds)]
    assert _admit(Budget(), mixed, now=0.0, per_minute=4)[1] == ["emergency 3", "warning 2", "warning 5", "notice 1"]


def test_emergencies_are_never_held_back_but_count() -> None:
    """Any number of emergencies leaves at once, and nothing else after them within the minute."""
    loud = [message("emergency", title=str(number)) for number in range(9)]
    budget, sent = _admit(Budget(), [*_name("a"), *loud], now=0.0)
    assert (len(sent), budget.held_count) == (9, 1)
    budget, sent = _admit(budget, loud[:1], now=30.0)
    assert sent == ["0"]
    budget, sent = _admit(budget, [], now=60.0)
    assert sent == ["1 message held back"]


def test_what_was_held_back_is_told_before_what_is_new() -> None:
    """The message on what was held back takes the first place that is free, but for emergencies."""
    budget, _ = _admit(Budget(), _name("a", "b", "c"), now=0.0)
    _, sent = _admit(budget, [*_name("d", "e"), message("emergency", title="!")], now=60.0, per_minute=3)
    assert sent == ["!", "1 message held back", "d"]


def test_message_on_what_was_held_back() -> None:
    """It says how many, about what, since when, and how the accounts stand now; its severity is the worst of them."""
    held = [*_name("a", "b"), message("warning", kind="reading", symbol=None)]
    budget, _ = _admit(Budget(), _name("1", "2"), now=0.0)
    budget, _ = _admit(budget, held[:1], now=5.0)
    budget, _ = _admit(budget, held[1:], now=7.0)
    budget, (told,) = admit(
        budget, (), per_minute=2, now=60.0, wall=NOON + 60.0, standing=["main on binance: 1 high", "other: 2 ok"]
    )
    assert (told.title, told.severity, told.at) == ("3 messages held back", "warning", NOON + 60.0)
    since = "More than 2 a minute came since 2026-11-28 12:00:05 UTC."
    assert told.body.splitlines() == [
        f"{since} Not sent: main on binance reading and main on binance BTCUSDT long score (2).",
        "How it stands now:",
        "main on binance: 1 high",
        "other: 2 ok",
    ]
    budget, _ = _admit(budget, _name("3", "4"), now=61.0)
    _, (told,) = admit(budget, (), per_minute=2, now=120.0, wall=NOON + 120.0, standing=())
    assert told.body.startswith("More than 2 a minute came since 2026-11-28 12:01:01 UTC.")
    assert (told.severity, told.body.count("\n")) == ("notice", 0)


def test_warning_that_was_held_back_is_told_as_one() -> None:
    """A recovery that follows a warning about the same thing makes it no less of a warning."""
    budget, _ = _admit(Budget(), _name("1", "2"), now=0.0)
    budget, _ = _admit(budget, [message("warning")], now=1.0)
    budget, _ = _admit(budget, [message("recovery")], now=2.0)
    _, (told,) = admit(budget, (), per_minute=2, now=60.0, wall=NOON, standing=())
    assert (told.severity, told.title) == ("warning", "2 messages held back")


def test_another_process_begins_a_new_minute() -> None:
    """What was held back is kept over a restart, what was sent is not: the clock is another."""
    budget, _ = _admit(Budget(), _name("a", "b", "c"), now=1e9)
    budget, sent = _admit(resume_budget(budget), _name("d"), now=0.0)
    assert sent == ["1 message held back", "d"]


Turn = tuple[float, list[Any]]
TURNS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 7.0, 30.0, 61.0]), st.lists(st.sampled_from(["emergency", "warning", "recovery"]))
    ),
    max_size=12,
)


@settings(max_examples=80)
@given(turns=TURNS, per_minute=st.integers(1, 4))
def test_sent_and_held_back_are_all(turns: list[Turn], per_minute: int) -> None:
    """In any order of events each message is sent or counted as held back, and no minute has more than it may."""
    budget, now, told_as_held = Budget(), 0.0, 0
    came, leaving = list[str](), list[tuple[float, Message]]()
    for wait, severities in turns:
        now += wait
        before = budget.held_count
        messages = [message(severity) for severity in severities]
        budget, sent = admit(budget, messages, per_minute=per_minute, now=now, wall=now, standing=())
        summaries = [each.title.split()[0] for each in sent if each.key.kind == "held_back"]
        assert summaries in ([], [str(before)])
        told_as_held += before * len(summaries)
        came += severities
        leaving += [(now, each) for each in sent]
    sent_themselves = [each for _, each in leaving if each.key.kind != "held_back"]
    assert len(sent_themselves) + told_as_held + budget.held_count == len(came)
    assert sum(each.severity == "emergency" for each in sent_themselves) == came.count("emergency")
    for at, _ in leaving:
        calm = [each for time, each in leaving if at <= time < at + 60.0 and each.severity != "emergency"]
        assert len(calm) <= per_minute


@settings(max_examples=80)
@given(turns=TURNS, per_minute=st.integers(1, 4))
def test_held_back_is_told_when_it_is_due(turns: list[Turn], per_minute: int) -> None:
    """At the time that is named what was held back is told, and not before."""
    budget, now = Budget(), 0.0
    for wait, severities in turns:
        now += wait
        messages = [message(severity) for severity in severities]
        budget, _ = admit(budget, messages, per_minute=per_minute, now=now, wall=now, standing=())
    release = next_release(budget, per_minute=per_minute)
    assert (release is None) == (budget.held_count == 0)
    if release is not None:
        assert release > now
        assert not admit(budget, (), per_minute=per_minute, now=release - 0.01, wall=now, standing=())[1]
        assert admit(budget, (), per_minute=per_minute, now=release, wall=now, standing=())[1]


def test_the_worst_of_what_was_held_back_is_named_first() -> None:
    """Of many things warnings are named first, and of these a liquidation that comes nearer."""
    calm = [message("notice", symbol=f"C{number}") for number in range(12)]
    loud = [message("warning", symbol="W"), message("warning", symbol="D", kind="distance")]
    budget, _ = admit(Budget(), [*_name("1", "2"), *calm], per_minute=2, now=0.0, wall=NOON, standing=())
    budget, _ = admit(budget, loud, per_minute=2, now=1.0, wall=NOON, standing=())
    _, (told,) = admit(budget, (), per_minute=2, now=60.0, wall=NOON, standing=())
    about = told.body.split("Not sent: ")[1]
    assert about.startswith("main on binance D long distance, main on binance W long score, main on binance C0 long")
    assert about.endswith("and 4 more.")
