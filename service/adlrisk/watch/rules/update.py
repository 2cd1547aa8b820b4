"""Update: from what was kept of an account and what a reading found to what is kept now and what is told."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, ObservedPosition, Reading
from adlrisk.watch.rules.fills import FoundFills, find_new_fills, tell_fills
from adlrisk.watch.rules.margins import follow_margins
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
    known, fills = find_new_fills(state.fills, found)
    state = replace(state, fills=known, positions=_leave_out_closed(state.positions, fills))
    if isinstance(found, FailedReading):
        state, rest = _fail(state, found, subject, is_start=is_start)
    else:
        state, rest = _answer(state, found, subject, is_start=is_start)
    messages = (*tell_fills(fills, subject), *rest)
    if any(message.key.kind != "start" for message in messages):
        state = replace(state, start_told=None)
    return state, messages


def _fail(state: AccountState, failed: FailedReading, subject: Subject, *, is_start: bool) -> Updated:
    if not is_start:
        return note_failure(state, failed, subject)
    return start_unread(state, failed, subject)


def _answer(state: AccountState, reading: Reading, subject: Subject, *, is_start: bool) -> Updated:
    if is_start:
        return start_account(state, reading, subject)
    is_unread = bool(reading.unread_fills) or reading.fills_until is None
    state, of_positions = _follow_positions(state, reading, subject, is_unread=is_unread)
    state, of_margins = follow_margins(state, reading, subject)
    state, of_account = note_answer(state, reading, subject)
    return state, (*of_account, *of_margins, *of_positions)


def _leave_out_closed(positions: tuple[PositionState, ...], fills: FoundFills) -> tuple[PositionState, ...]:
    """The positions without those of which a fill left nothing: its message is enough, and no recovery."""
    closed = fills.list_closed()
    return tuple([each for each in positions if each.key not in closed])


def _follow_positions(state: AccountState, reading: Reading, subject: Subject, *, is_unread: bool) -> Updated:
    """The positions of the reading, and those that it does not have, which may be open if it is not complete."""
    kept = {each.key: each for each in state.positions}
    observed = one_of_each(reading.positions)
    positions: list[PositionState] = []
    messages: list[Message] = []
    for key in dict.fromkeys((*kept, *observed)):
        if key not in observed and not reading.is_complete:
            positions.append(kept[key])
            continue
        position, told = _follow(kept.get(key), observed.get(key), subject, is_unread=is_unread)
        positions += [] if position is None else [position]
        messages += told
    return replace(state, positions=tuple(positions)), tuple(messages)


def _follow(
    kept: PositionState | None, observed: ObservedPosition | None, subject: Subject, *, is_unread: bool
) -> Followed:
    if observed is None:
        return (None, ()) if kept is None else miss_position(kept, subject, is_unread=is_unread)
    return meet_position(observed, subject) if kept is None else follow_position(kept, observed, subject)
