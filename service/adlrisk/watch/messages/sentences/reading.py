"""What is told of an account that cannot be read, in whole or in part."""

from typing import Final

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.messages.wording import format_time, list_words, put_in_line

_TITLE_CHARACTERS: Final = 120  # of the reason


def tell_stale(subject: Subject, reason: str, *, before: str, last_read_at: float | None, known: str) -> Message:
    """That the account is not watched now, with the ``reason`` of this reading and that of the one ``before``.

    ``known`` is how its positions stood when it was last read.
    """
    last = "It has not been read before." if last_read_at is None else f"Last read at {format_time(last_read_at)}."
    what = shorten_reason(reason)
    other = f"The reading before: {before}" if before != reason else ""
    lines = (reason if what != put_in_line(reason) else "", other, last, f"At that time: {known}." if known else "")
    return subject.tell("reading", "warning", f"cannot be read: {what}", lines)


def tell_returned(subject: Subject, *, since: float, present: list[str]) -> Message:
    """That the account can be read again, and how its positions stand."""
    lines = (f"It could not be read since {format_time(since)}.", *present)
    return subject.tell("reading", "recovery", "can be read again", lines)


def tell_unread_fills(subject: Subject, lists: tuple[str, ...]) -> Message:
    """That an ADL would not be seen now: ``lists`` are those of fills that cannot be read."""
    what = f"an ADL would not be seen now: {list_words(lists)} cannot be read"
    lines = ("What they have is told once they can be read again, if it is no older than a day.",)
    return subject.tell("reading", "warning", what, lines)


def tell_fills_read(subject: Subject, lists: tuple[str, ...], *, rest: tuple[str, ...]) -> Message:
    """That ``lists`` of fills are read again; ``rest`` are those that are not."""
    names = [each.partition(" (")[0] for each in lists]
    still = f"Still not read: {list_words(rest)}." if rest else ""
    return subject.tell(
        "reading", "recovery", f"{list_words(names)} can be read again, so an ADL is seen there", (still,)
    )


def tell_problems(subject: Subject, problems: tuple[str, ...], *, level: int, was: int) -> Message:
    """That ``level`` parts of the account cannot be read beside its positions, where it were ``was``."""
    if level > was:
        return subject.tell("reading", "notice", "a part of it cannot be read", problems)
    what = "a part of it can be read again" if level else "all of it can be read again"
    return subject.tell("reading", "recovery", what, ("Not read:", *problems) if problems else ())


def shorten_reason(reason: str) -> str:
    r"""The reason as a part of a title.

    >>> shorten_reason("timed out\nafter 10 s")
    'timed out after 10 s'
    """
    line = put_in_line(reason)
    return line if len(line) <= _TITLE_CHARACTERS else f"{line[:_TITLE_CHARACTERS].rstrip()} …"
