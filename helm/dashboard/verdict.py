"""Whether the service keeps its promises."""

from typing import Final

from dashboard.declared import HERE, Panel, Query, Row

ROW: Final = Row(
    title="Verdict",
    panels=(
        Panel(
            title="Answered, last hour",
            description=(
                "Share of requests not answered 5xx. Below the target: the runbook of AdlriskErrorBudgetBurnsFast."
            ),
            queries=(Query(f"min(1 - adlrisk:unavailable:ratio_rate1h{{{HERE}}})"),),
            kind="stat",
            unit="ratio",
            width=4,
            height=4,
            bad=(0.999, 0.99),
        ),
        Panel(
            title="Error budget left, 30 days",
            description=(
                "1: no failure yet; 0: as many as were promised for 30 days. Below zero: put stability before "
                "anything new."
            ),
            queries=(
                Query(
                    f"min(1 - adlrisk:unavailable:ratio_rate30d{{{HERE}}} / on (namespace, job) "
                    f'adlrisk:budget:ratio{{promise="availability", {HERE}}})'
                ),
            ),
            kind="stat",
            unit="ratio",
            width=4,
            height=4,
            bad=(0.5, 0.0),
        ),
        Panel(
            title="Scores in time, last hour",
            description=(
                "Share of POST /score answered within the promised time. Below the target: the runbook of "
                "AdlriskLatencyBudgetBurnsFast."
            ),
            queries=(Query(f"min(1 - adlrisk:slow:ratio_rate1h{{{HERE}}})"),),
            kind="stat",
            unit="ratio",
            width=4,
            height=4,
            bad=(0.99, 0.95),
        ),
        Panel(
            title="Latency budget left, 30 days",
            description=(
                "1: every score in time; 0: as many late as were promised for 30 days. Near zero: add "
                "replicas, or look below for what holds scores up."
            ),
            queries=(
                Query(
                    f"min(1 - adlrisk:slow:ratio_rate30d{{{HERE}}} / on (namespace, job) "
                    f'adlrisk:budget:ratio{{promise="latency", {HERE}}})'
                ),
            ),
            kind="stat",
            unit="ratio",
            width=4,
            height=4,
            bad=(0.5, 0.0),
        ),
        Panel(
            title="Alerts firing",
            description="Alerts of adlrisk that fire now. Each has a runbook of its name in docs/runbooks.",
            queries=(Query(f'sum(ALERTS{{alertname=~"Adlrisk.+", alertstate="firing", {HERE}}}) or vector(0)'),),
            kind="stat",
            width=4,
            height=4,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Replicas by version",
            description=(
                "More than one version for longer than a rollout takes: a rollout hangs. Fewer replicas than "
                "wanted: the runbook of AdlriskReplicaDown."
            ),
            queries=(Query(f"count by (version) (adlrisk_build_info{{{HERE}}})", "{{version}}"),),
            kind="stat",
            width=4,
            height=4,
        ),
        Panel(
            title="How fast the error budget burns",
            description=(
                "1: just used up after 30 days; 14.4: after two. Above 14.4 on both lines: somebody is paged. "
                "One line high alone: a short fault that is over, or one that begins."
            ),
            queries=tuple(
                Query(
                    f"max(adlrisk:unavailable:ratio_rate{window}{{{HERE}}} / on (namespace, job) "
                    f'adlrisk:budget:ratio{{promise="availability", {HERE}}})',
                    window,
                )
                for window in ("5m", "1h", "6h")
            ),
            unit="burn",
            width=12,
            bad=(6.0, 14.4),
        ),
        Panel(
            title="How fast the latency budget burns",
            description=(
                "The same for scores that take longer than promised. High while requests are many: add "
                "replicas. High while they are few: large batches or books, or a neighbour on the machine."
            ),
            queries=tuple(
                Query(
                    f"max(adlrisk:slow:ratio_rate{window}{{{HERE}}} / on (namespace, job) "
                    f'adlrisk:budget:ratio{{promise="latency", {HERE}}})',
                    window,
                )
                for window in ("5m", "1h", "6h")
            ),
            unit="burn",
            width=12,
            bad=(6.0, 14.4),
        ),
    ),
)
