"""Gauges bound to the state they show, and counters that begin at zero."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import partial
from operator import attrgetter
from typing import get_args

from adlrisk.api.dispatch.access_log import TURNED_AWAY
from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.limits.concurrency import LIMITS
from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.alerts import AlertName
from adlrisk.domain.scoring.band import Band
from adlrisk.settings.keys import NO_KEY, UNKNOWN_KEY
from adlrisk.venues.market_records import LookupStatus
from adlrisk.venues.store import REASONS


def bind_gauges(context: AppContext, endpoints: Sequence[Endpoint]) -> None:
    """Let counters begin at zero, and bind the gauges of store, slots and venues."""
    metrics, live_rules = context.metrics, context.live_rules
    metrics.begin_at_zero(
        routes=[(endpoint.path, endpoint.method) for endpoint in endpoints],
        venues=context.venues,
        bands=get_args(Band),
        alerts=get_args(AlertName),
        problems=PROBLEMS,
        limits=LIMITS,
        policies=POLICIES,
        lookups=get_args(LookupStatus),
    )
    keys = _KeySeries(context)
    keys.update()
    context.api_keys.on_replace(keys.update)
    metrics.bind_keys(lambda: context.key_rotation.staleness_seconds)
    metrics.bind_store(
        staleness_seconds=lambda: live_rules.staleness_seconds,
        refresh_seconds=live_rules.refresh_seconds,
        reasons=REASONS,
        failing=lambda: live_rules.reasons,
        ahead_seconds=lambda: live_rules.clock_lead_seconds,
    )
    for pool in context.pools:
        metrics.bind_slots(limit=pool.name, taken=partial(attrgetter("taken"), pool), total=pool.total)
    metrics.bind_venues(
        read_at={id_: _checked(venue.rules) for id_, venue in context.venues.items()},
        overridden=lambda: context.venues.overrides,
    )


class _KeySeries:
    """The series of the keys in force, and of those before them: what they have counted last is still to be read."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._names = frozenset[str]()

    def update(self) -> None:
        """Let the counters of the keys in force begin at zero; those of keys that were in force stay for once."""
        keys, before = self._context.api_keys.configured, self._names
        self._names = frozenset({NO_KEY, UNKNOWN_KEY, *(key.name for key in keys)})
        admins = {key.name for key in keys if key.setting == "admin_keys"}
        writers = {key.name for key in keys if key.setting == "write_keys"}
        self._context.metrics.forget_other_keys(self._names | before)
        self._context.metrics.begin_keys_at_zero(
            names=self._names,
            statuses=TURNED_AWAY,
            venues=self._context.venues,
            writers={"patch": admins, "reset": admins, "record": admins | writers},
        )


def _checked(rules: VenueRules) -> float:
    """When the card was last checked, Unix time."""
    return datetime.combine(rules.checked, time(), UTC).timestamp()
