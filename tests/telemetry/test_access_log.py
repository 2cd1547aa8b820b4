"""Access log: its lines are those that structlog writes."""

import datetime as dt
import io
import json
import logging
import logging.config
from types import SimpleNamespace
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.telemetry import access_log
from adlrisk.telemetry.access_log import build_access_log
from adlrisk.telemetry.log_output import StreamOutput
from adlrisk.telemetry.logging import build_logger, server_log_config

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


def lines_of(stream: io.StringIO) -> list[Any]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def freeze_time(patch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """Let structlog and the service see the same time."""
    clock = SimpleNamespace(now=lambda *_, **__: moment)
    patch.setattr(structlog.processors, "datetime", SimpleNamespace(datetime=clock, timezone=dt.timezone))
    patch.setattr(access_log, "datetime", clock)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", LEVELS)
@given(
    how=st.tuples(
        TEXTS, TEXTS, st.integers(100, 599), st.floats(0.0, 1e6).map(lambda value: round(value, 3)) | st.floats(), TEXTS
    ),
    named=st.tuples(st.none() | TEXTS, st.none() | TEXTS),
    moment=MOMENTS,
)
def test_a_line_equals_that_of_structlog(
    level: str,
    form: Literal["json", "console"],
    how: tuple[str, str, int, float, str],
    named: tuple[str | None, str | None],
    moment: dt.datetime,
) -> None:
    """Byte for byte: keys, order, numbers, text, time; at every level, in both formats, and none if excluded."""
    ours, theirs = io.StringIO(newline="\n"), io.StringIO(newline="\n")
    with pytest.MonkeyPatch.context() as patch:
        freeze_time(patch, moment)
        route, method, status, milliseconds, request_id = how
        asked: dict[str, Any] = {
            "route": route, "method": method, "status": status, "milliseconds": milliseconds, "request_id": request_id,
            **{name: value for name, value in zip(("key", "trace_id"), named, strict=True) if value is not None},
        }  # fmt: skip
        build_access_log(level=level, form=form, output=StreamOutput(ours))(**asked)
        build_logger(level=level, form=form, output=StreamOutput(theirs)).info("request", **asked)
    assert ours.getvalue() == theirs.getvalue()
    assert bool(ours.getvalue()) == (level in {"debug", "info"})


def test_the_timestamp_is_the_time_of_writing() -> None:
    """UTC, not earlier than the call and not later than its end."""
    stream = io.StringIO()
    started = dt.datetime.now(dt.UTC)
    build_access_log(level="info", form="json", output=StreamOutput(stream))(**HOW)
    written = json.loads(stream.getvalue())["timestamp"]
    assert written.endswith("Z")
    assert started <= dt.datetime.fromisoformat(written) <= dt.datetime.now(dt.UTC)


def test_request_lines_keep_their_order_among_other_lines() -> None:
    """Lines of requests, the service and the server appear whole, in the order in which they were written."""
    stream = io.StringIO()
    output = StreamOutput(stream)
    requests = build_access_log(level="info", form="json", output=output)
    logger = build_logger(level="info", form="json", output=output)
    server = configured_logger(output)
    for number in range(100):
        requests(**HOW | {"request_id": f"r{number}"})
        logger.error("defect", request_id=f"d{number}")
        server.info("s%d", number)
    found = [line.get("request_id") or line["event"] for line in lines_of(stream)]
    assert found == [f"{kind}{number}" for number in range(100) for kind in "rds"]


def configured_logger(output: StreamOutput) -> logging.Logger:
    """A standard library logger configured as the server's are, without touching those of this process."""
    config = server_log_config(level="info", form="json", output=output)
    factory = logging.config.DictConfigurator(config)
    factory.config["formatters"]["shared"] = factory.configure_formatter(config["formatters"]["shared"])
    logger = logging.getLogger("a server's")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [factory.configure_handler(config["handlers"]["out"])]
    return logger


def fail(entry_price: float) -> None:
    raise LookupError("of a price" if entry_price else "of none")


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_shows_no_values(form: Literal["json", "console"]) -> None:
    """Values of the failing code's variables stay out of the log, in both formats."""
    stream, entry_price = io.StringIO(), 61_234.5
    try:
        fail(entry_price)
    except LookupError as error:
        build_logger(level="info", form=form, output=StreamOutput(stream)).error("defect", exc_info=error)
    assert "LookupError" in stream.getvalue()
    assert "test_access_log.py" in stream.getvalue()
    assert str(entry_price) not in stream.getvalue()
