"""Reader of one account: its positions with their scores, its forced fills, and what could not be read."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from adlrisk.positions.account import Account
from adlrisk.positions.requests.venue_calls import AccountError, Retries
from adlrisk.watch.reading.forced_fills import ForcedFills
from adlrisk.watch.reading.observed import FailedReading, Reading
from adlrisk.watch.reading.scorers import Scorer, ScorerError


class AccountReader:
    """Reads one account again and again, by one thread at a time; ``close`` may come from any."""

    def __init__(
        self,
        account: Account,
        scorer: Scorer,
        *,
        name: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """The reader of ``account``, which is called ``name``.

        Args:
            account: from ``open_account``.
            scorer: ``LibraryScorer`` or ``ServiceScorer``.
            name: as the account is called in messages.
            clock: seconds since 1970, for the time of a reading only.
            sleep: waits the seconds before a call is tried again.
        """
        self._account = account
        self._scorer = scorer
        self._name = name
        self._clock = clock
        self._sleep = sleep
        self._fills = ForcedFills(account)

    @property
    def venue(self) -> str:
        """The venue of its readings: a card's id, or ccxt's where the card stands for several."""
        return self._account.venue

    def read(self, *, fills_since: float | None = None) -> Reading | FailedReading:
        """The account as it is now.

        ``fills_since`` is the ``fills_until`` of an earlier reading, also of an earlier process; ``None``: there was
        none, and what has already happened is listed without its orders.
        """
        at = self._clock()
        retries = Retries(sleep=self._sleep)  # of all the calls of the reading together
        try:
            read = self._account.read(retries=retries)
        except AccountError as error:
            return FailedReading(account=self._name, venue=self._account.venue, at=at, reason=str(error))
        fills = self._fills.read(read, since=fills_since, retries=retries)
        try:
            positions = self._scorer.score(read, venue=self._account.rules.id, now=datetime.fromtimestamp(at, UTC))
        except ScorerError as error:
            return FailedReading(
                account=self._name,
                venue=self._account.venue,
                at=at,
                reason=str(error),
                forced_fills=fills.fills,
                fills_until=fills.until,
            )
        return Reading(
            account=self._name,
            venue=self._account.venue,
            at=at,
            positions=positions,
            forced_fills=fills.fills,
            fills_until=fills.until,
            problems=tuple(dict.fromkeys((*read.problems, *fills.problems))),
        )

    def close(self) -> None:
        """Close the connections, also while a reading hangs."""
        self._account.close()
