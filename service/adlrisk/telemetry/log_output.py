"""Where log lines go: a thread writes them, so that whoever reads the log can neither stop an answer nor lose one.

A write to a pipe that nobody empties blocks for ever, one to a full disk fails. Neither may reach a request, so lines
wait in memory, up to a bound; those beyond it, and those that cannot be written, are dropped and counted.
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

MOST_WAITING_BYTES: Final = 1 << 20  # some five thousand lines of requests
_GATHER_SECONDS: Final = 0.01  # lines that come meanwhile are written together: threads that take turns cost more
_FLUSH_SECONDS: Final = 1.0  # how long the end of the process waits for a reader who is behind


class LogOutput(Protocol):
    """Takes whole lines, as UTF-8, and never raises."""

    dropped: Count  # lines that were not written

    def write(self, lines: bytes) -> None:
        """Take lines, each with its end."""

    def flush(self) -> None:
        """Wait a moment, and no longer, until what was taken is written."""


class DescriptorOutput:
    """Writes to a file descriptor from a thread of its own, in the order in which lines were taken."""

    def __init__(self, descriptor: int, *, most_waiting_bytes: int = MOST_WAITING_BYTES) -> None:
        self.dropped = Count()
        self._descriptor = descriptor
        self._most_waiting_bytes = most_waiting_bytes
        self._waiting = bytearray()
        self._is_writing = False
        self._is_broken = False  # the last line was written in part
        self._lock = threading.RLock()  # which a signal handler that logs may hold already
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None

    def write(self, lines: bytes) -> None:
        """Take lines, each with its end; dropped where too many wait already."""
        with self._lock:
            if len(self._waiting) + len(lines) > self._most_waiting_bytes:
                self.dropped.value += lines.count(b"\n")
                return
            if self._thread is None:
                # A daemon: a reader who never comes back must not keep the process from ending.
                self._thread = threading.Thread(target=self._write_what_comes, name="log", daemon=True)
                self._thread.start()
            if not self._waiting:
                self._changed.notify_all()
            self._waiting += lines

    def flush(self) -> None:
        """Wait until all that was taken is written, but not for ever for a reader who is behind."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._is_writing, timeout=_FLUSH_SECONDS)

    def _write_what_comes(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
            time.sleep(_GATHER_SECONDS)
            with self._lock:
                lines, self._waiting = self._waiting, bytearray()
                self._is_writing = True
            dropped = self._write_or_drop(bytes(lines))
            if dropped:
                with self._lock:
                    self.dropped.value += dropped

    def _write_or_drop(self, lines: bytes) -> int:
        """Write ``lines``, waiting for a reader who is behind; how many could not be written."""
        whole = b"\n" + lines if self._is_broken else lines
        rest = memoryview(whole)
        try:
            while rest:
                rest = rest[self._written(rest) :]
        except OSError:  # nobody reads any more, or the disk is full: the next lines may find it mended
            pass
        written = whole[: len(whole) - len(rest)]
        if written:
            self._is_broken = not written.endswith(b"\n")
        return min(lines.count(b"\n"), bytes(rest).count(b"\n"))

    def _written(self, lines: memoryview) -> int:
        try:
            return os.write(self._descriptor, lines)
        except BlockingIOError:  # whoever shares the descriptor has made it one that does not wait
            select.select([], [self._descriptor], [])
            return 0


class StreamOutput:
    """Writes to a stream of this process before ``write`` returns: for streams in memory and those of tests."""

    def __init__(self, stream: TextIO) -> None:
        self.dropped = Count()
        self._stream = stream

    def write(self, lines: bytes) -> None:
        """Take lines, each with its end."""
        try:
            self._stream.write(lines.decode())
            self._stream.flush()
        except (OSError, ValueError):  # it is full, or closed
            self.dropped.value += lines.count(b"\n")

    def flush(self) -> None:
        """Nothing waits."""


class NoOutput:
    """Drops every line: the process has no standard output."""

    def __init__(self) -> None:
        self.dropped = Count()

    def write(self, lines: bytes) -> None:
        """Count lines, each with its end."""
        self.dropped.value += lines.count(b"\n")

    def flush(self) -> None:
        """Nothing waits."""


@cache
def standard_output() -> LogOutput:
    """The process's standard output, which all its log lines share, so that they keep their order."""
    if sys.stdout is None:
        return NoOutput()
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):  # something in memory has taken its place
        return StreamOutput(sys.stdout)
    output = DescriptorOutput(descriptor)
    atexit.register(output.flush)
    return output
