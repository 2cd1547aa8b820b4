"""Structured logs: one line per request, JSON for machines or text for the eye.

Lines carry how a request went, never what was in it.
"""

import logging
import sys
from typing import Any, Final, Literal, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

LogFormat = Literal["json", "console"]

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def build_logger(*, level: str, form: LogFormat, stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger that writes to ``stream``, by default standard output; no global state is touched."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stdout),
        processors=[*_SHARED, *_renderers(form)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return logger


def server_log_config(*, level: str, form: LogFormat) -> dict[str, Any]:
    """A ``logging`` configuration that renders the server's own lines like the service's.

    The server's access log is off: the service writes one line per request itself.
    """
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(form)],
        "foreign_pre_chain": list(_SHARED),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"shared": formatter},
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "shared"}},
        "root": {"handlers": ["out"], "level": logging.getLevelName(level.upper())},
        "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
    }


def _renderers(form: LogFormat) -> tuple[Processor, ...]:
    if form == "console":
        return (structlog.dev.ConsoleRenderer(colors=False),)
    return (structlog.processors.format_exc_info, _as_json)


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()
