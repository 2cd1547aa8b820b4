"""What is told of alerts."""

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.advice import advise
from adlrisk.watch.messages.sentences.position_lines import list_alerts, say_prices
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import ObservedPosition


def tell_alerts(
    subject: Subject,
    position: ObservedPosition,
    *,
    raised: tuple[str, ...],
    ended: tuple[str, ...],
    now: tuple[str, ...],
) -> Message:
    """Which alerts were raised and which ended; ``now`` are all that stand."""
    over = f"alert over: {list_alerts(ended)}" if ended else ""
    rest = f"Still raised: {list_alerts(kept)}." if (kept := tuple(code for code in now if code not in raised)) else ""
    if not raised:
        return subject.tell("alert", "recovery", over, ("What is known now does not raise it any more.", rest))
    lines = (
        f"{over[:1].upper()}{over[1:]}." if over else "",
        rest,
        say_prices(position),
        *advise(position, is_warning=True),
    )
    return subject.tell("alert", "warning", f"alert: {list_alerts(raised)}", lines)
