"""How the store of parameters is doing, and what is in force."""

from typing import Final

from dashboard.declared import HERE, RATE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Store of parameters",
    panels=(
        Panel(
            title="Failing because",
            description=(
                "1 while the store fails for that reason at some replica. Answers go on with what is known: "
                "the runbook of AdlriskStoreDegraded."
            ),
            queries=(Query(f"max by (reason) (adlrisk_store_degraded{{{HERE}}})", "{{reason}}"),),
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Age of the overrides in force",
            description=(
                "Since a replica last saw them in the store. Minutes: that replica judges by old thresholds, "
                "the runbook of AdlriskParametersStale."
            ),
            queries=(Query(f"max by (instance) (adlrisk_parameters_staleness_seconds{{{HERE}}})", "{{instance}}"),),
            unit="seconds",
            bad=(60.0, 300.0),
        ),
        Panel(
            title="Time of the store, 99th percentile",
            description="By operation. Near ADLRISK_REDIS_DEADLINE_SECONDS: scores begin to go without records.",
            queries=(
                Query(
                    "histogram_quantile(0.99, sum by (le, operation) "
                    f"(rate(adlrisk_store_operation_duration_seconds_bucket{{{HERE}}}{RATE})))",
                    "{{operation}}",
                ),
            ),
            unit="seconds",
        ),
        Panel(
            title="Asked of the store",
            description=(
                "Operations that were answered and that failed. read_markets follows the scores that name a symbol."
            ),
            queries=(
                Query(
                    "sum by (operation, outcome) "
                    f"(rate(adlrisk_store_operation_duration_seconds_count{{{HERE}}}{RATE}))",
                    "{{operation}} {{outcome}}",
                ),
            ),
            unit="per second",
            width=9,
        ),
        Panel(
            title="Values that cannot be used",
            description=(
                "Written by another hand or version, and left out. Above zero: the log names key and reason, "
                "the runbook of AdlriskStoreValuesIgnored."
            ),
            queries=(Query(f"sum(adlrisk_store_values_ignored_total{{{HERE}}})", "ignored"),),
            kind="stat",
            width=3,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Venues overridden",
            description=(
                "Replicas on which operators' changes to the venue are in force. Fewer than all for longer "
                "than seconds: replicas differ; see Age of the overrides."
            ),
            queries=(
                Query(f"sum by (venue) (adlrisk_venue_overridden{{{VENUES}}}) > 0 or on () vector(0)", "{{venue}}"),
            ),
            kind="table",
            width=6,
        ),
        Panel(
            title="Venues whose sources are oldest",
            description=(
                "Since the oldest source of the card was read. A year: read it again, the runbook of AdlriskSourcesOld."
            ),
            queries=(
                Query(
                    f"topk(5, max by (venue) (time() - adlrisk_venue_sources_timestamp_seconds{{{VENUES}}}))",
                    "{{venue}}",
                ),
            ),
            kind="table",
            unit="seconds",
            width=6,
        ),
    ),
)
