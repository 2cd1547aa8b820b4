"""Definitions of the service's metrics.

Labels take values from fixed sets only: a route template or ``unmatched``, a method or ``other``, a venue of
the catalogue, the slug of a documented problem, the name of a configured key,
``unnamed``, ``unknown`` or ``none``.
"""

from typing import Final, Literal

from msgspec import Struct

# 0.2 ms to 10 s: a score takes a fraction of a millisecond, a large book seconds.
_SECONDS: Final = (
    0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
_BYTES: Final = tuple(float(4**power) for power in range(3, 15))  # 64 bytes to 256 MiB
_RATIO: Final = tuple(tenths / 10.0 for tenths in range(11))
_COUNT: Final = tuple(float(10**power) for power in range(8))  # one to ten million

# The signals of a score, in the order in which they are judged.
SIGNALS: Final = ("leverage", "profit", "funding", "market_stress", "adl_meter")


class Family(Struct, frozen=True, kw_only=True):
    """A metric family: its name without the suffix of its kind, help text, labels and buckets.

    Families updated at every request or score (``is_hot_path``) use ``fast_metrics``, all others the library.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram", "info"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    is_hot_path: bool = False


# Shared by the service and the collector, which both write log lines.
LOG_LINES_DROPPED: Final = Family(
    name="adlrisk_log_lines_dropped",
    kind="counter",
    help="Log lines that standard output did not take: it failed, or its reader was too far behind.",
    is_hot_path=True,
)

FAMILIES: Final = (
    Family(
        name="adlrisk_http_requests",
        kind="counter",
        help="Requests answered, by route template (or unmatched), method (or other) and status.",
        labels=("route", "method", "status"),
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_http_request_duration_seconds",
        kind="histogram",
        help="Time from the request's first byte handed over by the server to the answer's last.",
        labels=("route", "method"),
        buckets=_SECONDS,
        is_hot_path=True,
    ),
    Family(name="adlrisk_http_requests_in_flight", kind="gauge", help="Requests being answered now."),
    Family(
        name="adlrisk_http_request_body_bytes",
        kind="histogram",
        help="Size of the bodies that requests came with, as far as they were read.",
        labels=("route",),
        buckets=_BYTES,
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_http_response_body_bytes",
        kind="histogram",
        help="Size of the bodies of answers, as far as they were sent.",
        labels=("route",),
        buckets=_BYTES,
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_scores",
        kind="counter",
        help="Positions scored, by venue and band of the score.",
        labels=("venue", "band"),
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_score_ratio",
        kind="histogram",
        help="Scores over their maximum, by venue: 0 no condition met, 1 all; not a probability.",
        labels=("venue",),
        buckets=_RATIO,
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_signals",
        kind="counter",
        help="Signals judged, by venue, signal and outcome (fired, calm, unknown).",
        labels=("venue", "signal", "outcome"),
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_alerts",
        kind="counter",
        help="Alerts raised by scores, by venue and alert: what announces an ADL beside the signals.",
        labels=("venue", "alert"),
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_fills",
        kind="counter",
        help="Fills classified, by venue and kind (own, liquidation, adl, …, unknown).",
        labels=("venue", "kind"),
    ),
    Family(
        name="adlrisk_plans",
        kind="counter",
        help="Plans, by venue and outcome: the target was reached already, is reachable, or only by a close.",
        labels=("venue", "outcome"),
    ),
    Family(
        name="adlrisk_market_lookups",
        kind="counter",
        help="Scores whose request named a symbol, by what became of its market record (used, unused, absent, "
        "out_of_time, unreadable).",
        labels=("status",),
        is_hot_path=True,
    ),
    Family(
        name="adlrisk_market_records_ahead_seconds",
        kind="gauge",
        help="How far ahead of this replica's clock the market records of the last minutes were observed, at most.",
    ),
    Family(
        name="adlrisk_books",
        kind="counter",
        help="Books worked on, by operation (rankQueue, allocateDeleveraging, simulateDeleveraging, "
        "estimateExposure) and venue.",
        labels=("operation", "venue"),
    ),
    Family(
        name="adlrisk_book_positions",
        kind="histogram",
        help="Positions in the books worked on.",
        labels=("operation",),
        buckets=_COUNT,
    ),
    Family(
        name="adlrisk_book_duration_seconds",
        kind="histogram",
        help="Time to decode a book, work on it and encode the answer, without waiting for a turn.",
        labels=("operation",),
        buckets=_SECONDS,
    ),
    Family(
        name="adlrisk_simulated_steps",
        kind="histogram",
        help="Mark prices at which a book was simulated: marks of a simulation; moves times cases times both paths of "
        "an exposure.",
        labels=("operation",),
        buckets=_COUNT,
    ),
    Family(
        name="adlrisk_places_taken",
        kind="gauge",
        help="Requests, large batches and books in hand or waiting for their turn now, and connections open.",
        labels=("limit",),
    ),
    Family(name="adlrisk_places", kind="gauge", help="How many there may be at once.", labels=("limit",)),
    Family(
        name="adlrisk_allocations",
        kind="counter",
        help="Allocations worked out, by policy and whether the book covered the bankrupt position (yes, no).",
        labels=("policy", "covered"),
    ),
    Family(
        name="adlrisk_allocation_uncovered_lots",
        kind="counter",
        help="Lots that nobody eligible could take, by policy; lots of different contracts are added up.",
        labels=("policy",),
    ),
    Family(
        name="adlrisk_problems",
        kind="counter",
        help="Problems answered, by type; items of a batch included.",
        labels=("type",),
    ),
    Family(
        name="adlrisk_rejections",
        kind="counter",
        help="Requests turned away unread because a limit was reached, by limit: those of the service (requests, "
        "batches, books, connections), or of the caller (rate).",
        labels=("limit",),
    ),
    Family(
        name="adlrisk_callers_turned_away",
        kind="counter",
        help="Requests answered 401, 403 or 429, by the name of the caller's key (unnamed, unknown: it is not "
        "configured, none: there was no key) and status.",
        labels=("key", "status"),
    ),
    Family(
        name="adlrisk_changes",
        kind="counter",
        help="Changes made over HTTP, by venue, kind (patch and reset of its parameters, record of a market) and name "
        "of the key; requests that changed nothing are not counted.",
        labels=("venue", "kind", "key"),
    ),
    Family(
        name="adlrisk_keys_staleness_seconds",
        kind="gauge",
        help="How long ago the files of API keys last said what is in force; 0 without such files.",
    ),
    Family(
        name="adlrisk_unread_answers_cut_off",
        kind="counter",
        help="Clients cut off in the middle of an answer, because those that nobody read took too much memory.",
    ),
    Family(
        name="adlrisk_rate_limit_unchecked",
        kind="counter",
        help="Requests let through because it could not be known how often their caller had asked.",
    ),
    Family(
        name="adlrisk_store_operation_duration_seconds",
        kind="histogram",
        help="Time of what the store of parameters was asked for, by operation and outcome (ok, failed).",
        labels=("operation", "outcome"),
        buckets=_SECONDS,
    ),
    Family(
        name="adlrisk_store_degraded",
        kind="gauge",
        help="1 while the store fails for that reason, and answers rest on what is known or changes are refused.",
        labels=("reason",),
    ),
    Family(
        name="adlrisk_store_values_ignored",
        kind="counter",
        help="Values in the store that cannot be used, each counted once.",
    ),
    Family(
        name="adlrisk_parameters_staleness_seconds",
        kind="gauge",
        help="How long ago the overrides in force were last seen in the store; 0 with the store in memory.",
    ),
    Family(
        name="adlrisk_parameters_refresh_seconds",
        kind="gauge",
        help="How often the overrides are read from the store; 0 with the store in memory.",
    ),
    LOG_LINES_DROPPED,
    Family(name="adlrisk_build", kind="info", help="Which version runs.", labels=("version",)),
    Family(name="adlrisk_catalogue", kind="info", help="Which rule cards are loaded.", labels=("revision",)),
    Family(
        name="adlrisk_venue_overridden",
        kind="gauge",
        help="1 while operators' changes to the venue's card are in force.",
        labels=("venue",),
    ),
    Family(
        name="adlrisk_venue_sources_timestamp_seconds",
        kind="gauge",
        help="When the oldest source of the venue's card was read, Unix time; its age is time() less this.",
        labels=("venue",),
    ),
    Family(
        name="adlrisk_target_ratio",
        kind="gauge",
        help="Share of requests that shall be good, by group of routes and promise: availability (not answered 5xx), "
        "latency.",
        labels=("routes", "promise"),
    ),
    Family(
        name="adlrisk_target_latency_seconds",
        kind="gauge",
        help="Within which time a request of that group of routes shall be answered.",
        labels=("routes",),
    ),
)
