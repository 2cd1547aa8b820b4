"""The library's functions: the service's answers without HTTP."""

from datetime import UTC, datetime
from functools import cache

import msgspec

from adlrisk.api.endpoints.account.answer import answer_account
from adlrisk.api.endpoints.account.schema import Account, AccountAnswer
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.venues.catalogue import Catalogue, load_catalogue


def score(request: ScoreRequest) -> ScoreAnswer:
    """The answer of ``POST /score`` to ``request``; ``as_of`` defaults to now.

    Raises:
        ValidationError: a value is out of bounds or of the wrong type.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be answered.
    """
    # msgspec validates decoded Structs only, not those built in Python: the same bounds must hold here.
    checked = msgspec.convert(msgspec.to_builtins(request), type=ScoreRequest)
    return answer_score(checked, venues=catalogue(), now=datetime.now(UTC))


def account(request: Account) -> AccountAnswer:
    """The answer of ``POST /account`` to ``request``; ``as_of`` defaults to now.

    A leg that cannot be scored has its ``RefusedError`` in its place among the ``positions``.

    Raises:
        ValidationError: a value is out of bounds or of the wrong type.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: legs contradict each other.
    """
    checked = msgspec.convert(msgspec.to_builtins(request), type=Account)
    return answer_account(checked, venues=catalogue(), now=datetime.now(UTC))


@cache
def catalogue() -> Catalogue:
    """The bundled rule cards by venue id."""
    return load_catalogue()
