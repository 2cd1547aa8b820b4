"""The row of the watch: positions of the watched accounts, readings, forced fills and messages."""

from typing import Final

from dashboard.panel import HERE, VENUES, Panel, Query, Row

ROW: Final = Row(
    title="Watch",
    panels=(
        Panel(
            title="Watched positions by state",
            description=(
                "Open positions of all watched accounts, as last read. unknown: a position that cannot be scored, "
                "which is not low; the watch's table and `adlrisk positions` say what is missing."
            ),
            queries=(Query(f"sum by (state) (adlrisk_watch_positions{{{VENUES}}})", "{{state}}"),),
            kind="stacked",
            colours={"ok": "green", "watch": "yellow", "high": "red", "unknown": "grey"},
        ),
        Panel(
            title="Nearest liquidation",
            description=(
                "The smallest distance of a liquidation price from the mark price in each account, as a ratio of the "
                "mark. Below 5 %: reduce the position or add margin. Empty: no liquidation price is known."
            ),
            queries=(
                Query(
                    f"min by (account, venue) (adlrisk_watch_nearest_liquidation_ratio{{{VENUES}}})",
                    "{{account}} {{venue}}",
                ),
            ),
            unit="ratio",
            bad=(0.2, 0.05),
        ),
        Panel(
            title="Time since the last reading",
            description=(
                "Time since each account was read and scored. Minutes: it is not watched, see the runbook of "
                "AdlriskWatchBlind. Decades: it has not been read once."
            ),
            queries=(
                Query(
                    f"time() - max by (account, venue) (adlrisk_watch_last_reading_timestamp_seconds{{{VENUES}}})",
                    "{{account}} {{venue}}",
                ),
            ),
            unit="seconds",
            bad=(120.0, 300.0),
        ),
        Panel(
            title="Accounts that cannot be read",
            description="1 while an account cannot be read or scored: see the runbook of AdlriskWatchBlind.",
            queries=(Query(f"max by (account, venue) (adlrisk_watch_stale{{{VENUES}}})", "{{account}} {{venue}}"),),
            kind="stat",
            width=6,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Forced fills, last day",
            description=(
                "Fills of the watched accounts that were an ADL or a liquidation, by the marks of the venue. Above "
                "zero: the message about it says what is left, and which orders are now too large."
            ),
            queries=(
                Query(
                    f"sum by (account, kind) (increase(adlrisk_watch_forced_fills_total{{{VENUES}}}[1d]))",
                    "{{account}} {{kind}}",
                ),
            ),
            kind="stat",
            width=6,
            bad=(1.0, 1.0),
        ),
        Panel(
            title="Messages, last hour",
            description=(
                "Messages by kind. held_back: more than the budget of a minute; their number was sent as one message, "
                "and the lines of the watch have them all."
            ),
            queries=(
                Query(
                    f"sum by (kind, outcome) (increase(adlrisk_watch_messages_total{{{HERE}}}[1h]))",
                    "{{kind}} {{outcome}}",
                ),
            ),
            kind="table",
            width=6,
        ),
        Panel(
            title="Undelivered messages",
            description=(
                "Messages that wait for a receiver, by its number. For minutes: it does not take them, see the runbook "
                "of AdlriskWatchUndelivered."
            ),
            queries=(
                Query(f"sum by (receiver) (adlrisk_watch_undelivered_messages{{{HERE}}})", "receiver {{receiver}}"),
            ),
            width=6,
            bad=(1.0, 10.0),
        ),
    ),
)
