"""The row of the parameter store: its health and latency, and the overrides in force."""

from typing import Final

from dashboard.panel import HERE, RATE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Parameter store",
    panels=(
        Panel(
            title="Store failures by reason",
            description=(
                "1 while the store fails for that reason at some replica. Scores go on with the last known parameters: "
                "see the runbook of AdlriskStoreDegraded."
            ),
            queries=(Query(f"max by (reason) (adlrisk_store_degraded{{{HERE}}})", "{{reason}}"),),
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Age of the overrides in force",
            description=(
                "Time since a replica last read them from the store. Minutes: that replica scores by old thresholds, "
                "see the runbook of AdlriskParametersStale."
            ),
            queries=(Query(f"max by (instance) (adlrisk_parameters_staleness_seconds{{{HERE}}})", "{{instance}}"),),
            unit="seconds",
            bad=(60.0, 300.0),
        ),
        Panel(
            title="Store latency, p99",
            description="By operation. Near ADLRISK_REDIS_DEADLINE_SECONDS: scores begin to lack market records.",
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
            title="Store operations",
            description=("Operations by outcome. read_markets follows the number of scores that name a symbol."),
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
            title="Market records by outcome",
            description=(
                "Scores that name a symbol, by what became of its record. unreadable: there may be one, but the store "
                "did not answer in time, see the runbook of AdlriskRecordsUnreadable."
            ),
            queries=(Query(f"sum by (status) (rate(adlrisk_market_lookups_total{{{HERE}}}{RATE}))", "{{status}}"),),
            unit="per second",
            width=9,
        ),
        Panel(
            title="Records ahead of clocks",
            description=(
                "How far ahead of a replica's clock market records were observed. Beyond 60 s it uses none of them: "
                "see the runbook of AdlriskRecordsAhead."
            ),
            queries=(Query(f"max by (instance) (adlrisk_market_records_ahead_seconds{{{HERE}}})", "{{instance}}"),),
            unit="seconds",
            width=3,
            bad=(5.0, 60.0),
        ),
        Panel(
            title="Unusable values",
            description=(
                "Stored values that another version or program wrote and that are ignored. Above zero: the log names "
                "key and reason, see the runbook of AdlriskStoreValuesIgnored."
            ),
            queries=(Query(f"sum(adlrisk_store_values_ignored_total{{{HERE}}})", "ignored"),),
            kind="stat",
            width=3,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Overridden venues",
            description=(
                "Number of replicas on which an override of the venue is in force. Fewer than all for longer than "
                "seconds: replicas differ; see Age of the overrides in force."
            ),
            queries=(
                Query(f"sum by (venue) (adlrisk_venue_overridden{{{VENUES}}}) > 0 or on () vector(0)", "{{venue}}"),
            ),
            kind="table",
            width=6,
        ),
        Panel(
            title="Changes",
            description=(
                "Changes of parameters (patch, reset) and of market records (record) over HTTP, by venue and the name "
                "of the key. Who changed what, from which value to which: the log line change of that time. Changes of "
                "parameters are marked in every panel."
            ),
            queries=(
                Query(
                    f"sum by (venue, kind, key) (increase(adlrisk_changes_total{{{VENUES}}}{RATE})) > 0 "
                    "or on () vector(0)",
                    "{{venue}} {{kind}} {{key}}",
                ),
            ),
            width=8,
        ),
        Panel(
            title="Age of the keys in force",
            description=(
                "Time since the files of API keys last said what is in force. Minutes: a file is unreadable, empty or "
                "invalid, and a key that was removed from it is still valid; the log line key files unusable says why."
            ),
            queries=(Query(f"max by (instance) (adlrisk_keys_staleness_seconds{{{HERE}}})", "{{instance}}"),),
            unit="seconds",
            width=4,
            bad=(10.0, 60.0),
        ),
        Panel(
            title="Oldest sources of rule cards",
            description=(
                "Time since the oldest source of the card was read. A year: see the runbook of AdlriskSourcesOld."
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
