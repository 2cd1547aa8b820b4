"""One line for each message, for pipes and files."""

from collections.abc import Sequence
from datetime import UTC, datetime

from adlrisk.telemetry.log_output import LogOutput
from adlrisk.watch.messages.message import Message
from adlrisk.watch.state.account_state import AccountState


def format_line(message: Message) -> str:
    """Time, severity and title, separated by a space each; a title has no line break.

    >>> from adlrisk.watch.messages.message import MessageKey
    >>> key = MessageKey(venue="okx", account="desk", kind="reading")
    >>> format_line(Message(key=key, severity="warning", at=1795867265.0, title="desk on okx: cannot be read"))
    '2026-11-28T12:01:05Z warning desk on okx: cannot be read'
    """
    return f"{_format_time(message.at)} {message.severity} {message.title}"


class LineDisplay:
    """Writes lines to ``output``. Satisfies ``Display``."""

    def __init__(self, output: LogOutput) -> None:
        self._output = output

    def start(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Wait a moment for the last lines."""
        self._output.flush()

    def show_account(self, account: AccountState) -> None:
        """Nothing: a line is for what changes."""

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Write a line for each."""
        for message in messages:
            self._output.write((format_line(message) + "\n").encode(errors="backslashreplace"))


def _format_time(at: float) -> str:
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, OSError, ValueError):  # of a venue that says nonsense
        return "0000-00-00T00:00:00Z"
