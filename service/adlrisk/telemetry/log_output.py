"""Non-blocking log output: a thread writes the lines, so that a stalled log reader cannot stall requests.

A write to a full pipe blocks, and one to a full disk fails. Neither may affect a request, so lines wait in a bounded
buffer; lines that do not fit, and lines that cannot be written, are dropped and counted. Anybody can fill the buffer
with lines of requests, so the lines that must stay have room of their own behind it.
"""

import atexit
import os
import select
import sys
import threading
import time
from functools import cache
from typing import Final, Protocol, TextIO

from adlrisk.telemetry.fast_metrics import Count

MAX_WAITING_BYTES: Final = 1 << 20  # some five thousand request lines
RESERVED_BYTES: Final = 1 << 20  # some two thousand changes
_BATCH_SECONDS: Final = 0.01  # lines of that time are written together: switching threads for each costs more
_FLUSH_SECONDS: Final = 1.0  # how long the end of the process waits for a slow reader


class LogOutput(Protocol):
    """Takes whole lines, as UTF-8; never raises."""

    dropped: Count  # lines that were not written

    def write(self, lines: bytes, *, must_stay: bool = False) -> None:
        """Take lines, each with its newline; those that ``must_stay`` are the last to be dropped."""

    def flush(self) -> None:
        """Wait until all taken lines are written, for at most a moment."""


class DescriptorOutput:
    """Writes lines to a file descriptor in order, from a thread of its own."""

    def __init__(
        self, descriptor: int, *, max_waiting_bytes: int = MAX_WAITING_BYTES, reserved_bytes: int = RESERVED_BYTES
    ) -> None:
        """``reserved_bytes`` of the buffer, beyond ``max_waiting_bytes``, are for lines that must stay."""
        self.dropped = Count()
        self._descriptor = descriptor
        self._max_waiting_bytes = max_waiting_bytes
        self._reserved_bytes = reserved_bytes
        self._waiting = bytearray()
        self._is_writing = False
        self._ends_in_partial_line = False
        self._lock = threading.RLock()  # reentrant: a signal handler that logs may interrupt its holder
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None

    def write(self, lines: bytes, *, must_stay: bool = False) -> None:
        """Take lines, each with its newline; dropped if they do not fit into the buffer."""
        most = self._max_waiting_bytes + (self._reserved_bytes if must_stay else 0)
        with self._lock:
            if len(self._waiting) + len(lines) > most:
                self.dropped.value += lines.count(b"\n")
                return
            if self._thread is None:
                # A daemon: a reader that never returns must not keep the process from ending.
                self._thread = threading.Thread(target=self._write_loop, name="log", daemon=True)
                self._thread.start()
            if not self._waiting:
                self._changed.notify_all()
            self._waiting += lines

    def flush(self) -> None:
        """Wait until all taken lines are written, for at most ``_FLUSH_SECONDS``."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._is_writing, timeout=_FLUSH_SECONDS)

    def _write_loop(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
            time.sleep(_BATCH_SECONDS)
            with self._lock:
                lines, self._waiting = self._waiting, bytearray()
                self._is_writing = True
            dropped = self._write_or_drop(bytes(lines))
            if dropped:
                with self._lock:
                    self.dropped.value += dropped

    def _write_or_drop(self, lines: bytes) -> int:
        """Write ``lines``, waiting for a slow reader; returns how many could not be written."""
        whole = b"\n" + lines if self._ends_in_partial_line else lines
        rest = memoryview(whole)
        try:
            while rest:
                rest = rest[self._write_once(rest) :]
        except OSError:  # the reader is gone or the disk is full, perhaps only for now
            pass
        written = whole[: len(whole) - len(rest)]
        if written:
            self._ends_in_partial_line = not written.endswith(b"\n")
        return min(lines.count(b"\n"), bytes(rest).count(b"\n"))

    def _write_once(self, lines: memoryview) -> int:
        try:
            return os.write(self._descriptor, lines)
        except BlockingIOError:  # another holder of the descriptor has made it non-blocking
            select.select([], [self._descriptor], [])
            return 0


class StreamOutput:
    """Writes to a stream synchronously: for in-memory streams and tests."""

    def __init__(self, stream: TextIO) -> None:
        self.dropped = Count()
        self._stream = stream

    def write(self, lines: bytes, *, must_stay: bool = False) -> None:  # noqa: ARG002 (nothing waits)
        """Take lines, each with its newline."""
        try:
            self._stream.write(lines.decode())
            self._stream.flush()
        except (OSError, ValueError):  # full or closed
            self.dropped.value += lines.count(b"\n")

    def flush(self) -> None:
        """Nothing to do: nothing is buffered."""


class NoOutput:
    """Drops every line: the process has no standard output."""

    def __init__(self) -> None:
        self.dropped = Count()

    def write(self, lines: bytes, *, must_stay: bool = False) -> None:  # noqa: ARG002 (all are dropped)
        """Count lines, each with its newline."""
        self.dropped.value += lines.count(b"\n")

    def flush(self) -> None:
        """Nothing to do: nothing is buffered."""


@cache
def standard_output() -> LogOutput:
    """The process's standard output, one object for all log lines, so that they keep their order."""
    if sys.stdout is None:
        return NoOutput()
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):  # replaced by an in-memory stream
        return StreamOutput(sys.stdout)
    output = DescriptorOutput(descriptor)
    atexit.register(output.flush)
    return output
