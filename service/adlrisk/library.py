"""The service's answers as plain functions."""

from datetime import UTC, datetime
from functools import cache

import msgspec

from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreAnswer, ScoreRequest
from adlrisk.venues.catalogue import Catalogue, load_catalogue


def score(request: ScoreRequest) -> ScoreAnswer:
    """The answer that ``POST /score`` gives to ``request``; without ``as_of``, for now.

    Raises:
        ValidationError: a value is out of its bounds or of the wrong type.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: no answer would mean anything.
    """
    # A Struct built in Python is not checked, one that is decoded is: the same bounds must hold here.
    checked = msgspec.convert(msgspec.to_builtins(request), type=ScoreRequest)
    return answer_score(checked, venues=catalogue(), now=datetime.now(UTC))


@cache
def catalogue() -> Catalogue:
    """The bundled rule cards by venue id."""
    return load_catalogue()
