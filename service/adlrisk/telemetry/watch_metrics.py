"""Metrics of the watch, which is a process of its own. Receivers have a number, never their URL."""

from collections.abc import Iterable
from itertools import product
from typing import Final

from adlrisk.telemetry.children import Children
from adlrisk.telemetry.definitions import LOG_LINES_DROPPED, Family
from adlrisk.telemetry.fast_metrics import Count, FastCounter
from adlrisk.telemetry.registry import build_registry

READING_OUTCOMES: Final = ("ok", "failed")
MESSAGE_OUTCOMES: Final = ("passed", "held_back")
POSITION_STATES: Final = ("ok", "watch", "high", "unknown")
FILL_KINDS: Final = ("adl", "liquidation")

WATCH_FAMILIES: Final = (
    Family(
        name="adlrisk_watch_positions",
        kind="gauge",
        help="Open positions of an account by state, as last read.",
        labels=("account", "venue", "state"),
    ),
    Family(
        name="adlrisk_watch_unsure_positions",
        kind="gauge",
        help="Those of them that may be in a worse state, since something is not known.",
        labels=("account", "venue"),
    ),
    Family(
        name="adlrisk_watch_nearest_liquidation_ratio",
        kind="gauge",
        help="Distance of the nearest liquidation price of an account from the mark price, as a ratio of that.",
        labels=("account", "venue"),
    ),
    Family(
        name="adlrisk_watch_stale",
        kind="gauge",
        help="1 while an account cannot be read or scored, and before it was the first time.",
        labels=("account", "venue"),
    ),
    Family(
        name="adlrisk_watch_readings",
        kind="counter",
        help="Readings of an account, and whether it could be read and scored.",
        labels=("account", "venue", "outcome"),
    ),
    Family(
        name="adlrisk_watch_last_reading_timestamp_seconds",
        kind="gauge",
        help="When an account was last read and scored, seconds since 1970; 0 before the first time.",
        labels=("account", "venue"),
    ),
    Family(
        name="adlrisk_watch_forced_fills",
        kind="counter",
        help="Fills of an account that were an ADL or a liquidation.",
        labels=("account", "venue", "kind"),
    ),
    Family(
        name="adlrisk_watch_messages",
        kind="counter",
        help="Messages by kind, and whether they were passed to the receivers or held back by the budget.",
        labels=("kind", "outcome"),
    ),
    Family(
        name="adlrisk_watch_undelivered_messages",
        kind="gauge",
        help="Messages that wait for a receiver, by the receiver's number.",
        labels=("receiver",),
    ),
    Family(
        name="adlrisk_watch_delivery_failures",
        kind="counter",
        help="Attempts to send to a receiver that failed.",
        labels=("receiver",),
    ),
    Family(
        name="adlrisk_watch_state_kept",
        kind="gauge",
        help="1 if the state was kept the last time, 0 if it could not be.",
    ),
    Family(name="adlrisk_watch_build", kind="info", help="The release that runs.", labels=("version",)),
)


class WatchMetrics:
    """The metrics of one watch, in a registry of its own.

    Series of all accounts (their names and venues), kinds of messages and receivers exist from the start: Prometheus
    sees no increase in a series that first appears with it.
    """

    def __init__(
        self, *, version: str, accounts: Iterable[tuple[str, str]], kinds: Iterable[str], receivers: Iterable[int]
    ) -> None:
        self.registry = build_registry()
        self._metrics = {
            family.name.removeprefix("adlrisk_watch_"): Children(family, self.registry) for family in WATCH_FAMILIES
        }
        self._metrics["build"].family.info({"version": version})
        for account in accounts:
            self._start_account(account)
        for kind, outcome in product(kinds, MESSAGE_OUTCOMES):
            self._metrics["messages"][(kind, outcome)].inc(0.0)
        for number in receivers:
            self._metrics["delivery_failures"][(str(number),)].inc(0.0)
            self._metrics["undelivered_messages"][(str(number),)].set(0.0)

    def bind_log(self, dropped: Count) -> None:
        """Show the number of dropped log lines."""
        FastCounter(LOG_LINES_DROPPED, self.registry).bind(dropped)

    def count_reading(self, account: tuple[str, str], *, is_ok: bool, at: float) -> None:
        """Count a reading at a time in seconds since 1970."""
        self._metrics["readings"][(*account, "ok" if is_ok else "failed")].inc()
        self._metrics["stale"][account].set(float(not is_ok))
        if is_ok:
            self._metrics["last_reading_timestamp_seconds"][account].set(at)

    def set_positions(
        self, account: tuple[str, str], states: Iterable[str], *, unsure: int, nearest: float | None
    ) -> None:
        """Show the states of an account's positions, and the nearest liquidation where one is known."""
        counts = dict.fromkeys(POSITION_STATES, 0)
        for state in states:
            counts[state] += 1
        for state, count in counts.items():
            self._metrics["positions"][(*account, state)].set(float(count))
        self._metrics["unsure_positions"][account].set(float(unsure))
        if nearest is None:
            self._metrics["nearest_liquidation_ratio"].remove(account)
        else:
            self._metrics["nearest_liquidation_ratio"][account].set(nearest)

    def count_forced_fill(self, account: tuple[str, str], kind: str) -> None:
        """Count one fill."""
        self._metrics["forced_fills"][(*account, kind)].inc()

    def count_message(self, kind: str, *, is_held_back: bool) -> None:
        """Count one message."""
        self._metrics["messages"][(kind, "held_back" if is_held_back else "passed")].inc()

    def set_undelivered(self, number: int, count: int) -> None:
        """Show how many messages wait for a receiver."""
        self._metrics["undelivered_messages"][(str(number),)].set(float(count))

    def count_delivery_failure(self, number: int) -> None:
        """Count one attempt that failed."""
        self._metrics["delivery_failures"][(str(number),)].inc()

    def set_state_kept(self, *, is_kept: bool) -> None:
        """Show whether the state could be kept."""
        self._metrics["state_kept"][()].set(float(is_kept))

    def _start_account(self, account: tuple[str, str]) -> None:
        self._metrics["stale"][account].set(1.0)
        self._metrics["last_reading_timestamp_seconds"][account].set(0.0)
        for outcome in READING_OUTCOMES:
            self._metrics["readings"][(*account, outcome)].inc(0.0)
        for kind in FILL_KINDS:
            self._metrics["forced_fills"][(*account, kind)].inc(0.0)
