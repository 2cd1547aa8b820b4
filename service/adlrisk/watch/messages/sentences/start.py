"""What is told once at a start."""

from adlrisk.watch.messages.message import Message, Severity
from adlrisk.watch.messages.sentences.position_lines import count_standings
from adlrisk.watch.messages.sentences.reading import shorten_reason
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.messages.wording import format_time, list_words


def tell_start(
    subject: Subject,
    standings: list[Standing],
    *,
    lines: list[str],
    unread_fills: tuple[str, ...],
    problems: tuple[str, ...],
    severity: Severity,
) -> Message:
    """How the account stands as the watch begins; ``lines`` say it of each position."""
    what = "watched from now on, no open position"
    if standings:
        many = "" if len(standings) == 1 else "s"
        what = f"watched from now on, {len(standings)} position{many}: {count_standings(standings)}"
    unread = f"An ADL would not be seen now: {list_words(unread_fills)} cannot be read." if unread_fills else ""
    return subject.tell("start", severity, what, (*lines, unread, *(f"Not read: {problem}" for problem in problems)))


def tell_failed_start(subject: Subject, reason: str, *, last_read_at: float | None, known: str) -> Message:
    """That the account cannot be read as the watch begins; ``known`` is how it stood when it last could."""
    before = "" if last_read_at is None else f"At {format_time(last_read_at)}, when it was last read: {known}."
    body = ("It is tried again at each reading.", reason if len(reason) > len(shorten_reason(reason)) else "", before)
    return subject.tell("start", "warning", f"watched from now on, but cannot be read: {shorten_reason(reason)}", body)
