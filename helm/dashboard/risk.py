"""The row of risk: scores, bands and signals by venue, books and allocations."""

from typing import Final

from dashboard.panel import HERE, RATE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Risk",
    panels=(
        Panel(
            title="Scores by band",
            description=(
                "Positions scored per second: low, watch and high. A step of the total: a bot started or stopped. A "
                "shift from low to high: the market; see the share by venue."
            ),
            queries=(Query(f"sum by (band) (rate(adlrisk_scores_total{{{VENUES}}}{RATE}))", "{{band}}"),),
            kind="stacked",
            unit="per second",
            colours={"low": "green", "watch": "yellow", "high": "red"},
        ),
        Panel(
            title="Share of high scores by venue",
            description=(
                "One venue rising alone: an ADL may be near there; tell its traders. All rising together: the market "
                "moves, or thresholds were changed."
            ),
            queries=(
                Query(
                    f'sum by (venue) (rate(adlrisk_scores_total{{band="high", {VENUES}}}{RATE})) / '
                    f"(sum by (venue) (rate(adlrisk_scores_total{{{VENUES}}}{RATE})) > 0)",
                    "{{venue}}",
                ),
            ),
            unit="ratio",
        ),
        Panel(
            title="Share of watch scores by venue",
            description="Scores that may turn high next. Rising while that of high ones does not: look again soon.",
            queries=(
                Query(
                    f'sum by (venue) (rate(adlrisk_scores_total{{band="watch", {VENUES}}}{RATE})) / '
                    f"(sum by (venue) (rate(adlrisk_scores_total{{{VENUES}}}{RATE})) > 0)",
                    "{{venue}}",
                ),
            ),
            unit="ratio",
        ),
        Panel(
            title="Share of signals that fired",
            description=(
                "Share of the judged signals, by signal: why scores are high. funding and market_stress come from the "
                "market, leverage and profit from the positions, adl_meter from the venue."
            ),
            queries=(
                Query(
                    f'sum by (signal) (rate(adlrisk_signals_total{{outcome="fired", {VENUES}}}{RATE})) / '
                    f'(sum by (signal) (rate(adlrisk_signals_total{{outcome!="unknown", {VENUES}}}{RATE})) > 0)',
                    "{{signal}}",
                ),
            ),
            unit="ratio",
        ),
        Panel(
            title="Share of signals that are unknown",
            description=(
                "Bots do not send the field, and no market record fills it in. Unknown is not low: such scores are a "
                "range. Rising suddenly: a collector has stopped, or the store does not answer."
            ),
            queries=(
                Query(
                    f'sum by (signal) (rate(adlrisk_signals_total{{outcome="unknown", {VENUES}}}{RATE})) / '
                    f"(sum by (signal) (rate(adlrisk_signals_total{{{VENUES}}}{RATE})) > 0)",
                    "{{signal}}",
                ),
            ),
            unit="ratio",
        ),
        Panel(
            title="Alerts by kind",
            description=(
                "Alerts that scores raised per second: what announces an ADL beside the signals. adl_in_progress and "
                "fund_drawn_down: an ADL is on or near; tell the traders of that venue. None ever: no collector fills "
                "the fields in, and no bot sends them."
            ),
            queries=(Query(f"sum by (alert) (rate(adlrisk_alerts_total{{{VENUES}}}{RATE}))", "{{alert}}"),),
            unit="per second",
        ),
        Panel(
            title="Distribution of scores",
            description=(
                "Number of scores by their share of the maximum, which is not a probability. Colour moving upwards: "
                "risk is building."
            ),
            queries=(Query(f"sum by (le) (increase(adlrisk_score_ratio_bucket{{{VENUES}}}{RATE}))", "{{le}}"),),
            kind="heatmap",
        ),
        Panel(
            title="Most requested venues, last hour",
            description="Where the positions are held. A venue missing here is one that no bot asks about.",
            queries=(
                Query(f"topk(10, sum by (venue) (increase(adlrisk_scores_total{{{VENUES}}}[1h])) > 0)", "{{venue}}"),
            ),
            kind="bars",
        ),
        Panel(
            title="Books by operation",
            description=(
                "Books per second: ranked, allocated, simulated, weighed over moves. None where there were some: the "
                "sender has stopped. Their sizes and durations are under Requests."
            ),
            queries=(Query(f"sum by (operation) (rate(adlrisk_books_total{{{VENUES}}}{RATE}))", "{{operation}}"),),
            unit="per second",
        ),
        Panel(
            title="Allocations with uncovered lots",
            description=(
                "Allocations with lots that no eligible position could take. In what-if runs that is an answer; with "
                "real books it is what a venue cannot close."
            ),
            queries=(
                Query(
                    f'sum by (policy) (increase(adlrisk_allocations_total{{covered="no", {HERE}}}[1h]))', "{{policy}}"
                ),
            ),
            kind="bars",
        ),
    ),
)
