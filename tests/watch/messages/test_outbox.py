"""The outbox of a receiver: nothing lost, nothing twice, and a bundle of what had to wait."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adlrisk.watch.messages.delivery import Delivery, Losses
from adlrisk.watch.messages.message import Message, MessageKey, Severity
from adlrisk.watch.messages.outbox import (
    BOUND,
    Outbox,
    add,
    next_attempt,
    next_delivery,
    note_delivered,
    note_failed,
    resume_outbox,
)
from support.watch.made_readings import NOON


def _name(title: str, severity: Severity = "notice", body: str = "") -> Message:
    key = MessageKey(venue="binance", account="main", kind="score")
    return Message(key=key, severity=severity, at=NOON, title=title, body=body)


def _add(outbox: Outbox, *titles: str, now: float = 0.0, severity: Severity = "notice") -> Outbox:
    return add(outbox, [_name(title, severity) for title in titles], now=now, wall=NOON + now)


def _next(outbox: Outbox, now: float) -> Delivery:
    delivery = next_delivery(outbox, now=now)
    assert delivery is not None
    return delivery


def test_messages_are_delivered_one_by_one_in_their_order() -> None:
    """What is new is delivered as it is, the oldest first, until nothing waits."""
    outbox = add(Outbox(), [_name("a", body="1\n2"), _name("b")], now=0.0, wall=NOON)
    first = _next(outbox, 0.0)
    assert (first.title, first.body, first.severity) == ("a", "1\n2", "notice")
    outbox = note_delivered(outbox, first)
    second = _next(outbox, 0.0)
    assert second.title == "b"
    outbox = note_delivered(outbox, second)
    assert (next_delivery(outbox, now=0.0), next_attempt(outbox)) == (None, None)


def test_emergency_goes_first() -> None:
    """An emergency does not wait for what came before it."""
    outbox = _add(_add(Outbox(), "a", "b"), "!", severity="emergency")
    assert _next(outbox, 0.0).title == "!"


def test_what_comes_while_a_delivery_is_on_its_way_stays() -> None:
    """Only what the delivery had is gone afterwards."""
    outbox = _add(Outbox(), "a")
    delivery = _next(outbox, 0.0)
    outbox = note_delivered(_add(outbox, "b"), delivery)
    assert [each.message.title for each in outbox.waiting] == ["b"]


def test_failure_is_tried_again_after_longer_and_longer() -> None:
    """The back-off doubles from 5 s to 300 s, jitter takes off up to half of it, and a success ends it."""
    outbox, now, waits = _add(Outbox(), "a"), 0.0, []
    for _ in range(8):
        outbox = note_failed(outbox, _next(outbox, now), now=now, jitter=1.0)
        attempt = next_attempt(outbox)
        assert attempt is not None
        assert next_delivery(outbox, now=attempt - 0.01) is None
        waits.append(attempt - now)
        now = attempt
    assert waits == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
    assert note_failed(outbox, _next(outbox, now), now=now, jitter=0.0).not_before == now + 150.0
    outbox = note_delivered(outbox, _next(outbox, now))
    outbox = _add(outbox, "b", now=now)
    assert _next(outbox, now).title == "b"
    assert note_failed(outbox, _next(outbox, now), now=now, jitter=0.5).not_before == now + 3.75


def test_failures_without_end_overflow_nothing() -> None:
    """A receiver that is down for ever is tried every five minutes for ever."""
    outbox = _add(Outbox(), "a")
    delivery = _next(outbox, 0.0)
    for _ in range(3000):
        outbox = note_failed(outbox, delivery, now=0.0, jitter=1.0)
    assert outbox.not_before == 300.0


def test_what_waited_ten_minutes_is_one_bundle() -> None:
    """From ten minutes on messages come together, with times, emergencies first, each whole; what is newer alone."""
    outbox = add(Outbox(), [_name("a", body="1\n2"), _name("b")], now=0.0, wall=NOON)
    outbox = _add(outbox, "!", now=60.0, severity="emergency")
    outbox = _add(outbox, "new", now=60.1)
    bundle = _next(outbox, 660.0)
    assert (bundle.title, bundle.severity) == (
        "! (and 2 more messages, not delivered since 2026-11-28 12:00:00 UTC)",
        "emergency",
    )
    assert bundle.body == ("2026-11-28 12:00:00 UTC !\n\n2026-11-28 12:00:00 UTC a\n1\n2\n\n2026-11-28 12:00:00 UTC b")
    outbox = note_delivered(outbox, bundle)
    assert _next(outbox, 660.0).title == "new"


def test_one_that_waited_says_so() -> None:
    """A single message that had to wait keeps its title, and says since when."""
    late = _next(_add(Outbox(), "a"), 600.0)
    assert (late.title, late.body) == ("a", "It could not be delivered since 2026-11-28 12:00:00 UTC.")
    assert _next(_add(Outbox(), "a"), 599.9).body == ""


def test_new_emergency_goes_before_a_bundle_without_one() -> None:
    """A bundle waits for an emergency that is new, unless it has one itself."""
    outbox = _add(_add(Outbox(), "a", "b"), "!", now=590.0, severity="emergency")
    assert _next(outbox, 600.0).title == "!"
    outbox = _add(_add(_add(Outbox(), "a"), "old !", severity="emergency"), "!", now=590.0, severity="emergency")
    assert _next(outbox, 600.0).title.startswith("old ! (and 1 more message,")


def test_bundle_fits_what_the_receiver_takes() -> None:
    """A bundle, title and body, has no more characters than the receiver takes, and the next one has the rest."""
    outbox = add(Outbox(), [_name(str(number), body="x" * 200) for number in range(7)], now=0.0, wall=NOON)
    sizes = []
    while delivery := next_delivery(outbox, now=600.0, characters=800):
        sizes.append(len(delivery.numbers))
        assert len(delivery.title) + len(delivery.body) <= 800
        outbox = note_delivered(outbox, delivery)
    assert sizes == [3, 3, 1]
    outbox = add(Outbox(losses=Losses(dropped=3)), [_name(name, body="x") for name in "abc"], now=0.0, wall=NOON)
    whole = _next(outbox, 600.0)
    length = len(whole.title) + len(whole.body)
    limits = {
        characters: next_delivery(outbox, now=600.0, characters=characters) for characters in (length - 1, length)
    }
    assert [len(each.numbers) for each in limits.values() if each is not None] == [2, 3]
    long = _next(add(Outbox(), [_name("a", body="x" * 5000), _name("b")], now=0.0, wall=NOON), 600.0)
    assert (long.numbers, len(long.body) > 5000) == ((0,), True)


def test_outbox_is_bounded() -> None:
    """Beyond 200 the oldest that is no emergency is dropped; the next delivery says how many, and only that."""
    outbox = _add(Outbox(), "!", severity="emergency")
    outbox = _add(outbox, *[str(number) for number in range(BOUND + 1)])
    assert (len(outbox.waiting), outbox.losses.dropped) == (200, 2)
    assert [each.message.title for each in outbox.waiting[:2]] == ["!", "2"]
    first = _next(outbox, 0.0)
    assert (first.title, first.body) == (
        "!",
        "2 older messages that waited were dropped: too many could not be delivered.",
    )
    outbox = note_delivered(_add(outbox, "one more"), first)
    second = _next(outbox, 0.0)
    assert second.body == "1 older message that waited was dropped: too many could not be delivered."
    outbox = note_delivered(outbox, second)
    assert _next(outbox, 0.0).body == ""


def test_outbox_of_emergencies_is_bounded_too() -> None:
    """If all that waits are emergencies the oldest is dropped, and counted."""
    outbox = _add(Outbox(), *[str(number) for number in range(BOUND)], severity="emergency")
    outbox = _add(outbox, "calm")
    assert (outbox.waiting[-1].message.title, outbox.losses.dropped) == ("199", 1)
    outbox = _add(outbox, "!", severity="emergency")
    assert [outbox.waiting[0].message.title, outbox.waiting[-1].message.title, outbox.losses.dropped] == ["1", "!", 2]


def test_another_process_goes_on() -> None:
    """In a new process, what waited is tried at once, and its age is told by the wall clock, never negative."""
    outbox = _add(Outbox(), "a", "b", now=1e6)
    outbox = note_failed(outbox, _next(outbox, 1e6), now=1e6, jitter=1.0, is_down=True)
    asleep = resume_outbox(outbox, now=5.0, wall=NOON + 1e6 + 600.0)
    assert _next(asleep, 5.0).title.startswith("2 messages could not be delivered")
    short = resume_outbox(outbox, now=5.0, wall=NOON + 1e6 + 599.0)
    assert _next(short, 5.0).title == "a"
    assert _next(short, 6.0).title.startswith("2 messages")
    back = resume_outbox(outbox, now=5.0, wall=0.0)
    assert [each.since for each in back.waiting] == [5.0, 5.0]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "loud", "deliver", "fail", "wait", "restart", "many"]),
        st.sampled_from([0.5, 20.0, 400.0]),
    ),
    max_size=25,
)


@settings(max_examples=80)
@given(steps=STEPS)
def test_nothing_is_lost_and_nothing_comes_twice(steps: list[Any]) -> None:
    """Whatever a receiver does, each message is delivered once, still waits, or was dropped and is counted."""
    outbox, now, came, delivered, said = Outbox(), 0.0, list[str](), list[str](), 0
    said_given_up = 0
    loud = set[str]()
    for what, seconds in steps:
        now += seconds
        if what in {"add", "loud", "many"}:
            titles = [f"m{len(came) + number}" for number in range(90 if what == "many" else 2)]
            came += titles
            loud |= set(titles) if what == "loud" else set()
            outbox = _add(outbox, *titles, now=now, severity="emergency" if what == "loud" else "notice")
        if what == "restart":
            now -= 1000.0
            outbox = resume_outbox(outbox, now=now, wall=NOON + now + 1000.0)
        waiting = {each.number: each.message.title for each in outbox.waiting}
        delivery = next_delivery(outbox, now=now)
        if delivery is not None and what == "deliver":
            delivered += [waiting[number] for number in delivery.numbers]
            said_given_up += delivery.losses.given_up
            said += delivery.losses.dropped + delivery.losses.given_up
            outbox = note_delivered(outbox, delivery)
        if delivery is not None and what == "fail":
            outbox = note_failed(outbox, delivery, now=now, jitter=0.5, is_down=seconds > 100.0)
            assert next_delivery(outbox, now=now) is None
        assert len(outbox.waiting) <= BOUND
    rest = [each.message.title for each in outbox.waiting]
    given_up = said_given_up + outbox.losses.given_up
    assert len(set(delivered)) == len(delivered)
    assert not set(delivered) & set(rest)
    assert len(delivered) + len(rest) + said + outbox.losses.dropped + outbox.losses.given_up == len(came)
    assert given_up or loud <= {*delivered, *rest}


def test_an_emergency_is_tried_at_once_whatever_is_left_of_a_back_off() -> None:
    """A notice waits for the next attempt, an ADL does not; and it goes before what waits."""
    outbox = _add(Outbox(), "first")
    outbox = note_failed(outbox, _next(outbox, 0.0), now=0.0, jitter=1.0)
    assert next_delivery(_add(outbox, "second", now=1.0), now=1.0) is None
    assert _next(_add(outbox, "adl", now=1.0, severity="emergency"), now=1.0).title == "adl"
