"""What is told of a position's state."""

from typing import Final

from adlrisk.watch.messages.message import Message, Severity
from adlrisk.watch.messages.sentences.advice import advise
from adlrisk.watch.messages.sentences.position_lines import say_prices, say_score
from adlrisk.watch.messages.standing import Standing, is_worse, standing_of
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.messages.wording import list_words
from adlrisk.watch.reading.observed import ObservedPosition

_FILLS_NOT_READ: Final = "Its fills could not be read, so whether an ADL took it is not known."
_UNKNOWN_IS_NOT_LOW: Final = "What is not known may be high."


def tell_standing(subject: Subject, position: ObservedPosition, *, now: Standing, was: Standing | None) -> Message:
    """That the position stands otherwise than before; ``was`` is none of a position that is new."""
    before = "new position" if was is None else f"was {was.text}"
    severity = _weigh(now, was)
    body = (*_explain(position, now), *advise(position, is_warning=severity == "warning"))
    return subject.tell("score", severity, f"ADL score {now.text} ({before})", body)


def tell_closed(subject: Subject, *, was: Standing, is_unread: bool) -> Message:
    """That a position is gone of which something was told; ``is_unread``: its fills could not be read."""
    severity: Severity = "notice" if is_unread else "recovery"
    return subject.tell(
        "score", severity, f"closed (ADL score was {was.text})", (_FILLS_NOT_READ,) if is_unread else ()
    )


def _weigh(now: Standing, was: Standing | None) -> Severity:
    if now.lower == "unknown":
        return "warning"
    if was is not None and not is_worse(now, was):
        return "recovery"
    return "warning" if now.upper == "high" else "notice"


def _explain(position: ObservedPosition, now: Standing) -> list[str]:
    alone = standing_of(position)
    lines = []
    if alone != now:  # it is kept up by the reading before
        lines.append(f"This reading alone says {alone.text}; that counts once the next one says so too.")
    if alone.lower == "unknown":
        reason = position.not_scored_reason
        lines.append(f"It cannot be scored{'' if reason is None else f': {reason}'}.")
    else:
        lines.append(f"{say_score(position).capitalize()}.")
    if position.missing:
        names = list_words(name.replace("_", " ") for name in position.missing)
        lines.append(f"Not known: {names}. A service with a collector (--service) knows most of what venues publish.")
    if alone.lower == "unknown" or alone.is_unsure:
        lines.append(_UNKNOWN_IS_NOT_LOW)
    return [*lines, say_prices(position)]
