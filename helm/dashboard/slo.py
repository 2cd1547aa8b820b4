"""The row of the service level objectives (SLOs): availability, latency, error budgets, by group of routes."""

from typing import Final

from adlrisk.telemetry.slo import PERIOD_DAYS, SERVICE_LEVELS
from dashboard.panel import HERE, Panel, Query, Row

_WINDOWS: Final = ("5m", "1h", "6h")
_AVAILABILITY: Final = min(level.availability for level in SERVICE_LEVELS)
_LATENCY: Final = min(level.latency for level in SERVICE_LEVELS)


def _good_share(promise: str) -> Query:
    """The share of good requests in the last hour."""
    chosen = f'promise="{promise}", {HERE}'
    return Query(
        f"min by (routes) (1 - adlrisk:burn:rate1h{{{chosen}}} * adlrisk:budget:ratio{{{chosen}}})", "{{routes}}"
    )


def _budget_left(promise: str) -> Query:
    return Query(f'min by (routes) (1 - adlrisk:burn:rate{PERIOD_DAYS}d{{promise="{promise}", {HERE}}})', "{{routes}}")


def _burn_rates(promise: str) -> tuple[Query, ...]:
    return tuple(
        Query(f'max by (routes) (adlrisk:burn:rate{window}{{promise="{promise}", {HERE}}})', f"{{{{routes}}}} {window}")
        for window in _WINDOWS
    )


ROW: Final = Row(
    title="Service level objectives",
    panels=(
        Panel(
            title="Availability, last hour",
            description=(
                "Share of requests not answered 5xx, by group of routes. Below its target: see the runbook of "
                "AdlriskErrorBudgetBurnsFast."
            ),
            queries=(_good_share("availability"),),
            kind="stat",
            unit="ratio",
            width=12,
            height=4,
            bad=(_AVAILABILITY, 1 - 10 * (1 - _AVAILABILITY)),
        ),
        Panel(
            title=f"Error budget left, {PERIOD_DAYS} days",
            description=(
                f"1: no failure yet; 0: the budget of {PERIOD_DAYS} days is spent. Below zero: put stability before "
                "new features."
            ),
            queries=(_budget_left("availability"),),
            kind="stat",
            unit="ratio",
            width=12,
            height=4,
            bad=(0.5, 0.0),
        ),
        Panel(
            title="Answers within the latency target, last hour",
            description=(
                "Share of requests answered within the target time of their group. Below the target: see the runbook "
                "of AdlriskLatencyBudgetBurnsFast."
            ),
            queries=(_good_share("latency"),),
            kind="stat",
            unit="ratio",
            width=12,
            height=4,
            bad=(_LATENCY, 1 - 5 * (1 - _LATENCY)),
        ),
        Panel(
            title=f"Latency budget left, {PERIOD_DAYS} days",
            description=(
                f"1: no answer was late; 0: the budget of {PERIOD_DAYS} days is spent. Near zero: add replicas, or "
                "look below for what slows answers down."
            ),
            queries=(_budget_left("latency"),),
            kind="stat",
            unit="ratio",
            width=12,
            height=4,
            bad=(0.5, 0.0),
        ),
        Panel(
            title="Alerts firing",
            description="Alerts of adlrisk that fire now. Each has a runbook of the same name in docs/runbooks.",
            queries=(Query(f'sum(ALERTS{{alertname=~"Adlrisk.+", alertstate="firing", {HERE}}}) or vector(0)'),),
            kind="stat",
            width=6,
            height=4,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Replicas that answer",
            description=(
                "Targets of adlrisk that Prometheus can scrape, of all there are. Fewer: see the runbook of "
                "AdlriskReplicaDown."
            ),
            queries=(
                Query(f"sum(adlrisk:replica:up{{{HERE}}})", "answer"),
                Query(f"count(adlrisk:replica:up{{{HERE}}})", "all"),
            ),
            kind="stat",
            width=6,
            height=4,
        ),
        Panel(
            title="Replicas by version",
            description=(
                "More than one version for longer than a rollout takes: the rollout hangs. Fewer replicas than "
                "wanted: see the runbook of AdlriskReplicaDown."
            ),
            queries=(Query(f"count by (version) (adlrisk_build_info{{{HERE}}})", "{{version}}"),),
            kind="stat",
            width=12,
            height=4,
        ),
        Panel(
            title="Error budget burn rate",
            description=(
                f"1: spent in exactly {PERIOD_DAYS} days; 14.4: in two. Above 14.4 over 5 minutes and an hour: the "
                "alert pages, if ten requests failed. One line high alone: a short fault that is over, or one that "
                "begins."
            ),
            queries=_burn_rates("availability"),
            unit="burn",
            width=12,
            bad=(6.0, 14.4),
        ),
        Panel(
            title="Latency budget burn rate",
            description=(
                "The same for answers slower than the target of their group. High while there are many requests: add "
                "replicas. High while there are few: large batches or books, or another load on the machine."
            ),
            queries=_burn_rates("latency"),
            unit="burn",
            width=12,
            bad=(6.0, 14.4),
        ),
    ),
)
