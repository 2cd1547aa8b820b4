"""The shipped server: uvicorn with one process, uvloop and httptools, and a shutdown that drains."""

import asyncio
import functools
import gc
import logging
import math
import os
import sys
from types import FrameType
from typing import Any, Final

import uvicorn

from adlrisk.api.app import Application, create_app
from adlrisk.api.server.allocator import return_large_blocks
from adlrisk.api.server.connection import Connection
from adlrisk.api.server.listener import probe_listener, public_listener
from adlrisk.api.server.open_files import allow_open_files
from adlrisk.settings import Settings
from adlrisk.settings.key_files import KeyFiles
from adlrisk.telemetry.flushing_server import FlushingServer
from adlrisk.telemetry.log_output import LogOutput, standard_output
from adlrisk.telemetry.logging import server_log_config

_STANDARD_ERROR: Final = 2
_STARTUP_FAILURE: Final = 3  # as uvicorn ends where it cannot listen

_logger = logging.getLogger("uvicorn.error")  # as uvicorn names the log of its server


def serve(*, host: str, port: int, probe_port: int | None = None, settings: Settings) -> None:
    """Serve until a signal ends it, then drain; health is answered on ``probe_port`` too, if there is one.

    Raises:
        SettingsError: the process may not open as many files as the settings need, or a setting is invalid.
    """
    _take_standard_descriptors()
    allow_open_files(settings, has_probes=probe_port is not None)
    return_large_blocks()
    app = create_app(settings, key_files=KeyFiles())
    output = standard_output()
    logs = server_log_config(level=settings.log_level, form=settings.log_format, output=output)
    config = server_config(app, host=host, port=port, settings=settings, log_config=logs)
    DrainingServer(config, app=app, probe_port=probe_port, output=output).run()


def server_config(
    app: Application, *, host: str, port: int, settings: Settings, log_config: dict[str, Any] | None
) -> uvicorn.Config:
    """How the shipped server runs ``app``; without ``log_config`` the process's logging stays as it is."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=functools.partial(Connection, listener=public_listener(app.context)),  # type: ignore[arg-type]  # called
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

    def __init__(
        self, config: uvicorn.Config, *, app: Application, probe_port: int | None = None, output: LogOutput
    ) -> None:
        super().__init__(config, output=output)
        self._app = app
        self._probe_port = probe_port
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # only passed on
        """Remember the loop that a signal has to reach, and listen on all ports; for probes before all else."""
        self._loop = asyncio.get_running_loop()
        probes = None if self._probe_port is None else await self._listen_for_probes(self._probe_port)
        await super().startup(sockets)  # type: ignore[arg-type]
        if probes is not None:
            self.servers.append(probes)
            host, port = probes.sockets[0].getsockname()[:2]
            _logger.info("Probes are answered on %s port %d", host, port)
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
        seconds = context.settings.drain_delay_seconds
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, super().handle_exit, sig, frame)

    async def _listen_for_probes(self, port: int) -> asyncio.Server:
        build = functools.partial(
            Connection,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            listener=probe_listener(self._app.context),
        )
        try:
            return await asyncio.get_running_loop().create_server(build, host=self.config.host, port=port)
        except OSError as error:
            _logger.error("The probe port cannot be used: %s", error)  # noqa: TRY400 (the error says it all)
            sys.exit(_STARTUP_FAILURE)


def _take_standard_descriptors() -> None:
    """Open the null device where standard input, output or error was closed, or the next file or socket has its number.

    It would be handed on to the worker, and get what is printed by accident.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 (of the standard library)
    os.close(descriptor)
