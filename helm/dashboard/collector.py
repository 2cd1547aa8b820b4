"""The row of the collector: age of market records, calls of venues, leaders."""

from typing import Final

from dashboard.panel import RATE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Collector",
    panels=(
        Panel(
            title="Age of market records",
            description=(
                "The oldest record of each venue, since it was written. Above a minute: scores by symbol lack it, see "
                "the runbook of AdlriskMarketsStale. Empty: no collector runs, or none is the leader."
            ),
            queries=(Query(f"max by (venue) (adlrisk_collector_record_age_seconds{{{VENUES}}})", "{{venue}}"),),
            unit="seconds",
            bad=(45.0, 120.0),
        ),
        Panel(
            title="Venue calls by outcome",
            description=(
                "rate-limited: the collector pauses for as long as the venue says. unreadable for long: the venue has "
                "changed its answers; the log has the details."
            ),
            queries=(
                Query(
                    f"sum by (venue, outcome) (rate(adlrisk_collector_fetches_total{{{VENUES}}}{RATE})) > 0",
                    "{{venue}} {{outcome}}",
                ),
            ),
            unit="per second",
        ),
        Panel(
            title="Latency of venue calls, p99",
            description="By venue, without liquidation streams. Seconds: the venue is slow, or near its rate limit.",
            queries=(
                Query(
                    "histogram_quantile(0.99, sum by (le, venue) "
                    "(rate(adlrisk_collector_fetch_duration_seconds_bucket"
                    f'{{{VENUES}, call!="liquidations"}}{RATE})))',
                    "{{venue}}",
                ),
            ),
            unit="seconds",
        ),
        Panel(
            title="Leaders",
            description=(
                "Number of collectors that are the leader of each venue; one is right. Zero: the venue is not "
                "collected, see the runbook of AdlriskVenueLeaderless."
            ),
            queries=(Query(f"sum by (venue) (adlrisk_collector_leader{{{VENUES}}})", "{{venue}}"),),
            kind="stat",
            width=6,
            bad=(1.0, 0.5),
        ),
        Panel(
            title="Fields left out, last hour",
            description=(
                "Fields of venues' answers that could not be used, with the reason. A field that stays mistyped or "
                "absurd: the venue has changed its answers, and signals that need it are unknown."
            ),
            queries=(
                Query(
                    "sum by (venue, field, why) "
                    f"(increase(adlrisk_collector_fields_left_out_total{{{VENUES}}}[1h])) > 0 or on () vector(0)",
                    "{{venue}} {{field}} {{why}}",
                ),
            ),
            kind="table",
            width=10,
        ),
        Panel(
            title="Clock skew of venues",
            description=(
                "Difference from the collector's clock in either direction, off by the travel time of an answer. All "
                "alike: the collector's own clock is wrong, and records are used too late or too long."
            ),
            queries=(Query(f"max by (venue) (abs(adlrisk_collector_clock_skew_seconds{{{VENUES}}}))", "{{venue}}"),),
            unit="seconds",
            width=8,
        ),
    ),
)
