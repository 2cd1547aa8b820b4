"""The command ``adlrisk watch``: runs the watch of a plan until it is stopped, or once."""

import asyncio
import contextlib
import os
import sys
from typing import Final

import stamina.instrumentation
import uvicorn

from adlrisk.settings import Settings
from adlrisk.telemetry.flushing_server import FlushingServer
from adlrisk.telemetry.log_output import DescriptorOutput, NoOutput, StreamOutput, standard_output
from adlrisk.telemetry.logging import server_log_config
from adlrisk.watch.building import BuiltWatch, Output, Surroundings, build_store, build_watch, open_accounts
from adlrisk.watch.delivery.silence import silence_apprise
from adlrisk.watch.display.lines import LineDisplay
from adlrisk.watch.http_app import build_app
from adlrisk.watch.listening import ListenError, listen
from adlrisk.watch.plan import Plan, PlanError
from adlrisk.watch.running.keeper import Keeper
from adlrisk.watch.state.kept_state import NewerStateError
from adlrisk.watch.stores.store import StoreFailedError, StoreTakenError

_SHUTDOWN_SECONDS: Final = 2  # for requests in progress
_STANDARD_ERROR: Final = 2


def run_watch(plan: Plan, *, host: str, port: int, settings: Settings) -> None:
    """Watch until SIGTERM or SIGINT.

    Raises:
        PlanError: an account cannot be watched, nothing can listen on the port, the state cannot be taken, or another
            watch has taken it.
        SettingsError: keys are missing, or the URL of Redis is invalid.
    """
    output = _choose_output(settings)
    try:
        with contextlib.suppress(KeyboardInterrupt):  # the server raises its signal again, once all has ended
            asyncio.run(_serve(plan, host=host, port=port, settings=settings, output=output))
    finally:
        output.log.flush()


def watch_once(plan: Plan, *, settings: Settings) -> bool:
    """Read each account once and deliver what is to be told; whether all could be read and delivered.

    Raises:
        PlanError: as above.
        SettingsError: as above.
    """
    display = LineDisplay(NoOutput() if sys.stdout is None else StreamOutput(sys.stdout))
    output = Output(display, NoOutput() if sys.stderr is None else StreamOutput(sys.stderr), settings.log_format)
    return asyncio.run(_run_once(plan, settings=settings, output=output))


async def _serve(plan: Plan, *, host: str, port: int, settings: Settings, output: Output) -> None:
    try:
        listening = listen(host, port)  # first: a watch that cannot do it has told nothing yet
    except ListenError as error:
        raise PlanError(str(error)) from error
    built = await _open(plan, settings=settings, output=output)
    config = uvicorn.Config(
        build_app(built.watcher, reporter=built.reporter),
        ws="none",
        lifespan="on",
        log_config=server_log_config(level=settings.log_level, form=output.log_form, output=output.log),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = FlushingServer(config, output=output.log)
    ending = asyncio.create_task(_end_when_taken(built.keeper, server))
    await server.serve(sockets=listening)
    ending.cancel()
    if built.keeper.taken.is_set():
        raise PlanError("another watch has taken the state; two need a place each (--state)")


async def _end_when_taken(keeper: Keeper, server: uvicorn.Server) -> None:
    await keeper.taken.wait()
    server.should_exit = True


async def _run_once(plan: Plan, *, settings: Settings, output: Output) -> bool:
    built = await _open(plan, settings=settings, output=output)
    return await built.watcher.run_once()


async def _open(plan: Plan, *, settings: Settings, output: Output) -> BuiltWatch:
    """The watch, with its state.

    Raises:
        PlanError: the state cannot be taken, or is one of a later version.
    """
    stamina.instrumentation.set_on_retry_hooks([])  # what fails is reported here already
    silence_apprise()
    surroundings = Surroundings()
    opened = open_accounts(plan, settings=settings, environ=os.environ, surroundings=surroundings)
    store = build_store(plan, settings=settings, surroundings=surroundings)
    built = build_watch(plan, [opened], store=store, output=output, settings=settings, surroundings=surroundings)
    try:
        await built.keeper.open()
    except StoreTakenError as error:
        raise PlanError(str(error)) from error
    except (StoreFailedError, NewerStateError) as error:
        raise PlanError(f"{store.setting}: {error}") from error
    return built


def _choose_output(settings: Settings) -> Output:
    """The table where standard output is a terminal and rich is installed, which the image leaves out; else lines."""
    if sys.stdout is None or not sys.stdout.isatty():
        return _to_pipes(settings)
    try:
        from adlrisk.watch.display.terminal import TerminalDisplay  # noqa: PLC0415 (see above)
    except ModuleNotFoundError:
        return _to_pipes(settings)
    display = TerminalDisplay()
    if sys.stderr is not None and sys.stderr.isatty():  # lines of the log would run into the table
        return Output(display, display, "console")
    return Output(display, DescriptorOutput(_STANDARD_ERROR), settings.log_format)


def _to_pipes(settings: Settings) -> Output:
    return Output(LineDisplay(standard_output()), DescriptorOutput(_STANDARD_ERROR), settings.log_format)
