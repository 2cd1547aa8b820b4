"""Listener: what the connections of one port may do.

Probes have a port of their own, whose slots nobody else can take: health is answered there however many connections the
public port has.
"""

from typing import Final

from msgspec import Struct

from adlrisk.api.app import VITAL_PATHS
from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.limits.concurrency import Pool

SPARE_CONNECTIONS: Final = 50  # beyond the limit, so that bots can read why they are refused
PROBE_CONNECTIONS: Final = 16  # a kubelet opens one at a time for each probe, Prometheus one for each scrape


class Listener(Struct, frozen=True, kw_only=True):
    """The slots of a port's connections, and what is answered on it."""

    slots: Pool
    spare: Pool  # for connections beyond the limit, which are only told so
    only_vital: bool = False  # whether health and metrics are all that is answered


def public_listener(context: AppContext) -> Listener:
    """The listener of the port for everybody."""
    return Listener(slots=context.pools.connections, spare=_pool(SPARE_CONNECTIONS, context))


def probe_listener(context: AppContext) -> Listener:
    """The listener of the port for health checks."""
    return Listener(slots=_pool(PROBE_CONNECTIONS, context), spare=_pool(0, context), only_vital=True)


def is_vital(url: bytes) -> bool:
    """Whether a request's target is answered even when nothing else is."""
    return url.partition(b"?")[0].decode("latin-1") in VITAL_PATHS


def _pool(total: int, context: AppContext) -> Pool:
    return Pool("connections", total, on_full=context.metrics.count_rejection)
