"""The first reading of an account in a process: the present state, told once in place of what changed."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.start import tell_failed_start, tell_start
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.rules.position import begin_position
from adlrisk.watch.rules.readings import one_of_each
from adlrisk.watch.rules.standing_lines import list_positions, summarize_positions
from adlrisk.watch.state.account_state import AccountState


def start_account(state: AccountState, reading: Reading, subject: Subject) -> tuple[AccountState, Message]:
    """The account as the reading shows it, whatever was kept: what came and went while nobody watched is not told."""
    positions = tuple([begin_position(each) for each in one_of_each(reading.positions).values()])
    started = replace(
        state,
        read_at=reading.at,
        positions=positions,
        stale_since=None,
        stale_reason="",
        has_answered=False,
        problems=reading.problems,
        problem_level=len(reading.problems),
    )
    message = tell_start(
        subject,
        [each.standing for each in positions],
        lines=list_positions(positions),
        problems=reading.problems,
        is_loud=any(each.standing.upper == "high" or each.alerts or each.distance_level > 1 for each in positions),
    )
    return started, message


def start_unread(state: AccountState, failed: FailedReading, subject: Subject) -> tuple[AccountState, Message]:
    """An account that cannot be read at the start, with what is kept of it."""
    message = tell_failed_start(
        subject, failed.reason, last_read_at=state.read_at, known=summarize_positions(state.positions)
    )
    since = failed.at if state.stale_since is None else state.stale_since
    return replace(state, stale_since=since, stale_reason=failed.reason, has_answered=False), message
