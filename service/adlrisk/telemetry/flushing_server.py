"""uvicorn's server, which flushes the log before a signal ends the process."""

import contextlib
from collections.abc import Iterator

import uvicorn

from adlrisk.telemetry.log_output import LogOutput


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
        with super().capture_signals():
            yield
            self._output.flush()
