"""The line of a request is the one that structlog writes."""

import datetime as dt
import io
import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, Literal, Self, TextIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.telemetry import request_log
from adlrisk.telemetry.logging import build_logger
from adlrisk.telemetry.request_log import build_request_log

LEVELS = ("debug", "info", "warning", "error")
FORMS: tuple[Literal["json", "console"], ...] = ("json", "console")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HOW: dict[str, Any] = {
    "route": "/score", "method": "POST", "status": 200, "milliseconds": 0.125, "request_id": "a1-7",
}  # fmt: skip

TEXTS = st.text(st.characters(codec="utf-8"))
MOMENTS = st.datetimes(timezones=st.just(dt.UTC)) | st.datetimes(timezones=st.just(dt.UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


class Pipe:
    """A stream over bytes, like standard output, in an encoding of its own."""

    def __init__(self, encoding: str) -> None:
        self.bytes = io.BytesIO()
        self.stream: TextIO = io.TextIOWrapper(self.bytes, encoding=encoding, newline="\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def content(self) -> str:
        return self.bytes.getvalue().decode(self.stream.encoding)


def stand_still(patch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """Let structlog and the service see the same moment."""
    clock = SimpleNamespace(now=lambda *_, **__: moment)
    patch.setattr(structlog.processors, "datetime", SimpleNamespace(datetime=clock, timezone=dt.timezone))
    patch.setattr(request_log, "datetime", clock)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", LEVELS)
@given(
    how=st.tuples(
        TEXTS, TEXTS, st.integers(100, 599), st.floats(0.0, 1e6).map(lambda value: round(value, 3)) | st.floats(), TEXTS
    ),
    trace=st.none() | TEXTS,
    moment=MOMENTS,
)
def test_the_line_is_what_structlog_writes(
    level: str,
    form: Literal["json", "console"],
    how: tuple[str, str, int, float, str],
    trace: str | None,
    moment: dt.datetime,
) -> None:
    """Byte by byte: keys, their order, numbers, text, time; at every level, in both formats, and none where none is."""
    with Pipe("utf-8") as ours, Pipe("utf-8") as theirs, pytest.MonkeyPatch.context() as patch:
        stand_still(patch, moment)
        route, method, status, milliseconds, request_id = how
        asked: dict[str, Any] = {
            "route": route, "method": method, "status": status, "milliseconds": milliseconds, "request_id": request_id,
            **({} if trace is None else {"trace_id": trace}),
        }  # fmt: skip
        in_memory = io.StringIO()
        build_request_log(level=level, form=form, stream=ours.stream)(**asked)
        build_request_log(level=level, form=form, stream=in_memory)(**asked)
        build_logger(level=level, form=form, stream=theirs.stream).info("request", **asked)
        assert ours.content() == in_memory.getvalue() == theirs.content()
        assert bool(ours.content()) == (level in {"debug", "info"})


def test_the_time_is_that_of_the_line() -> None:
    """UTC, not earlier than the call and not later than its end."""
    stream = io.StringIO()
    started = dt.datetime.now(dt.UTC)
    build_request_log(level="info", form="json", stream=stream)(**HOW)
    written = json.loads(stream.getvalue())["timestamp"]
    assert written.endswith("Z")
    assert started <= dt.datetime.fromisoformat(written) <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "latin-1", "utf-16-le"])
def test_the_stream_keeps_its_encoding(encoding: str) -> None:
    """A stream that is not UTF-8 gets the line in its own encoding, as other lines do."""
    with Pipe(encoding) as pipe:
        build_request_log(level="info", form="json", stream=pipe.stream)(**HOW | {"route": "/käse"})
        assert json.loads(pipe.content())["route"] == "/käse"


def test_lines_stand_in_the_order_of_events() -> None:
    """Lines of requests and all others come one after another as they were written, each of them whole."""
    with Pipe("utf-8") as pipe:
        requests = build_request_log(level="info", form="json", stream=pipe.stream)
        logger = build_logger(level="info", form="json", stream=pipe.stream)
        for number in range(100):
            requests(**HOW | {"request_id": f"r{number}"})
            logger.error("defect", request_id=f"d{number}")
            pipe.stream.write(f'{{"request_id": "s{number}"}}\n')  # as logging's handlers do
            pipe.stream.flush()
        found = [json.loads(line)["request_id"] for line in pipe.content().splitlines()]
    assert found == [f"{kind}{number}" for number in range(100) for kind in "rds"]


DYING = f"""
import os
from adlrisk.telemetry.request_log import build_request_log
log = build_request_log(level="info", form="json")
for number in range(1000):
    log(**{HOW!r} | {{"request_id": str(number)}}, trace_id={TRACE!r})
os._exit(3)
"""
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def test_no_line_is_lost_when_the_process_dies() -> None:
    """What was written is with the system: even an end without any farewell loses nothing, into a pipe."""
    ended = subprocess.run([sys.executable, "-c", DYING], stdout=subprocess.PIPE, check=False, env=BUFFERED)
    assert ended.returncode == 3
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["request_id"] for line in lines] == [str(number) for number in range(1000)]
    assert {line["trace_id"] for line in lines} == {TRACE}
