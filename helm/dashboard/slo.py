"""The row of the service level objectives (SLOs): availability, latency, error budgets."""

from typing import Final

from dashboard.panel import HERE, Panel, Query, Row

ROW: Final = Row(
    title="Service level objectives",
    panels=(
        Panel(
            title="Availability, last hour",
            description=(
                "Share of requests not answered 5xx. Below the target: see the runbook of AdlriskErrorBudgetBurnsFast."
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
                "1: no failure yet; 0: the budget of 30 days is spent. Below zero: put stability before new features."
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
            title="Scores within the latency target, last hour",
            description=(
                "Share of POST /score answered within the target time. Below the target: see the runbook of "
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
                "1: no score was late; 0: the budget of 30 days is spent. Near zero: add replicas, or look below for "
                "what slows scores down."
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
            description="Alerts of adlrisk that fire now. Each has a runbook of the same name in docs/runbooks.",
            queries=(Query(f'sum(ALERTS{{alertname=~"Adlrisk.+", alertstate="firing", {HERE}}}) or vector(0)'),),
            kind="stat",
            width=4,
            height=4,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Replicas by version",
            description=(
                "More than one version for longer than a rollout takes: the rollout hangs. Fewer replicas than "
                "wanted: see the runbook of AdlriskReplicaDown."
            ),
            queries=(Query(f"count by (version) (adlrisk_build_info{{{HERE}}})", "{{version}}"),),
            kind="stat",
            width=4,
            height=4,
        ),
        Panel(
            title="Error budget burn rate",
            description=(
                "1: spent in exactly 30 days; 14.4: in two. Above 14.4 over 5 minutes and an hour: the alert pages. "
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
            title="Latency budget burn rate",
            description=(
                "The same for scores slower than the target. High while there are many requests: add replicas. "
                "High while there are few: large batches or books, or another load on the machine."
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
