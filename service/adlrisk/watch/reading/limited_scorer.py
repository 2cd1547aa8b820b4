"""Scorer with a time limit, so that a service which hangs does not hold up what else a reading has found."""

import threading
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from adlrisk.positions.account_reading import AccountReading
from adlrisk.watch.reading.scorers import Scorer, ScorerError, Scores

if TYPE_CHECKING:
    from collections.abc import Callable

SCORING_SECONDS: Final = 20.0  # of a reading's 60


class LimitedScorer:
    """The scorer of one account's readings, one after the other: each in a thread, which is left behind if it hangs."""

    def __init__(self, scorer: Scorer, *, seconds: float = SCORING_SECONDS) -> None:
        self._scorer = scorer
        self._seconds = seconds
        self._last: _Scoring | None = None

    def score(self, reading: AccountReading, *, venue: str, now: datetime) -> Scores:
        """The scores of the scorer.

        Raises:
            ScorerError: it gave none in time, or still does not know those of the reading before.
        """
        if self._last is not None and self._last.is_alive():
            raise ScorerError("the scores of the last reading have not come yet")
        self._last = scoring = _Scoring(self._scorer, reading, venue=venue, now=now)
        scoring.start()
        scoring.join(self._seconds)
        if scoring.is_alive():
            raise ScorerError(f"no scores within {self._seconds:g} s")
        if scoring.failure is not None:
            raise scoring.failure
        assert scoring.found is not None  # noqa: S101 # nosec B101 (it has ended without a failure)
        return scoring.found


class _Scoring(threading.Thread):
    """One call of a scorer."""

    def __init__(self, scorer: Scorer, reading: AccountReading, *, venue: str, now: datetime) -> None:
        super().__init__(name="scores", daemon=True)
        self._call: Callable[[], Scores] = partial(scorer.score, reading, venue=venue, now=now)
        self.found: Scores | None = None
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Make the call."""
        try:
            self.found = self._call()
        except BaseException as error:  # noqa: BLE001 (belongs to whoever waits)
            self.failure = error
