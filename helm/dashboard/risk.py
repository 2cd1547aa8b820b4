"""What risk the service sees, and at which venues."""

from typing import Final

from dashboard.declared import HERE, RATE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Risk picture",
    panels=(
        Panel(
            title="Scores by band",
            description=(
                "Positions scored, low, watch and high. A step of the whole: a bot came or went. A shift from "
                "low to high: the market, see by venue."
            ),
            queries=(Query(f"sum by (band) (rate(adlrisk_scores_total{{{VENUES}}}{RATE}))", "{{band}}"),),
            kind="stacked",
            unit="per second",
            colours={"low": "green", "watch": "yellow", "high": "red"},
        ),
        Panel(
            title="Share of high scores by venue",
            description=(
                "One venue rising alone: an ADL may be near there; tell those who trade. All rising together: "
                "the market moves, or thresholds were changed."
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
            description="What may turn high next. Rising while high does not: look again soon.",
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
                "Of those that could be judged, by signal. It says why scores are high: funding and "
                "market_stress are the market's, leverage and profit the positions' own, adl_meter the "
                "venue's."
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
                "Bots do not send what it takes, and no record fills it in. Unknown is not low: such scores "
                "are a range. Rising suddenly: a collector has stopped, or the store does not answer."
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
            title="Level of scores",
            description="How many scores at which share of the maximum. Colour moving upwards: risk is building.",
            queries=(Query(f"sum by (le) (increase(adlrisk_score_ratio_bucket{{{VENUES}}}{RATE}))", "{{le}}"),),
            kind="heatmap",
        ),
        Panel(
            title="Venues asked for most, last hour",
            description="Where the positions are. A venue missing here is one that no bot asks about.",
            queries=(
                Query(f"topk(10, sum by (venue) (increase(adlrisk_scores_total{{{VENUES}}}[1h])) > 0)", "{{venue}}"),
            ),
            kind="bars",
        ),
        Panel(
            title="Books worked on",
            description=(
                "Books ranked and allocated. None where there were some: whoever sends them has stopped. How large "
                "they are and how long they take is under Requests."
            ),
            queries=(Query(f"sum by (operation) (rate(adlrisk_books_total{{{VENUES}}}{RATE}))", "{{operation}}"),),
            unit="per second",
        ),
        Panel(
            title="Allocations that the book did not cover",
            description=(
                "Lots were left that nobody eligible could take. In what-if runs that is an answer; with real "
                "books it is what a venue cannot close."
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
