"""Graceful shutdown of a replica: requests in progress are finished, and open connections get a last answer."""

import threading
import time
from typing import Final

from adlrisk.api.http.codecs import JSON
from support.soak import expected
from support.soak.load.bad_input import score_in_pieces
from support.soak.load.caller import Caller
from support.soak.load.exchange import Answer, Question, find_difference
from support.soak.replica import Replica
from support.soak.scene import BUNDLED, STILL, Scene
from support.soak.verdict import Verdict

_PIECES: Final = 13  # of the body, a tenth of a second each: begun before SIGTERM, complete after the drain delay
_MOMENT_SECONDS: Final = 0.2


def stop(replica: Replica, *, verdict: Verdict, scene: Scene) -> int:
    """Stop it in the middle of a request, and ask on an open connection; returns its exit status."""
    with Caller(replica.port) as kept, Caller(replica.port) as slow:
        verdict.ask(kept, _card("before-sigterm", last=False))
        begun = score_in_pieces("begun-before-sigterm", scene, of_head=1, of_body=_PIECES)
        asking = threading.Thread(target=verdict.ask, args=(slow, begun))
        asking.start()
        time.sleep(_MOMENT_SECONDS)
        replica.terminate()
        time.sleep(_MOMENT_SECONDS)
        verdict.ask(kept, _card("after-sigterm", last=True))
        status = replica.wait()
        asking.join()
    return status


def _card(request_id: str, *, last: bool) -> Question:
    """A question for a rule card, whose answer must be the last on its connection, or must not be."""
    venue = STILL[0]

    def judge(answer: Answer) -> str | None:
        if (answer.headers.get("connection") == "close") != last:
            return f"connection: {answer.headers.get('connection')}"
        return find_difference(answer, [expected.card(venue, answered=JSON, venues=BUNDLED)])

    headers = {"x-request-id": request_id}
    return Question(kind="kept at SIGTERM", method="GET", path=f"/venues/{venue}", headers=headers, judge=judge)
