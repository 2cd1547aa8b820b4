"""The line that every request leaves in the log: what ``logging`` would write, several times cheaper."""

import codecs
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from logging import INFO
from typing import Any, Final, Literal, Protocol, TextIO

import msgspec
from msgspec import UNSET, Struct, UnsetType

from adlrisk.telemetry.logging import LogFormat, build_logger

_EVENT: Final = "request"


class RequestLog(Protocol):
    """What writes the line of a request."""

    def __call__(
        self, *, route: str, method: str, status: int, milliseconds: float, request_id: str, trace_id: str | None = None
    ) -> None:
        """Write how a request went; what is no trace leaves no key."""


def build_request_log(*, level: str, form: LogFormat, stream: TextIO | None = None) -> RequestLog:
    """What writes the lines of requests among those of the logger that is built of the same arguments.

    A line is handed to the system before the call returns: it is whole, and after it comes what happened after it.
    Gathering the lines of several requests would be cheaper still, but then a line of the server's own, or the last
    words of a process that dies, would come before the requests that led to them.
    """
    logger = build_logger(level=level, form=form, stream=stream)
    if not logger.is_enabled_for(INFO):
        return _no_line
    if form == "json":
        return _json_lines(_writer(stream or sys.stdout))

    def console_line(*, trace_id: str | None = None, **how: Any) -> None:
        logger.info(_EVENT, **how, **({} if trace_id is None else {"trace_id": trace_id}))

    return console_line


class _Line(Struct, frozen=True, kw_only=True, gc=False):
    """The keys in the order in which they are written."""

    route: str
    method: str
    status: int
    milliseconds: float
    request_id: str
    trace_id: str | UnsetType = UNSET
    event: Literal["request"] = _EVENT
    level: Literal["info"] = "info"
    timestamp: datetime


def _json_lines(write: Callable[[bytes], None]) -> RequestLog:
    encode = msgspec.json.Encoder().encode

    def json_line(
        *, route: str, method: str, status: int, milliseconds: float, request_id: str, trace_id: str | None = None
    ) -> None:
        line = _Line(
            route=route,
            method=method,
            status=status,
            milliseconds=milliseconds,
            request_id=request_id,
            trace_id=UNSET if trace_id is None else trace_id,
            timestamp=datetime.now(UTC),
        )
        write(encode(line) + b"\n")

    return json_line


def _no_line(**_how: object) -> None:
    """The level keeps requests out of the log."""


def _writer(stream: TextIO) -> Callable[[bytes], None]:
    """Writes and flushes to ``stream``: below its layer of text where that would not change a byte.

    The layer holds nothing back meanwhile, since whatever else writes log lines flushes each of them too.
    """
    if os.linesep == "\n" and _is_utf8(stream):

        def write_bytes(line: bytes) -> None:
            below = stream.buffer  # looked up each time, for it lives as long as its layer of text
            below.write(line)
            below.flush()

        return write_bytes

    def write_text(line: bytes) -> None:
        stream.write(line.decode())
        stream.flush()

    return write_text


def _is_utf8(stream: TextIO) -> bool:
    """Whether bytes lie below ``stream``, and they are UTF-8."""
    encoding = stream.encoding if hasattr(stream, "buffer") else None
    return encoding is not None and codecs.lookup(encoding).name == "utf-8"
