"""Reader of one account: its positions with their scores, its forced fills, and what could not be read."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from adlrisk.positions.account import Account
from adlrisk.positions.requests.venue_calls import AccountError, Retries
from adlrisk.watch.reading.forced_fills import ForcedFills, FoundFills
from adlrisk.watch.reading.limited_scorer import SCORING_SECONDS, LimitedScorer
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
        scoring_seconds: float = SCORING_SECONDS,
    ) -> None:
        """The reader of ``account``, which is called ``name``.

        Args:
            account: from ``open_account``.
            scorer: ``LibraryScorer`` or ``ServiceScorer``.
            name: as the account is called in messages.
            clock: seconds since 1970, for the time of a reading, and to notice a venue's that is far ahead.
            sleep: waits the seconds before a call is tried again.
            scoring_seconds: how long the scores are waited for.
        """
        self._account = account
        self._scorer = LimitedScorer(scorer, seconds=scoring_seconds)
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

        ``fills_since`` is the ``fills_until`` of an earlier reading, also of an earlier process, or the time of the
        first attempt to read them; ``None``: there was none, and what has happened is listed without its orders.
        """
        at = self._clock()
        retries = Retries(sleep=self._sleep)  # of all the calls of the reading together
        try:
            read = self._account.read(retries=retries)
        except AccountError as error:
            return self._fail(str(error), at=at, retries=retries, fills=FoundFills())
        fills = self._fills.read(read, since=fills_since, wall=at, retries=retries)
        account, now = fills.account or read, datetime.fromtimestamp(at, UTC)
        try:
            scores = self._scorer.score(account, venue=self._account.rules.id, now=now)
        except ScorerError as error:
            return self._fail(str(error), at=at, retries=retries, fills=fills)
        return Reading(
            account=self._name,
            venue=self._account.venue,
            at=at,
            positions=scores.positions,
            forced_fills=fills.fills,
            fills_until=fills.until,
            accounts=scores.accounts,
            is_complete=account.is_complete,
            unread_fills=fills.unread,
            problems=tuple(dict.fromkeys((*account.problems, *fills.problems))),
            retry_after=retries.retry_after,
        )

    def _fail(self, reason: str, *, at: float, retries: Retries, fills: FoundFills) -> FailedReading:
        return FailedReading(
            account=self._name,
            venue=self._account.venue,
            at=at,
            reason=reason,
            forced_fills=fills.fills,
            fills_until=fills.until,
            retry_after=retries.retry_after,
        )

    def close(self) -> None:
        """Close the connections, also while a reading hangs."""
        self._account.close()
