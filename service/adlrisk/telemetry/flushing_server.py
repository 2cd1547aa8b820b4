"""uvicorn's server, with its last log lines written before a signal ends the process."""

import contextlib
from collections.abc import Iterator

import uvicorn

from adlrisk.telemetry.log_output import LogOutput


class FlushingServer(uvicorn.Server):
    """A server that waits a moment for the reader of its log before it ends.

    uvicorn ends by the very signal that stopped it, for which the interpreter calls no exit handlers.
    """

    def __init__(self, config: uvicorn.Config, *, output: LogOutput) -> None:
        super().__init__(config)
        self._output = output

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals while the server runs."""
        with super().capture_signals():
            yield
            self._output.flush()
