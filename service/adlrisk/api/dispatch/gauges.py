"""What the metrics show before anything has happened, and what they look at by themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import partial
from operator import attrgetter
from typing import get_args

from adlrisk.api.dispatch.context import Service
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.limits.concurrency import LIMITS
from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.score import Band
from adlrisk.venues.store import REASONS


def watch(service: Service, endpoints: Sequence[Endpoint]) -> None:
    """Let the metrics of ``service`` begin at zero, and look at its store, its books and its venues."""
    metrics, parameters = service.metrics, service.parameters
    metrics.begin_at_zero(
        routes=[(endpoint.path, endpoint.method) for endpoint in endpoints],
        venues=service.venues,
        bands=get_args(Band),
        problems=PROBLEMS,
        limits=LIMITS,
        policies=POLICIES,
    )
    metrics.bind_store(
        staleness_seconds=lambda: parameters.staleness_seconds,
        refresh_seconds=parameters.refresh_seconds,
        reasons=REASONS,
        failing=lambda: parameters.reasons,
    )
    for places in service.lanes:
        metrics.bind_slots(limit=places.lane, taken=partial(attrgetter("taken"), places), total=places.total)
    metrics.bind_venues(
        read_at={id_: _oldest(venue.rules) for id_, venue in service.venues.items()},
        overridden=lambda: service.venues.overrides,
    )


def _oldest(rules: VenueRules) -> float:
    """When the oldest source of the card was read, Unix time."""
    day = min(source.read for source in rules.sources)
    return datetime.combine(day, time(), UTC).timestamp()
