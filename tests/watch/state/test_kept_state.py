"""What is kept: the same after it was written and read, and a sentence where it cannot be read."""

import math

import pytest

from adlrisk.watch.messages.budget import Budget, admit
from adlrisk.watch.messages.outbox import Outbox, add
from adlrisk.watch.state.account_state import AccountState
from adlrisk.watch.state.kept_state import VERSION, KeptState, NewerStateError, StateError, decode_state, encode_state
from support.watch.made_readings import NEW, NOON, fail, follow, force, observe, read


def _make_state() -> KeptState:
    position = observe("low high", distance=0.04, alerts=["meter_rising"], mark_price=64_000.1, missing=("margin",))
    state, told = follow([read(position), read(position, forced_fills=(force(),)), fail()])
    messages = [message for each in told for message in each]
    budget, _ = admit(Budget(), messages, per_minute=1, now=7.0, wall=NOON, standing=())
    outbox = add(Outbox(), messages, now=7.0, wall=NOON)
    return KeptState(accounts=(state,), outboxes={"telegram": outbox}, budget=budget)


def test_what_was_written_is_read() -> None:
    """All of it comes back; the clocks of the process that wrote it do not."""
    kept = _make_state()
    again = decode_state(encode_state(kept), now=7.0, wall=NOON)
    assert again.accounts == kept.accounts
    assert again.outboxes["telegram"].waiting == kept.outboxes["telegram"].waiting
    assert (again.budget.held, again.budget.sent) == (kept.budget.held, ())
    assert kept.budget.held
    later = decode_state(encode_state(kept), now=100.0, wall=NOON + 60.0)
    assert {each.since for each in later.outboxes["telegram"].waiting} == {40.0}
    assert later.outboxes["telegram"].not_before == 100.0


def test_account_is_found_by_venue_and_name() -> None:
    """Accounts of one name at two venues are two, and one that is not kept is new."""
    other = AccountState(venue="okx", account="main", read_at=1.0)
    kept = KeptState(accounts=(NEW, other))
    assert kept.find_account("okx", "main") is other
    assert kept.find_account("okx", "spare") == AccountState(venue="okx", account="spare")


def test_numbers_that_are_none_are_not_known_again() -> None:
    """A value that JSON has no number for is read as not known, and makes no state unreadable."""
    state, _ = follow([read(observe("low", distance=math.nan, mark_price=math.inf)), read()])
    again = decode_state(encode_state(KeptState(accounts=(state,))), now=0.0, wall=0.0).accounts[0]
    assert again.positions[0].observed.mark_price is None
    assert again.fills.until == NOON


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Input data was truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"version": 0}', "its version is 0."),
        (b'{"version": -5, "accounts": 3}', "its version is -5."),
        (b"{}", "Object missing required field `version`"),
        (b"\xff\xfe", "JSON is malformed: invalid character (byte 0)"),
        (b'{"version": 1, "accounts": 3}', "Expected `array`, got `int` - at `$.accounts`"),
        (b'{"version": 1, "accounts": [{"venue": "\xff"}]}', ""),
    ],
)
def test_what_is_no_state_is_refused_with_a_sentence(content: bytes, reason: str) -> None:
    """Garbage is a StateError, also a ValueError, whose text says what to do."""
    with pytest.raises(StateError) as refused:
        decode_state(content, now=0.0, wall=0.0)
    assert str(refused.value).startswith(f"What is kept is no state of adlrisk watch: {reason}")
    assert isinstance(refused.value, ValueError)


def test_state_of_a_later_version_is_refused_as_such() -> None:
    """A later version says so, whatever else it has."""
    with pytest.raises(NewerStateError) as refused:
        decode_state(b'{"version": 2, "accounts": {"new": "form"}}', now=0.0, wall=0.0)
    assert str(refused.value) == (
        "The kept state is of version 2, and this program knows 1 at most: "
        "run the version that wrote it, or remove the state."
    )
    assert VERSION == 1


def test_halves_of_characters_make_no_state_unwritable() -> None:
    """A venue's text or a name with a lone surrogate is kept with a question mark, and all else as it was."""
    state, told = follow([read(observe("high", symbol="B\ud800TC")), read(problems=("\udcff",))])
    messages = [message for each in told for message in each]
    outboxes = {"tele\ud800gram": add(Outbox(), messages, now=7.0, wall=NOON)}
    again = decode_state(encode_state(KeptState(accounts=(state,), outboxes=outboxes)), now=7.0, wall=NOON)
    assert again.accounts[0].positions[0].observed.symbol == "B?TC"
    assert again.accounts[0].problems == ("?",)
    assert len(again.outboxes["tele?gram"].waiting) == len(messages) == 2
