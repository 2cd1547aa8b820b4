"""What is told once at a start."""

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.position_lines import count_standings
from adlrisk.watch.messages.sentences.reading import shorten_reason
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.messages.wording import format_time


def tell_start(
    subject: Subject, standings: list[Standing], *, lines: list[str], problems: tuple[str, ...], is_loud: bool
) -> Message:
    """How the account stands as the watch begins; ``lines`` say it of each position."""
    what = "watched from now on, no open position"
    if standings:
        many = "" if len(standings) == 1 else "s"
        what = f"watched from now on, {len(standings)} position{many}: {count_standings(standings)}"
    body = (*lines, *(f"Not read: {problem}" for problem in problems))
    return subject.tell("start", "warning" if is_loud else "notice", what, body)


def tell_failed_start(subject: Subject, reason: str, *, last_read_at: float | None, known: str) -> Message:
    """That the account cannot be read as the watch begins; ``known`` is how it stood when it last could."""
    before = "" if last_read_at is None else f"At {format_time(last_read_at)}, when it was last read: {known}."
    body = ("It is tried again at each reading.", reason if len(reason) > len(shorten_reason(reason)) else "", before)
    return subject.tell("start", "warning", f"watched from now on, but cannot be read: {shorten_reason(reason)}", body)
