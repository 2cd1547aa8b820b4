"""What the collector puts on record, and how venues answer it."""

from typing import Final

from dashboard.declared import RATE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Collector",
    panels=(
        Panel(
            title="Age of market records",
            description=(
                "The oldest of each venue, since it was kept. Above a minute: scores by symbol go without, the runbook "
                "of AdlriskMarketsStale. Nothing here: no collector runs, or none leads."
            ),
            queries=(Query(f"max by (venue) (adlrisk_collector_record_age_seconds{{{VENUES}}})", "{{venue}}"),),
            unit="seconds",
            bad=(45.0, 120.0),
        ),
        Panel(
            title="Calls of venues",
            description=(
                "By how they ended. rate-limited: the venue is left alone for as long as it says; unreadable for long: "
                "it answers otherwise than it did, and the log says what."
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
            title="Time of calls, 99th percentile",
            description="By venue, streams left out. Seconds: the venue is slow, or near its rate limit.",
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
                "Collectors that lead each venue, one while all is well. Zero: nobody collects it, the runbook of "
                "AdlriskVenueLeaderless."
            ),
            queries=(Query(f"sum by (venue) (adlrisk_collector_leader{{{VENUES}}})", "{{venue}}"),),
            kind="stat",
            width=6,
            bad=(1.0, 0.5),
        ),
        Panel(
            title="Fields left out, last hour",
            description=(
                "Of venues' answers, and why. A field that is mistyped or absurd all the time: the venue has changed "
                "its answers, and signals that need it are unknown."
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
            title="Clocks of venues",
            description=(
                "How far they are off the collector's, ahead or behind, less the way of an answer. All alike: it is "
                "the collector's own that is off, and records are used too late or too long."
            ),
            queries=(Query(f"max by (venue) (abs(adlrisk_collector_clock_skew_seconds{{{VENUES}}}))", "{{venue}}"),),
            unit="seconds",
            width=8,
        ),
    ),
)
