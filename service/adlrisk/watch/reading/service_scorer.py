"""Scorer by a running service, whose market records fill in what an account cannot show."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.client import Client, ClientError, ProblemError
from adlrisk.domain.account.figures import CommonMove
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.request_body import list_bodies
from adlrisk.positions.scoring import ScoredPosition, ScoredPositions, score_all
from adlrisk.venues.catalogue import Catalogue
from adlrisk.watch.reading.observed import ObservedPosition
from adlrisk.watch.reading.observed_account import observe_account
from adlrisk.watch.reading.observed_position import observe
from adlrisk.watch.reading.scorers import ScorerError, Scores


class ServiceScorer:
    """Scores by a running service."""

    def __init__(self, client: Client, venues: Catalogue) -> None:
        """``venues`` are the rule cards by which bodies are put together; those of the service decide the scores."""
        self._client = client
        self._venues = venues

    def score(self, reading: AccountReading, *, venue: str, now: datetime) -> Scores:
        """The answers of the service to the bodies that ``adlrisk positions --json`` prints."""
        scored = score_all(reading.positions, reading.accounts, venue=venue, venues=self._venues, now=now)
        found: dict[int, Any] = {}
        moves: list[CommonMove | None] = []
        for body, group in zip(list_bodies(scored, venue=venue), _group_by_body(scored), strict=True):
            told = self._ask(body, len(group))
            moves.append(told.nearest)
            for held, leg in zip(group, told.legs, strict=False):  # hidden legs come after them
                found[id(held)] = leg
        here = {id(one.held): one for one in scored.positions}
        return Scores(
            tuple(_observe(one, found.get(key)) for key, one in here.items()),
            # The last body may be of those that have no account.
            tuple(observe_account(one.account.name, move) for one, move in zip(scored.accounts, moves, strict=False)),
        )

    def _ask(self, body: dict[str, Any], count: int) -> "_Told":
        """What the service says of the first ``count`` legs of ``body``: scores and problems, and of their account.

        Raises:
            ScorerError: it says nothing of them.
        """
        try:
            answer = self._client.account(**body)
        except ProblemError as error:
            if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:  # the figures contradict each other
                return _Told([error.problem] * count, None)
            raise ScorerError(f"the service gave no scores: {error}") from error
        except ClientError as error:
            raise ScorerError(f"the service gave no scores: {error}") from error
        return _Told(answer.positions, answer.account.nearest_liquidation)


class _Told(NamedTuple):
    """What the service says of one body."""

    legs: Sequence[Any]  # scores and problems
    nearest: CommonMove | None


def _group_by_body(scored: ScoredPositions) -> Iterator[Sequence[Any]]:
    """The positions of each body of ``list_bodies``, in its order."""
    for account in scored.accounts:
        yield account.account.positions
    alone = [one.held for one in scored.positions if one.account is None]
    if alone:
        yield alone


def _observe(one: ScoredPosition, leg: Any) -> ObservedPosition:
    """The position by its leg of the answer: a score, or a problem.

    What could not be scored here was sent as a leg without figures, so the reason is the one that is known here.
    """
    if isinstance(leg, ScoreAnswer):
        return observe(one.held, answer=leg)
    return observe(one.held, answer=None, reason=one.not_scored_reason or getattr(leg, "detail", None))
