"""Whether an account can be read, in whole: stale at once, read again after two readings."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.reading import tell_problems, tell_returned, tell_stale
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.rules.standing_lines import list_positions, summarize_positions
from adlrisk.watch.state.account_state import AccountState

Noted = tuple[AccountState, tuple[Message, ...]]


def note_failure(state: AccountState, failed: FailedReading, subject: Subject) -> Noted:
    """The account as stale, its positions as they were last read."""
    stale = replace(state, stale_reason=failed.reason, has_answered=False)
    if state.is_stale:
        return stale, ()
    known = summarize_positions(state.positions) if state.is_kept else ""
    told = tell_stale(subject, failed.reason, last_read_at=state.read_at, known=known)
    return replace(stale, stale_since=failed.at), (told,)


def note_answer(state: AccountState, reading: Reading, subject: Subject) -> Noted:
    """The account after a reading whose positions ``state`` already has; the second after a failure is the return."""
    answered = replace(state, read_at=reading.at)
    if state.stale_since is None:
        return _note_problems(answered, reading, subject)
    if not state.has_answered:
        return replace(answered, has_answered=True), ()
    returned = replace(answered, stale_since=None, stale_reason="", has_answered=False)
    told = tell_returned(subject, since=state.stale_since, present=list_positions(state.positions))
    returned, more = _note_problems(returned, reading, subject)
    return returned, (told, *more)


def _note_problems(state: AccountState, reading: Reading, subject: Subject) -> Noted:
    """More problems are told at once, fewer after two readings; their texts are not compared."""
    level = max(len(reading.problems), len(state.problems))
    noted = replace(state, problems=reading.problems, problem_level=level)
    if level == state.problem_level:
        return noted, ()
    return noted, (tell_problems(subject, reading.problems, level=level, was=state.problem_level),)
