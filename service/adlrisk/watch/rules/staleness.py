"""Whether an account can be read, in whole: each way counts once two readings in a row say so."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.reading import (
    tell_fills_read,
    tell_problems,
    tell_returned,
    tell_stale,
    tell_unread_fills,
)
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.rules.standing_lines import list_margins, list_positions, summarize_positions
from adlrisk.watch.state.account_state import AccountState

Noted = tuple[AccountState, tuple[Message, ...]]


def note_failure(state: AccountState, failed: FailedReading, subject: Subject) -> Noted:
    """The account as stale after the second failure in a row, its positions as they were last read."""
    if state.is_stale:
        return replace(state, stale_reason=failed.reason, has_answered=False), ()
    if state.failed_at is None:
        return replace(state, failed_at=failed.at, stale_reason=failed.reason), ()
    stale = replace(state, stale_reason=failed.reason, stale_since=state.failed_at, failed_at=None)
    known = summarize_positions(state.positions) if state.is_kept else ""
    told = tell_stale(subject, failed.reason, before=state.stale_reason, last_read_at=state.read_at, known=known)
    return stale, (told,)


def note_answer(state: AccountState, reading: Reading, subject: Subject) -> Noted:
    """The account after a reading whose positions ``state`` already has; the second after a failure is the return."""
    answered = replace(
        state, read_at=reading.at, failed_at=None, stale_reason=state.stale_reason if state.is_stale else ""
    )
    if state.stale_since is None:
        return _note_parts(answered, reading, subject)
    if not state.has_answered:
        return replace(answered, has_answered=True), ()
    returned = replace(answered, stale_since=None, stale_reason="", has_answered=False)
    present = [*list_margins(state.margins), *list_positions(state.positions)]
    told = tell_returned(subject, since=state.stale_since, present=present)
    returned, more = _note_parts(returned, reading, subject)
    return returned, (told, *more)


def _note_parts(state: AccountState, reading: Reading, subject: Subject) -> Noted:
    state, of_fills = _note_unread_fills(state, reading, subject)
    state, of_problems = _note_problems(state, reading, subject)
    return state, (*of_fills, *of_problems)


def _note_unread_fills(state: AccountState, reading: Reading, subject: Subject) -> Noted:
    """A list of fills is told as unread, or as read again, once two readings in a row say so."""
    now, before, told = reading.unread_fills, state.unread_fills, state.told_unread_fills
    begun = tuple([each for each in now if _name(each) in _names(before) and _name(each) not in _names(told)])
    ended = tuple([each for each in told if _name(each) not in _names((*now, *before))])
    rest = (*(each for each in told if each not in ended), *begun)
    noted = replace(state, unread_fills=now, told_unread_fills=rest)
    messages = (tell_unread_fills(subject, begun),) if begun else ()
    return noted, (*messages, *((tell_fills_read(subject, ended, rest=rest),) if ended else ()))


def _name(unread: str) -> str:
    """The list of fills without the reason in brackets, which may differ from a reading to the next."""
    return unread.partition(" (")[0]


def _names(unread: tuple[str, ...]) -> set[str]:
    return {_name(each) for each in unread}


def _note_problems(state: AccountState, reading: Reading, subject: Subject) -> Noted:
    """More problems are told at once, fewer after two readings; their texts are not compared."""
    level = max(len(reading.problems), len(state.problems))
    noted = replace(state, problems=reading.problems, problem_level=level)
    if level == state.problem_level:
        return noted, ()
    return noted, (tell_problems(subject, reading.problems, level=level, was=state.problem_level),)
