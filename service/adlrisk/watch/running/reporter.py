"""Reporter: what the watch does, in metrics, on the display, and in log lines when something begins or ends to fail."""

import traceback
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from adlrisk.telemetry.watch_metrics import WatchMetrics
from adlrisk.watch.delivery.receivers import Receiver
from adlrisk.watch.display.display import Display
from adlrisk.watch.messages.message import Message
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.state.account_state import AccountState

_FORCED: Final = ("adl", "liquidation")


class Reporter:
    """Counts everything, logs what changes, and shows accounts and messages."""

    def __init__(
        self,
        *,
        accounts: Sequence[tuple[str, str]],
        metrics: WatchMetrics,
        logger: FilteringBoundLogger,
        display: Display,
    ) -> None:
        """``accounts`` are venues and names."""
        self._metrics = metrics
        self._logger = logger
        self._display = display
        self._never_read = dict.fromkeys(accounts)
        self._failing: set[tuple[str, str]] = set()  # venues and names of accounts
        self._receivers_failing: set[int] = set()
        self._state_failure: str | None = None

    @property
    def registry(self) -> CollectorRegistry:
        """The registry that holds the metrics."""
        return self._metrics.registry

    @property
    def unready_reason(self) -> str | None:
        """Why the watch does not do all that it should; ``None``: it does."""
        if self._state_failure is not None:
            return "the state cannot be kept"
        if self._never_read:
            return f"never read: {', '.join(name for _, name in self._never_read)}"
        return None

    def watch_started(self) -> None:
        """The watch begins."""
        self._display.start()
        self._logger.info("watch started", accounts=[name for _, name in self._never_read])

    def watch_ended(self) -> None:
        """The watch has ended."""
        self._display.stop()
        self._logger.info("watch ended")

    def watch_failed(self, error: Exception) -> None:
        """An unexpected error; its text is not logged, since it may hold anything."""
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-3:]]
        self._logger.error("watch failed", error=type(error).__name__, where=where)

    def reading_ended(self, found: Reading | FailedReading, account: AccountState) -> None:
        """An account was read, or could not be; ``account`` is its state now."""
        key, named = (found.venue, found.account), (found.account, found.venue)
        if isinstance(found, FailedReading):
            self._metrics.count_reading(named, is_ok=False, at=found.at)
            if key not in self._failing:
                self._failing.add(key)
                self._logger.warning("reading failed", account=found.account, venue=found.venue, reason=found.reason)
        else:
            self._metrics.count_reading(named, is_ok=True, at=found.at)
            self._never_read.pop(key, None)
            if key in self._failing:
                self._failing.discard(key)
                self._logger.info("read again", account=found.account, venue=found.venue)
            self._show_positions(named, account)
        self._display.show_account(account)

    def told(self, messages: Sequence[Message], admitted: Sequence[Message]) -> None:
        """``messages`` were to be told; ``admitted`` go to the receivers, the others are held back."""
        passed = {id(one) for one in admitted}
        for message in messages:
            self._metrics.count_message(message.key.kind, is_held_back=id(message) not in passed)
            if message.key.kind in _FORCED:
                self._metrics.count_forced_fill((message.key.account, message.key.venue), message.key.kind)
        ours = [one for one in admitted if id(one) not in {id(message) for message in messages}]
        for message in ours:
            self._metrics.count_message(message.key.kind, is_held_back=False)
        self._display.show_messages([*messages, *ours])

    def waiting(self, receiver: Receiver, count: int) -> None:
        """So many messages wait for a receiver."""
        self._metrics.set_undelivered(receiver.number, count)

    def delivered(self, receiver: Receiver, *, waiting: int) -> None:
        """A receiver took what was sent; so many messages wait for it still."""
        self._metrics.set_undelivered(receiver.number, waiting)
        if receiver.number in self._receivers_failing:
            self._receivers_failing.discard(receiver.number)
            self._logger.info("receiver takes messages again", receiver=receiver.number)

    def delivery_failed(self, receiver: Receiver, reason: str, *, waiting: int) -> None:
        """A receiver did not take what was sent."""
        self._metrics.count_delivery_failure(receiver.number)
        self._metrics.set_undelivered(receiver.number, waiting)
        if receiver.number not in self._receivers_failing:
            self._receivers_failing.add(receiver.number)
            self._logger.warning(
                "receiver failing", receiver=receiver.number, kind=receiver.shown, reason=reason, waiting=waiting
            )

    def message_given_up(self, receiver: Receiver) -> None:
        """A receiver refused a message again and again, and took others meanwhile; it is not tried any more."""
        self._logger.error("message given up, the receiver refuses it", receiver=receiver.number, kind=receiver.shown)

    def receivers_gone(self, count: int) -> None:
        """So many messages waited for receivers that there are no more."""
        if count:
            self._logger.warning("messages of receivers that are gone were dropped", messages=count)

    def state_kept(self) -> None:
        """The store did what it was asked."""
        self._metrics.set_state_kept(is_kept=True)
        if self._state_failure is not None:
            self._logger.info("state is kept again")
        self._state_failure = None

    def state_failed(self, reason: str) -> None:
        """The state could not be kept: after a restart, what was told meanwhile may be told again."""
        self._metrics.set_state_kept(is_kept=False)
        if self._state_failure is None:
            self._logger.error("state not kept", reason=reason)
        self._state_failure = reason

    def state_set_aside(self, reason: str, *, where: str) -> None:
        """What was kept is no state; the watch begins anew."""
        self._logger.error("state unreadable, begun anew", reason=reason, moved_to=where)

    def _show_positions(self, named: tuple[str, str], account: AccountState) -> None:
        distances = [one.observed.liquidation_distance for one in account.positions]
        distances += [one.observed.distance for one in account.margins]
        known = [distance for distance in distances if distance is not None]
        self._metrics.set_positions(
            named,
            [one.standing.lower for one in account.positions],
            unsure=sum(one.standing.is_unsure for one in account.positions),
            nearest=min(known, default=None),
        )
