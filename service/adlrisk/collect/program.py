"""The command ``adlrisk collect``: plans from markets and settings, then runs the collector or takes a snapshot."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import stamina.instrumentation
import uvicorn
from msgspec import Struct

from adlrisk.collect.adapters.exchange import COLLECTABLE, open_exchange, parse_urls
from adlrisk.collect.adapters.observation import Exchange, Outcome
from adlrisk.collect.http_app import build_app
from adlrisk.collect.reporter import Reporter, reported_calls
from adlrisk.collect.snapshot import take_snapshot
from adlrisk.collect.store import RedisCollectorStore
from adlrisk.collect.targets import MarketTarget, TargetError, parse_targets, read_target_file
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.configured_catalogue import load_configured_catalogue
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.redis_access import build_redis_access
from adlrisk.settings import Settings, SettingsError, describe_allowed
from adlrisk.telemetry.collector_metrics import CollectorMetrics
from adlrisk.telemetry.flushing_server import FlushingServer
from adlrisk.telemetry.log_output import LogOutput, StreamOutput, standard_output
from adlrisk.telemetry.logging import build_logger, server_log_config
from adlrisk.venues.market_records import StoredRecord

_SHUTDOWN_SECONDS: Final = 2  # for requests in progress
PlanError = TargetError
Exchanges = list[tuple[Exchange, list[str]]]  # with the markets of each


class Plan(Struct, frozen=True, kw_only=True):
    """The contracts to collect, and the URLs of venues that are not reached at their own."""

    targets: tuple[MarketTarget, ...]
    urls: Mapping[str, str]

    @property
    def by_venue(self) -> dict[str, list[str]]:
        """The markets of each venue."""
        venues: dict[str, list[str]] = {}
        for venue, market in self.targets:
            venues.setdefault(venue, []).append(market)
        return venues


def make_plan(markets: Sequence[str], *, file: Path | None, settings: Settings) -> Plan:
    """The plan for ``markets``, those in the file, and those in the settings.

    Raises:
        PlanError: there are no markets, or one cannot be collected.
        SettingsError: a URL or a card in the settings is invalid.
    """
    in_settings = settings.collect_markets.replace(",", " ").split()
    in_file = () if file is None else read_target_file(file)
    aliases = load_configured_catalogue(settings.cards_dir).aliases
    try:
        urls = parse_urls(settings.collect_urls, aliases=aliases)
    except ValueError as error:
        raise SettingsError(f"ADLRISK_COLLECT_URLS: {describe_allowed('collect_urls')}; {error}") from error
    named = [*markets, *in_file, *in_settings]
    return Plan(targets=parse_targets(named, venues=COLLECTABLE, aliases=aliases), urls=urls)


def run_collector(plan: Plan, *, host: str, port: int, settings: Settings) -> None:
    """Collect until SIGTERM or SIGINT.

    Raises:
        SettingsError: no Redis URL is set, or it is invalid.
    """
    if not settings.redis_url:
        raise SettingsError("ADLRISK_REDIS_URL: records are written to Redis, so set its URL; --once needs none")
    stamina.instrumentation.set_on_retry_hooks([])  # every call is reported here already
    store = RedisCollectorStore(build_redis_access(settings))
    exchanges = _open_exchanges(plan)
    output = standard_output()
    reporter = _build_reporter(exchanges, settings, output=output)
    conditions = _load_conditions(plan, settings)
    venues = [
        VenueCollector(
            exchange,
            markets,
            conditions=conditions[exchange.venue],
            store=store,
            observer=reporter,
        )
        for exchange, markets in exchanges
    ]
    config = uvicorn.Config(
        build_app(venues, store=store, reporter=reporter),
        host=host,
        port=port,
        ws="none",
        lifespan="on",
        log_config=server_log_config(level=settings.log_level, form=settings.log_format, output=output),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    FlushingServer(config, output=output).run()


def snapshot_lines(plan: Plan, *, settings: Settings) -> list[str]:
    """The records of a snapshot, each a line of JSON; failures are logged on standard error."""
    stamina.instrumentation.set_on_retry_hooks([])
    exchanges = _open_exchanges(plan)
    reporter = _build_reporter(exchanges, settings, output=StreamOutput(sys.stderr))
    records = asyncio.run(take_snapshot(exchanges, conditions=_load_conditions(plan, settings), observer=reporter))
    return [
        msgspec.json.encode({"venue": key.venue, "symbol": key.symbol, **_known_fields(record)}).decode()
        for key, record in records.items()
    ]


def _known_fields(record: StoredRecord) -> dict[str, Any]:
    fields = msgspec.to_builtins(record.market)
    market = {name: value for name, value in fields.items() if value not in (None, [])}
    return {"observed_at": record.observed_at, "ttl_seconds": record.ttl_seconds, **market}


def _open_exchanges(plan: Plan) -> Exchanges:
    return [(open_exchange(venue, urls=plan.urls), markets) for venue, markets in plan.by_venue.items()]


def _load_conditions(plan: Plan, settings: Settings) -> dict[str, Conditions]:
    catalogue = load_configured_catalogue(settings.cards_dir)
    return {venue: catalogue[venue].rules.conditions for venue in plan.by_venue}


def _build_reporter(exchanges: Exchanges, settings: Settings, *, output: LogOutput) -> Reporter:
    calls = {exchange.venue: reported_calls(exchange) for exchange, _ in exchanges}
    metrics = CollectorMetrics(version=version("adlrisk"), calls=calls, outcomes=get_args(Outcome))
    metrics.bind_log(output.dropped)
    logger = build_logger(level=settings.log_level, form=settings.log_format, output=output)
    return Reporter(metrics=metrics, logger=logger)
