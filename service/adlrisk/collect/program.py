"""What ``adlrisk collect`` does: markets and settings become a process, or a look at what it would put on record."""

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

from adlrisk.collect.adapters.exchange import COLLECTABLE, open_exchange, urls_in
from adlrisk.collect.adapters.observation import Exchange, Outcome
from adlrisk.collect.http_app import build_app
from adlrisk.collect.reporter import Reporting, calls_of
from adlrisk.collect.snapshot import look as look_once
from adlrisk.collect.store import RedisKeeping
from adlrisk.collect.targets import Watch, WatchError, read_file, read_watches
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.redis_access import build_redis_access
from adlrisk.settings import Settings, SettingsError
from adlrisk.telemetry.collector_metrics import CollectorMetrics
from adlrisk.telemetry.flushing_server import FlushingServer
from adlrisk.telemetry.log_output import LogOutput, StreamOutput, standard_output
from adlrisk.telemetry.logging import build_logger, server_log_config
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.market_records import StoredRecord

_HEALTH_SECONDS: Final = 2  # how long an answer to a health check may take at the end
PlanError = WatchError
Exchanges = list[tuple[Exchange, list[str]]]  # with the markets of each


class Plan(Struct, frozen=True, kw_only=True):
    """What to collect, and from where."""

    watches: tuple[Watch, ...]
    urls: Mapping[str, str]

    @property
    def by_venue(self) -> dict[str, list[str]]:
        """The markets of each venue."""
        venues: dict[str, list[str]] = {}
        for venue, market in self.watches:
            venues.setdefault(venue, []).append(market)
        return venues


def plan(markets: Sequence[str], *, file: Path | None, settings: Settings) -> Plan:
    """What to collect: the markets given, those of the file, and those of the settings.

    Raises:
        PlanError: there are none, or one of them cannot be collected.
        SettingsError: a URL in the settings is none.
    """
    listed = settings.collect_markets.replace(",", " ").split()
    in_file = () if file is None else read_file(file)
    try:
        urls = urls_in(settings.collect_urls)
    except ValueError as error:
        raise SettingsError(f"ADLRISK_COLLECT_URLS: {error}") from error
    return Plan(watches=read_watches([*markets, *in_file, *listed], venues=COLLECTABLE), urls=urls)


def run(plan: Plan, *, host: str, port: int, settings: Settings) -> None:
    """Collect until SIGTERM or SIGINT.

    Raises:
        SettingsError: no Redis is named, or its URL is none.
    """
    if not settings.redis_url:
        raise SettingsError("ADLRISK_REDIS_URL: records are kept in Redis, so name one; --once shows them without")
    stamina.instrumentation.set_on_retry_hooks([])  # every call is counted and told here already
    keeping = RedisKeeping(build_redis_access(settings))
    exchanges = _exchanges(plan)
    output = standard_output()
    reporting = _reporting(exchanges, settings, output=output)
    conditions = _conditions(plan)
    venues = [
        VenueCollector(
            exchange,
            markets,
            conditions=conditions[exchange.venue],
            keeping=keeping,
            watching=reporting,
        )
        for exchange, markets in exchanges
    ]
    config = uvicorn.Config(
        build_app(venues, keeping=keeping, reporting=reporting),
        host=host,
        port=port,
        ws="none",
        lifespan="on",
        log_config=server_log_config(level=settings.log_level, form=settings.log_format, output=output),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_HEALTH_SECONDS,
    )
    FlushingServer(config, output=output).run()


def look(plan: Plan, *, settings: Settings) -> list[str]:
    """The records that would go on record now, as lines of JSON; what fails is told on standard error."""
    stamina.instrumentation.set_on_retry_hooks([])
    exchanges = _exchanges(plan)
    reporting = _reporting(exchanges, settings, output=StreamOutput(sys.stderr))
    records = asyncio.run(look_once(exchanges, conditions=_conditions(plan), watching=reporting))
    return [
        msgspec.json.encode({"venue": key.venue, "symbol": key.symbol, **_shown(record)}).decode()
        for key, record in records.items()
    ]


def _shown(record: StoredRecord) -> dict[str, Any]:
    """A record with what it knows, and no more."""
    known = msgspec.to_builtins(record.market)
    market = {name: value for name, value in known.items() if value not in (None, [])}
    return {"observed_at": record.observed_at, "ttl_seconds": record.ttl_seconds, **market}


def _exchanges(plan: Plan) -> Exchanges:
    return [(open_exchange(venue, urls=plan.urls), markets) for venue, markets in plan.by_venue.items()]


def _conditions(plan: Plan) -> dict[str, Conditions]:
    catalogue = load_catalogue()
    return {venue: catalogue[venue].rules.conditions for venue in plan.by_venue}


def _reporting(exchanges: Exchanges, settings: Settings, *, output: LogOutput) -> Reporting:
    calls = {exchange.venue: calls_of(exchange) for exchange, _ in exchanges}
    metrics = CollectorMetrics(version=version("adlrisk"), calls=calls, outcomes=get_args(Outcome))
    metrics.bind_log(output.dropped)
    logger = build_logger(level=settings.log_level, form=settings.log_format, output=output)
    return Reporting(metrics=metrics, logger=logger)
