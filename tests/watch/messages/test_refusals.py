"""What a receiver refuses: it lets others pass, comes in smaller parts, and is given up in the end."""

from collections.abc import Callable

from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.messages.message import Message, MessageKey, Severity
from adlrisk.watch.messages.outbox import (
    Outbox,
    add,
    next_attempt,
    next_delivery,
    note_delivered,
    note_failed,
    resume_outbox,
)
from adlrisk.watch.messages.receivers import tell_receiver
from support.watch.made_readings import NOON

Takes = Callable[[Delivery], bool]


def _put(outbox: Outbox, *titles: str, now: float = 0.0, severity: Severity = "notice") -> Outbox:
    key = MessageKey(venue="binance", account="main", kind="score")
    messages = [Message(key=key, severity=severity, at=NOON, title=title) for title in titles]
    return add(outbox, messages, now=now, wall=NOON + now)


def _run(outbox: Outbox, takes: Takes, *, now: float, until: float) -> tuple[Outbox, list[tuple[float, str, bool]]]:
    """The outbox at ``until``, and when which title was tried and whether it was taken."""
    tried: list[tuple[float, str, bool]] = []
    while (attempt := next_attempt(outbox)) is not None and max(now, attempt) <= until:
        now = max(now, attempt)
        delivery = next_delivery(outbox, now=now)
        assert delivery is not None
        tried.append((now, delivery.title, takes(delivery)))
        if tried[-1][2]:
            outbox = note_delivered(outbox, delivery)
        else:
            outbox = note_failed(outbox, delivery, now=now, jitter=1.0)
    return outbox, tried


def test_refused_message_lets_others_pass() -> None:
    """One that is refused does not hold up what came after it, of the same severity or a calmer one."""
    severities: list[Severity] = ["notice", "emergency"]
    for severity in severities:
        outbox = _put(_put(Outbox(), "bad", severity=severity), "a", "b")
        outbox, tried = _run(outbox, lambda delivery: delivery.title != "bad", now=0.0, until=60.0)
        assert [title for _, title, is_taken in tried if is_taken] == ["a", "b"]
        assert [each.message.title for each in outbox.waiting] == ["bad"]


def test_new_emergency_passes_a_stuck_one() -> None:
    """An ADL is tried at once, however often another was refused before it."""
    outbox, _ = _run(_put(Outbox(), "bad", severity="emergency"), lambda _: False, now=0.0, until=900.0)
    outbox, tried = _run(_put(outbox, "new", now=900.1, severity="emergency"), lambda _: True, now=900.1, until=900.1)
    assert tried == [(900.1, "new", True)]


def test_refused_bundle_comes_in_halves() -> None:
    """A bundle that is refused comes half as long until what can be taken is taken, and only the bad one is left."""
    outbox = _put(Outbox(), *"abcd", "bad", *"efg")
    sizes, taken = list[int](), set[int]()

    def take(delivery: Delivery) -> bool:
        sizes.append(len(delivery.numbers))
        if 4 in delivery.numbers:
            return False
        taken.update(delivery.numbers)
        return True

    outbox, _ = _run(outbox, take, now=600.0, until=1100.0)
    assert sizes[:4] == [8, 4, 4, 2]
    down, tried = _run(_put(Outbox(), *"abcd"), lambda _: False, now=600.0, until=660.0)
    assert [title.partition(" could")[0] for _, title, _ in tried] == ["4 messages", "2 messages", "a", "3 messages"]
    assert len(down.waiting) == 4
    assert (taken, [each.message.title for each in outbox.waiting]) == ({0, 1, 2, 3, 5, 6, 7}, ["bad"])


def test_new_emergency_passes_a_refused_bundle() -> None:
    """While a bundle with an emergency is refused, one that comes now is tried first."""
    outbox = _put(Outbox(), "old", "older", severity="emergency")
    bundle = next_delivery(outbox, now=600.0)
    assert bundle is not None
    assert bundle.is_bundle
    outbox = note_failed(outbox, bundle, now=600.0, jitter=0.5)
    new = next_delivery(_put(outbox, "new", now=601.0, severity="emergency"), now=601.0)
    assert new is not None
    assert new.title == "new"


