"""Builds a watch from its plan."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Final, get_args

from msgspec import Struct

from adlrisk.client import Client
from adlrisk.command_lines import name_program
from adlrisk.configured_catalogue import load_configured_catalogue
from adlrisk.positions.account import Account, open_account
from adlrisk.positions.requests.venue_calls import AccountError
from adlrisk.redis_access import build_redis_access
from adlrisk.settings import Settings
from adlrisk.telemetry.log_output import LogOutput
from adlrisk.telemetry.logging import LogFormat, build_logger
from adlrisk.telemetry.watch_metrics import WatchMetrics
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError
from adlrisk.watch.accounts import WatchedAccount
from adlrisk.watch.delivery.sending import AppriseSender
from adlrisk.watch.display.display import Display
from adlrisk.watch.messages.message import Kind
from adlrisk.watch.plan import Plan, PlanError
from adlrisk.watch.reading.reader import AccountReader
from adlrisk.watch.reading.scorers import LibraryScorer
from adlrisk.watch.reading.service_scorer import ServiceScorer
from adlrisk.watch.running.account_loop import AccountLoop
from adlrisk.watch.running.delivery_loop import DeliveryLoop
from adlrisk.watch.running.keeper import Keeper
from adlrisk.watch.running.reporter import Reporter
from adlrisk.watch.running.watcher import Watcher
from adlrisk.watch.stores.file_store import FileStore
from adlrisk.watch.stores.redis_store import RedisStateStore
from adlrisk.watch.stores.store import StateStore
from adlrisk.watch.threads import CallInThread, call_in_thread

_SERVICE_ATTEMPTS: Final = 3  # within one reading
_SERVICE_LONGEST_WAIT: Final = 5.0  # seconds


class Output(Struct, frozen=True):
    """Where messages and log lines go."""

    display: Display
    log: LogOutput
    log_form: LogFormat


class Surroundings(Struct, frozen=True, kw_only=True):
    """Clock, threads, waiting and chance; a test has its own. Intervals are by the clock of the event loop."""

    wall: Callable[[], float] = time.time
    call_in_thread: CallInThread = call_in_thread
    sleep: Callable[[float], object] = time.sleep  # in threads of readings
    jitter: Callable[[], float] = random.random  # nosec B311


class BuiltWatch(Struct, frozen=True):
    """A watch that is ready to start, once its keeper was opened."""

    watcher: Watcher
    keeper: Keeper
    reporter: Reporter


class Opened(Struct, frozen=True):
    """Readers of accounts, and what else is to be closed with them."""

    readers: tuple[AccountReader, ...]
    client: Client | None  # of the service that scores

    def close(self) -> None:
        """Close all connections."""
        for reader in self.readers:
            reader.close()
        if self.client is not None:
            self.client.close()


def open_accounts(plan: Plan, *, settings: Settings, environ: Mapping[str, str], surroundings: Surroundings) -> Opened:
    """A reader of each account of ``plan``; no request is sent yet.

    Raises:
        PlanError: a venue is not known, or positions cannot be read there.
        SettingsError: keys are missing.
    """
    venues = load_configured_catalogue(settings.cards_dir)
    accounts = [_open_account(one, venues, environ=environ) for one in plan.accounts]
    client = _build_client(plan)
    scorer = LibraryScorer(venues) if client is None else ServiceScorer(client, venues)
    clock, sleep = surroundings.wall, surroundings.sleep
    readers = [
        AccountReader(account, scorer, name=one.name, clock=clock, sleep=sleep)
        for account, one in zip(accounts, plan.accounts, strict=True)
    ]
    return Opened(tuple(readers), client)


def build_store(plan: Plan, *, settings: Settings, surroundings: Surroundings) -> StateStore:
    """The store of the state.

    Raises:
        SettingsError: the URL of Redis is invalid.
    """
    if plan.state is None:
        return RedisStateStore(build_redis_access(settings))
    return FileStore(plan.state, call_in_thread=surroundings.call_in_thread)


def build_watch(
    plan: Plan,
    opened: Sequence[Opened],
    *,
    store: StateStore,
    output: Output,
    settings: Settings,
    surroundings: Surroundings,
) -> BuiltWatch:
    """The watch of what was ``opened``, a reader for each account of ``plan``."""
    readers = [reader for one in opened for reader in one.readers]
    accounts = [(reader.venue, one.name) for reader, one in zip(readers, plan.accounts, strict=True)]
    reporter = _build_reporter(plan, accounts, output=output, settings=settings)
    keeper = Keeper(store, accounts=accounts, receivers=plan.receivers, reporter=reporter, wall=surroundings.wall)
    loops = [
        AccountLoop(
            reader,
            name=name,
            venue=venue,
            interval_seconds=plan.interval_seconds,
            keeper=keeper,
            wall=surroundings.wall,
            call_in_thread=surroundings.call_in_thread,
        )
        for reader, (venue, name) in zip(readers, accounts, strict=True)
    ]
    deliveries = [
        DeliveryLoop(
            AppriseSender(receiver, call_in_thread=surroundings.call_in_thread),
            keeper=keeper,
            reporter=reporter,
            wall=surroundings.wall,
            jitter=surroundings.jitter,
        )
        for receiver in plan.receivers
    ]
    watcher = Watcher(
        loops,
        deliveries,
        keeper=keeper,
        reporter=reporter,
        messages_per_minute=plan.messages_per_minute,
        wall=surroundings.wall,
        close=[one.close for one in opened],
    )
    return BuiltWatch(watcher, keeper, reporter)


def _open_account(account: WatchedAccount, venues: Catalogue, *, environ: Mapping[str, str]) -> Account:
    try:
        rules = venues[account.venue].rules
        return open_account(rules, environ=environ, named=account.venue, keys=account.keys)
    except UnknownVenueError as error:
        raise PlanError(
            f"--account {account.name}: {error}; `{name_program()} venues` lists those that are known"
        ) from error
    except AccountError as error:
        raise PlanError(f"--account {account.name}: {error}") from error


def _build_client(plan: Plan) -> Client | None:
    if not plan.service:
        return None
    return Client(
        plan.service,
        api_key=plan.service_key or None,
        attempts=_SERVICE_ATTEMPTS,
        longest_wait=_SERVICE_LONGEST_WAIT,
    )


def _build_reporter(plan: Plan, accounts: Sequence[tuple[str, str]], *, output: Output, settings: Settings) -> Reporter:
    metrics = WatchMetrics(
        version=version("adlrisk"),
        accounts=[(name, venue) for venue, name in accounts],
        kinds=get_args(Kind),
        receivers=[one.number for one in plan.receivers],
    )
    metrics.bind_log(output.log.dropped)
    logger = build_logger(level=settings.log_level, form=output.log_form, output=output.log)
    return Reporter(accounts=accounts, metrics=metrics, logger=logger, display=output.display)
