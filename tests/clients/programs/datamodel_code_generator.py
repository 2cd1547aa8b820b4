"""Uses the pydantic models of datamodel-code-generator, with httpx: ``URL LATER_URL EXAMPLES``."""

import json
import re
import sys
from pathlib import Path

import httpx
import models
from models import Problem, RankAnswer, RankRequest, ScoreAnswer, ScoreRequest, ScoresAnswer, ScoresRequest
from pydantic import BaseModel


def post(url: str, body: BaseModel) -> bytes:
    """Return the answer; fields that were not given are not sent."""
    content = body.model_dump_json(exclude_unset=True, by_alias=True)
    return httpx.post(url, content=content, headers={"content-type": "application/json"}).content


def main(url: str, later_url: str, requests_file: str) -> None:
    """Send the requests, and print what the program read of the answers."""
    positions = [name for name in vars(models) if re.fullmatch(r"(Book)?Positions?[0-9]*", name)]
    assert sorted(positions) == ["BookPosition", "Position"], positions
    requests = json.loads(Path(requests_file).read_bytes())
    one = ScoreRequest.model_validate(requests["score"])
    score = ScoreAnswer.model_validate_json(post(f"{url}/score", one))
    batch = ScoresAnswer.model_validate_json(post(f"{url}/scores", ScoresRequest.model_validate(requests["scores"])))
    ranked = RankAnswer.model_validate_json(
        post(f"{url}/queue/rank", RankRequest.model_validate(requests["queue_rank"]))
    )
    problem = Problem.model_validate_json(post(f"{url}/score", ScoreRequest.model_validate(requests["refused"])))
    later = ScoreAnswer.model_validate_json(post(f"{later_url}/score", one))
    queue = ranked.queues.long
    read = {
        "score": score.score,
        "band": score.band,
        "actions": [action.action for action in score.actions],
        "batch": [result.status if isinstance(result, Problem) else result.score for result in batch.results],
        "ranked": [row.id for row in queue.positions or ()] if queue else None,
        "problem": problem.type,
        "pointers": [error.pointer for error in problem.errors],
        "later": [later.band, later.venue.id, *(action.action for action in later.actions)],
    }
    print(json.dumps(read))


if __name__ == "__main__":
    main(*sys.argv[1:])