def test_what_is_refused_is_given_up_and_said() -> None:
    """Refused 5 times in 10 minutes while another was taken, it is given up, and the next delivery says how many."""
    outbox, tried = _run(_put(Outbox(), "bad", "good"), lambda each: each.title == "good", now=0.0, until=3000.0)
    bad = [at for at, title, _ in tried if title == "bad"]
    assert len(bad) >= 5
    assert bad[-1] - bad[0] >= 600.0 > bad[-2] - bad[0]
    assert (outbox.waiting, outbox.losses.given_up) == ((), 1)
    told = next_delivery(_put(outbox, "next", now=3000.0), now=3000.0)
    assert told is not None
    assert told.body == "1 message was given up: this receiver refused each again and again, and took others."


def test_what_is_refused_while_nothing_is_taken_is_never_given_up() -> None:
    """A receiver that takes nothing may be down, whatever it answers: nothing is lost."""
    outbox, tried = _run(_put(Outbox(), "a", "b", severity="emergency"), lambda _: False, now=0.0, until=9000.0)
    assert len(tried) > 100
    assert (len(outbox.waiting), outbox.losses.given_up) == (2, 0)


def test_receiver_that_does_not_answer_refuses_nothing() -> None:
    """Without an answer a bundle is not halved, and no message steps aside."""
    outbox = _put(Outbox(), *"abc")
    for now in (600.0, 1200.0, 1800.0):
        bundle = next_delivery(outbox, now=now)
        assert bundle is not None
        assert bundle.numbers == (0, 1, 2)
        outbox = note_failed(outbox, bundle, now=now, jitter=0.5, is_down=True)


def test_emergencies_are_tried_every_minute() -> None:
    """While an emergency waits the back-off ends at 60 s, less half of it by jitter, also where calm ones wait too."""
    outbox = _put(_put(Outbox(), "calm"), "!", severity="emergency")
    now, delivery = 0.0, next_delivery(outbox, now=0.0)
    assert delivery is not None
    for _ in range(30):
        outbox = note_failed(outbox, delivery, now=now, jitter=1.0, is_down=True)
        attempt = next_attempt(outbox)
        assert attempt is not None
        assert attempt - now <= 60.0
        now = attempt
    outbox = note_failed(outbox, delivery, now=now, jitter=0.0, is_down=True)
    assert outbox.not_before == now + 30.0


def test_refusals_are_kept_over_a_restart() -> None:
    """Another process counts on, with the time by the wall clock."""
    outbox, _ = _run(_put(Outbox(), "bad", "good"), lambda each: each.title == "good", now=0.0, until=320.0)
    asleep = resume_outbox(outbox, now=-9e5, wall=NOON + 700.0)
    asleep, _ = _run(asleep, lambda _: False, now=-9e5, until=-9e5)
    assert (asleep.waiting, asleep.losses.given_up) == ((), 1)


def test_other_receivers_are_told_once() -> None:
    """A receiver that fails for two minutes is told to the others once, and once when it takes messages again."""
    outbox, told, now = _put(Outbox(), "a"), list[tuple[float, str, str]](), 0.0
    while now < 1000.0:
        delivery = next_delivery(outbox, now=now)
        assert delivery is not None
        outbox = note_failed(outbox, delivery, now=now, jitter=1.0, is_down=True)
        outbox, message = tell_receiver(outbox, name="2 (tgram)", now=now, wall=NOON + now)
        told += [(now, message.title, message.severity)] if message else []
        outbox = resume_outbox(outbox, now=now, wall=NOON + now)
        now += 40.0
    assert told == [(120.0, "receiver 2 (tgram) takes no messages", "warning")]
    delivery = next_delivery(outbox, now=now)
    assert delivery is not None
    outbox, message = tell_receiver(note_delivered(outbox, delivery), name="2 (tgram)", now=now, wall=NOON + now)
    assert message is not None
    assert (message.title, message.severity, message.key.kind) == (
        "receiver 2 (tgram) takes messages again", "recovery", "receiver",
    )  # fmt: skip
    assert message.body == "It took none since 2026-11-28 12:00:00 UTC."
    assert tell_receiver(outbox, name="2 (tgram)", now=now, wall=NOON)[1] is None
