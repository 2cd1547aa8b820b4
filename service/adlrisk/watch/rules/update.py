"""Update: from what was kept of an account and what a reading found to what is kept now and what is told."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, ForcedFill, ObservedPosition, Reading
from adlrisk.watch.rules.fills import find_new_fills, tell_fills
from adlrisk.watch.rules.position import Followed, follow_position, meet_position, miss_position
from adlrisk.watch.rules.readings import one_of_each
from adlrisk.watch.rules.staleness import note_answer, note_failure
from adlrisk.watch.rules.start import start_account, start_unread
from adlrisk.watch.state.account_state import AccountState, PositionState

Updated = tuple[AccountState, tuple[Message, ...]]


def update(state: AccountState, found: Reading | FailedReading, *, is_start: bool) -> Updated:
    """What is kept of the account afterwards, and the messages, forced fills first.

    ``is_start`` tells the present state in place of what changed; forced fills are told beside it.
    """
    subject = Subject(venue=state.venue, account=state.account, at=found.at)
    fills, new_fills = find_new_fills(state.fills, found)
    state = replace(state, fills=fills, positions=_leave_out_closed(state.positions, new_fills))
    if isinstance(found, FailedReading):
        state, rest = _fail(state, found, subject, is_start=is_start)
    else:
        state, rest = _answer(state, found, subject, is_start=is_start)
    return state, (*tell_fills(new_fills, subject), *rest)


def _fail(state: AccountState, failed: FailedReading, subject: Subject, *, is_start: bool) -> Updated:
    if not is_start:
        return note_failure(state, failed, subject)
    state, message = start_unread(state, failed, subject)
    return state, (message,)


def _answer(state: AccountState, reading: Reading, subject: Subject, *, is_start: bool) -> Updated:
    if is_start:
        state, message = start_account(state, reading, subject)
        return state, (message,)
    state, of_positions = _follow_positions(state, reading, subject)
    state, of_account = note_answer(state, reading, subject)
    return state, (*of_account, *of_positions)


def _leave_out_closed(
    positions: tuple[PositionState, ...], new_fills: tuple[ForcedFill, ...]
) -> tuple[PositionState, ...]:
    """The positions without those of which a fill left nothing: its message is enough, and no recovery."""
    closed = {(fill.symbol, fill.side) for fill in new_fills if fill.left == 0.0}
    return tuple([each for each in positions if each.key not in closed])


def _follow_positions(state: AccountState, reading: Reading, subject: Subject) -> Updated:
    """The positions of the reading, and those that it does not have."""
    kept = {each.key: each for each in state.positions}
    observed = one_of_each(reading.positions)
    positions: list[PositionState] = []
    messages: list[Message] = []
    for key in dict.fromkeys((*kept, *observed)):
        position, told = _follow(kept.get(key), observed.get(key), subject)
        positions += [] if position is None else [position]
        messages += told
    return replace(state, positions=tuple(positions)), tuple(messages)


def _follow(kept: PositionState | None, observed: ObservedPosition | None, subject: Subject) -> Followed:
    if observed is None:
        return (None, ()) if kept is None else miss_position(kept, subject)
    return meet_position(observed, subject) if kept is None else follow_position(kept, observed, subject)
