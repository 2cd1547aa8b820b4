"""The shipped server: uvicorn with one process, uvloop and httptools, and a shutdown that drains."""

import asyncio
import gc
import math
import os
from types import FrameType
from typing import Any, Final

import uvicorn

from adlrisk.api.app import Application, create_app
from adlrisk.api.server.allocator import return_large_blocks
from adlrisk.api.server.connection import Connection
from adlrisk.settings import Settings
from adlrisk.telemetry.flushing_server import FlushingServer
from adlrisk.telemetry.log_output import LogOutput, standard_output
from adlrisk.telemetry.logging import server_log_config

_STANDARD_ERROR: Final = 2


def serve(*, host: str, port: int, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    _take_standard_descriptors()
    return_large_blocks()
    app = create_app(settings)
    output = standard_output()
    logs = server_log_config(level=settings.log_level, form=settings.log_format, output=output)
    config = server_config(app, host=host, port=port, settings=settings, log_config=logs)
    DrainingServer(config, app=app, delay_seconds=settings.drain_delay_seconds, output=output).run()


def server_config(
    app: Application, *, host: str, port: int, settings: Settings, log_config: dict[str, Any] | None
) -> uvicorn.Config:
    """How the shipped server runs ``app``; without ``log_config`` the process's logging stays as it is."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Connection,
        ws="none",
        log_config=log_config,
        proxy_headers=False,
        access_log=False,
        server_header=False,
        timeout_keep_alive=math.ceil(settings.keep_alive_seconds),
        timeout_graceful_shutdown=math.ceil(settings.shutdown_timeout_seconds),
    )


class DrainingServer(FlushingServer):
    """A server that goes on answering for a while after the signal, while readiness already says no."""

    def __init__(self, config: uvicorn.Config, *, app: Application, delay_seconds: float, output: LogOutput) -> None:
        super().__init__(config, output=output)
        self._app = app
        self._delay_seconds = delay_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # only passed on
        """Remember the loop that a signal has to reach."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)  # type: ignore[arg-type]
        # What is loaded by now stays; looking for garbage in it would hold everybody up for 5 to 30 ms now and then.
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Turn readiness off at once and stop after the delay; a second signal stops at once."""
        context = self._app.context
        if self._loop is None or context.phase == "draining":
            super().handle_exit(sig, frame)
            return
        context.drain()
        self._loop.call_soon_threadsafe(self._loop.call_later, self._delay_seconds, super().handle_exit, sig, frame)


def _take_standard_descriptors() -> None:
    """Open the null device where standard input, output or error was closed, or the next file or socket has its number.

    It would be handed on to the worker, and get what is printed by accident.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 (of the standard library)
    os.close(descriptor)
