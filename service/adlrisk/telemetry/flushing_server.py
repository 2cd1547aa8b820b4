"""uvicorn's server, which drains on every signal that asks for an end, and flushes the log before its process ends."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Final

import uvicorn

from adlrisk.telemetry.log_output import LogOutput

# Besides SIGTERM and SIGINT, which uvicorn handles. SIGQUIT would leave a core dump, with keys and positions in it.
_ENDING_SIGNALS: Final = (signal.SIGHUP, signal.SIGQUIT)
_IGNORED_SIGNALS: Final = (signal.SIGUSR1, signal.SIGUSR2)  # they would end the process without draining


class FlushingServer(uvicorn.Server):
    """A server that flushes its log output, for at most a moment, before it ends.

    uvicorn re-raises the signal that stopped it, and the interpreter then runs no exit handlers.
    """

    def __init__(self, config: uvicorn.Config, *, output: LogOutput) -> None:
        super().__init__(config)
        self._output = output

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while the server runs, then flush."""
        if threading.current_thread() is threading.main_thread():  # no other may, and uvicorn does not either
            self._handle_other_signals()
        with super().capture_signals():
            yield
            self._output.flush()

    def _handle_other_signals(self) -> None:
        for ignored in _IGNORED_SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        for ending in _ENDING_SIGNALS:
            if signal.getsignal(ending) is not signal.SIG_IGN:  # as nohup leaves SIGHUP
                signal.signal(ending, self.handle_exit)
