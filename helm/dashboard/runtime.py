"""What the processes use."""

from typing import Final

from dashboard.declared import HERE, OF_US, RATE, Panel, Query, Row

ROW: Final = Row(
    title="Runtime",
    panels=(
        Panel(
            title="CPU",
            description=(
                "Cores in use by replica, its worker for books not included. A replica answers on one core: "
                "near 1 it is full; add replicas."
            ),
            queries=(Query(f"rate(process_cpu_seconds_total{{{HERE}}}{RATE}) {OF_US}", "{{instance}}"),),
            width=6,
            bad=(0.7, 0.9),
        ),
        Panel(
            title="Memory",
            description=(
                "Resident, by replica, its worker for books not included. Rising for days: a leak; restart "
                "the replica and report it. A step: large books or answers."
            ),
            queries=(Query(f"process_resident_memory_bytes{{{HERE}}} {OF_US}", "{{instance}}"),),
            unit="bytes",
            width=6,
        ),
        Panel(
            title="Open files",
            description=(
                "Over their limit; connections mostly. Near 1 new connections are refused: raise the limit or "
                "add replicas."
            ),
            queries=(Query(f"process_open_fds{{{HERE}}} / process_max_fds{{{HERE}}} {OF_US}", "{{instance}}"),),
            unit="ratio",
            width=6,
            bad=(0.5, 0.8),
        ),
        Panel(
            title="Garbage collections",
            description=(
                "Of the oldest generation. Each holds the process up for a moment; many together with slow "
                "scores: report it."
            ),
            queries=(
                Query(f'rate(python_gc_collections_total{{generation="2", {HERE}}}{RATE}) {OF_US}', "{{instance}}"),
            ),
            unit="per second",
            width=6,
        ),
    ),
)
