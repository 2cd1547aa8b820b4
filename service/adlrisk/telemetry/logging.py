"""Structured logging: JSON lines for machines or text for people.

Lines describe the outcome of a request, never its content, but for parameters and market records that it has changed. A
traceback shows code, not the values of variables.
"""

import logging
from typing import Any, Final, Literal

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from adlrisk.telemetry.log_output import LogOutput

LogFormat = Literal["json", "console"]

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def build_logger(*, level: str, form: LogFormat, output: LogOutput, must_stay: bool = False) -> FilteringBoundLogger:
    """A logger that writes to ``output``; no global state is touched. Lines that ``must_stay`` are dropped last."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        _LineLogger(output, must_stay=must_stay),
        processors=[*_SHARED, *_choose_renderers(form)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return logger


def server_log_config(*, level: str, form: LogFormat, output: LogOutput) -> dict[str, Any]:
    """A ``logging`` configuration that renders the server's lines like the service's, to the same ``output``.

    The server's access log is off: the service writes one line per request itself.
    """
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_choose_renderers(form)],
        "foreign_pre_chain": list(_SHARED),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"shared": formatter},
        "handlers": {"out": {"()": _LineHandler, "output": output, "formatter": "shared"}},
        "root": {"handlers": ["out"], "level": logging.getLevelName(level.upper())},
        "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
    }


class _LineLogger:
    """structlog's underlying logger: passes rendered lines of every level to the output."""

    def __init__(self, output: LogOutput, *, must_stay: bool) -> None:
        self._output = output
        self._must_stay = must_stay

    def msg(self, line: str) -> None:
        self._output.write(_encode_line(line), must_stay=self._must_stay)

    debug = info = warning = error = critical = msg


class _LineHandler(logging.Handler):
    """A ``logging`` handler that passes formatted records to the output."""

    def __init__(self, output: LogOutput) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._output.write(_encode_line(self.format(record)))
        except Exception:  # noqa: BLE001 (as the handlers of the standard library do: a line must not stop its writer)
            self.handleError(record)


def _encode_line(line: str) -> bytes:
    return (line + "\n").encode(errors="backslashreplace")


def _choose_renderers(form: LogFormat) -> tuple[Processor, ...]:
    if form == "console":
        # Plain: rich, if installed, would show local variables, and with them positions and bodies.
        return (structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),)
    return (structlog.processors.format_exc_info, _render_json)


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()
