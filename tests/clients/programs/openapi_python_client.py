"""Uses the client of openapi-python-client: ``URL LATER_URL REQUESTS``."""

import json
import sys
from pathlib import Path

from adlrisk_client import AuthenticatedClient
from adlrisk_client.api.books import rank_queue
from adlrisk_client.api.scoring import score_position, score_positions
from adlrisk_client.models import (
    Problem,
    RankAnswer,
    RankRequestWithPositions,
    ScoreAnswer,
    ScoreRequest,
    ScoresAnswer,
    ScoresRequest,
)

# The generator wants a token where a key may be needed; a service without keys ignores it.
_TOKEN = "none"  # noqa: S105 (no secret)


def main(url: str, later_url: str, requests_file: str) -> None:
    """Send the requests, and print what the program read of the answers."""
    requests = json.loads(Path(requests_file).read_bytes())
    client = AuthenticatedClient(base_url=url, token=_TOKEN)
    one = ScoreRequest.from_dict(requests["score"])
    score = score_position.sync(client=client, body=one)
    batch = score_positions.sync(client=client, body=ScoresRequest.from_dict(requests["scores"]))
    book = RankRequestWithPositions.from_dict(requests["queue_rank"])
    ranked = rank_queue.sync(client=client, body=book)
    problem = score_position.sync(client=client, body=ScoreRequest.from_dict(requests["refused"]))
    later = score_position.sync(client=AuthenticatedClient(base_url=later_url, token=_TOKEN), body=one)
    assert isinstance(score, ScoreAnswer)
    assert isinstance(batch, ScoresAnswer)
    assert isinstance(ranked, RankAnswer)
    assert isinstance(problem, Problem)
    assert isinstance(later, ScoreAnswer)
    queue = ranked.queues.long
    read = {
        "score": score.score,
        "band": score.band,
        "actions": [action.action for action in score.actions],
        "batch": [result.status if isinstance(result, Problem) else result.score for result in batch.results],
        "ranked": [row.id for row in queue.positions or ()] if queue else None,
        "problem": problem.type_,
        "pointers": [error.pointer for error in problem.errors],
        "later": [later.band, later.venue.id, *(action.action for action in later.actions)],
    }
    print(json.dumps(read))


if __name__ == "__main__":
    main(*sys.argv[1:])
