"""The row of the runtime: CPU, memory, open files, garbage collection and dropped log lines of each process."""

from typing import Final

from dashboard.panel import HERE, OF_US, RATE, Panel, Query, Row

ROW: Final = Row(
    title="Runtime",
    panels=(
        Panel(
            title="CPU",
            description=(
                "Cores in use by replica, without its book worker. A replica answers on one core: near 1 it is "
                "saturated; add replicas."
            ),
            queries=(Query(f"rate(process_cpu_seconds_total{{{HERE}}}{RATE}) {OF_US}", "{{instance}}"),),
            width=6,
            bad=(0.7, 0.9),
        ),
        Panel(
            title="Memory",
            description=(
                "Resident memory by replica, without its book worker. Rising for days: a leak; restart the replica "
                "and report it. A step: large books or answers."
            ),
            queries=(Query(f"process_resident_memory_bytes{{{HERE}}} {OF_US}", "{{instance}}"),),
            unit="bytes",
            width=6,
        ),
        Panel(
            title="Open files",
            description=(
                "Share of the limit (ulimit -n), connections mostly. Near 1 new connections are refused: raise the "
                "limit or add replicas."
            ),
            queries=(Query(f"process_open_fds{{{HERE}}} / process_max_fds{{{HERE}}} {OF_US}", "{{instance}}"),),
            unit="ratio",
            width=4,
            bad=(0.5, 0.8),
        ),
        Panel(
            title="Garbage collections",
            description=(
                "Collections of the oldest generation. Each pauses the process for a moment; many together with slow "
                "scores: report it."
            ),
            queries=(
                Query(f'rate(python_gc_collections_total{{generation="2", {HERE}}}{RATE}) {OF_US}', "{{instance}}"),
            ),
            unit="per second",
            width=4,
        ),
        Panel(
            title="Log lines dropped",
            description=(
                "Log lines per second that standard output did not take, by replica or collector. Above zero: the log "
                "is incomplete, see the runbook of AdlriskLogLinesDropped."
            ),
            queries=(Query(f"rate(adlrisk_log_lines_dropped_total{{{HERE}}}{RATE})", "{{instance}}"),),
            width=4,
            bad=(0.001, 1.0),
        ),
    ),
)
