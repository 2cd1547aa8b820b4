"""Scorers: what a reading's positions are scored by, here the library; a running service is in ``service_scorer``."""

from datetime import datetime
from typing import NamedTuple, Protocol

from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.scoring import score_all
from adlrisk.venues.catalogue import Catalogue
from adlrisk.watch.reading.observed import ObservedAccount, ObservedPosition
from adlrisk.watch.reading.observed_account import observe_account
from adlrisk.watch.reading.observed_position import observe


class ScorerError(Exception):
    """The positions could not be scored; the message says why, and contains no secret."""


class Scores(NamedTuple):
    """What a scorer says of a reading."""

    positions: tuple[ObservedPosition, ...]  # in the order of the reading
    accounts: tuple[ObservedAccount, ...]  # the margin accounts of the cross ones


class Scorer(Protocol):
    """What scores the positions of a reading; of use to several threads at once."""

    def score(self, reading: AccountReading, *, venue: str, now: datetime) -> Scores:
        """The positions of ``reading`` at ``venue``, a card's id, each with its score or why it has none.

        Raises:
            ScorerError: none could be scored.
        """


class LibraryScorer:
    """Scores by the library, with the rule cards that are given; what only a market record knows stays unknown."""

    def __init__(self, venues: Catalogue) -> None:
        self._venues = venues

    def score(self, reading: AccountReading, *, venue: str, now: datetime) -> Scores:
        """The answers of ``POST /account`` without market records."""
        scored = score_all(reading.positions, reading.accounts, venue=venue, venues=self._venues, now=now)
        return Scores(
            tuple(observe(one.held, answer=one.answer, reason=one.not_scored_reason) for one in scored.positions),
            tuple(observe_account(one.account.name, one.figures.nearest_liquidation) for one in scored.accounts),
        )
