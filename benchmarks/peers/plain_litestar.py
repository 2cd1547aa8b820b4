"""The Litestar peer, written as in its documentation: a handler with Structs, and middleware."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import Litestar, get, post
from prometheus_client import generate_latest

from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.venues.catalogue import load_catalogue
from peers.observed import SCORES, Observed

_VENUES: Final = load_catalogue()


@post("/score", status_code=200)
async def score(data: ScoreRequest) -> ScoreAnswer:
    """Score one position."""
    answer = answer_score(data, venues=_VENUES, now=datetime.now(UTC))
    SCORES.labels(answer.venue.id, answer.band).inc()
    return answer


@get("/metrics", media_type="text/plain")
async def metrics() -> bytes:
    """What was counted."""
    return generate_latest()


app: Any = Observed(Litestar([score, metrics]))
