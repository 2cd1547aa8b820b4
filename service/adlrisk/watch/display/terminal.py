"""The live table of a terminal, drawn by a thread of its own: one that stops reading holds up nothing."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.live import Live

from adlrisk.telemetry.fast_metrics import Count
from adlrisk.watch.display.table import ShownAccount, build_table
from adlrisk.watch.messages.message import Message
from adlrisk.watch.state.account_state import AccountState

_REDRAW_SECONDS: Final = 1.0
_MESSAGES: Final = 8  # that are shown
_LOG_LINES: Final = 3


class TerminalDisplay:
    """Draws the table every second, and the last lines of the log. Satisfies ``Display`` and ``LogOutput``."""

    def __init__(self, console: Console | None = None, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console()
        self._monotonic = monotonic
        self._accounts: dict[tuple[str, str], ShownAccount] = {}
        self._messages: deque[Message] = deque(maxlen=_MESSAGES)
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self.dropped = Count()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="display", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    def stop(self) -> None:
        """Draw once more, and stop; a terminal that does not read is left alone after a moment."""
        self._ended.set()
        self._thread.join(_REDRAW_SECONDS)

    def show_account(self, account: AccountState) -> None:
        """Show how an account stands now."""
        key = (account.venue, account.account)
        before = self._accounts.get(key)
        read_at = before.read_at if before else None
        is_read = not account.is_stale or account.has_answered
        # A new dict each time, since the other thread may be reading the last one.
        shown = ShownAccount(state=account, read_at=self._monotonic() if is_read else read_at)
        self._accounts = {**self._accounts, key: shown}

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show messages below the table."""
        self._messages.extend(messages)

    def write(self, lines: bytes, *, must_stay: bool = False) -> None:  # noqa: ARG002 (none waits)
        """Show lines of the log below the messages."""
        self._log.extend(lines.decode().splitlines())

    def flush(self) -> None:
        """Nothing to do: they are drawn at the next turn."""

    def _draw(self) -> None:
        with Live(console=self._console, auto_refresh=False) as live:
            while True:
                is_last = self._ended.wait(_REDRAW_SECONDS)
                accounts = list(self._accounts.values())
                shown = build_table(accounts, list(self._messages), log=list(self._log), now=self._monotonic())
                live.update(shown, refresh=True)
                if is_last:
                    return
