"""The first reading of an account in a process: the present state, told once in place of what changed."""

from typing import Final

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message, Severity
from adlrisk.watch.messages.sentences.levels import DUE
from adlrisk.watch.messages.sentences.start import tell_failed_start, tell_start
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.rules.margins import begin_margins
from adlrisk.watch.rules.position import begin_position
from adlrisk.watch.rules.readings import one_of_each
from adlrisk.watch.rules.standing_lines import (
    list_margins,
    list_positions,
    list_unseen,
    summarize_positions,
)
from adlrisk.watch.state.account_state import AccountState, PositionState, StartTold

_AGAIN: Final = 600.0  # seconds


Started = tuple[AccountState, tuple[Message, ...]]


def start_account(state: AccountState, reading: Reading, subject: Subject) -> Started:
    """The account as the reading shows it, whatever was kept: what came and went while nobody watched is not told.

    Positions that are missing in a reading that is not complete stay as they were kept.
    """
    seen = one_of_each(reading.positions)
    unseen = () if reading.is_complete else tuple([each for each in state.positions if each.key not in seen])
    positions = tuple([begin_position(each) for each in seen.values()])
    margins = begin_margins(state, reading)
    started = replace(
        state,
        read_at=reading.at,
        positions=(*positions, *unseen),
        margins=margins,
        failed_at=None,
        stale_since=None,
        stale_reason="",
        has_answered=False,
        problems=reading.problems,
        problem_level=len(reading.problems),
        unread_fills=reading.unread_fills,
        told_unread_fills=reading.unread_fills,
    )
    levels = [*(each.distance_level for each in positions), *(each.distance_level for each in margins)]
    message = tell_start(
        subject,
        [each.standing for each in positions],
        lines=[*list_margins(margins), *list_positions(positions), *list_unseen(unseen)],
        unread_fills=reading.unread_fills,
        problems=reading.problems,
        severity=_weigh(positions, max(levels, default=0)),
    )
    return _tell_once(started, message, content=_list_content(started), at=reading.at)


def start_unread(state: AccountState, failed: FailedReading, subject: Subject) -> Started:
    """An account that cannot be read at the start, with what is kept of it."""
    message = tell_failed_start(
        subject, failed.reason, last_read_at=state.read_at, known=summarize_positions(state.positions)
    )
    since = failed.at if state.stale_since is None else state.stale_since
    stale = replace(state, failed_at=None, stale_since=since, stale_reason=failed.reason, has_answered=False)
    return _tell_once(stale, message, content="cannot be read", at=failed.at)


def _weigh(positions: tuple[PositionState, ...], level: int) -> Severity:
    if level == DUE:
        return "emergency"
    is_loud = level > 1 or any(each.standing.upper == "high" or each.alerts for each in positions)
    return "warning" if is_loud else "notice"


def _list_content(state: AccountState) -> str:
    """What makes the message of a start another one: no score, price or distance in figures."""
    positions = [(*each.key, each.standing.text, each.alerts, each.distance_level) for each in state.positions]
    margins = [(each.observed.name, each.distance_level) for each in state.margins]
    return repr((sorted(positions, key=repr), sorted(margins), len(state.problems), state.told_unread_fills))


def _tell_once(state: AccountState, message: Message, *, content: str, at: float) -> Started:
    """The message, unless the last one was the same a short time ago, as where a process is started again and again."""
    last = state.start_told
    if last is not None and last.content == content and 0.0 <= at - last.at < _AGAIN:
        return state, ()
    return replace(state, start_told=StartTold(content, at)), (message,)
