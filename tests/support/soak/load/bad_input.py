"""Bad input: every documented mistake, and misbehaving clients."""

import contextlib
import itertools
import json
import random
import socket
import time
from typing import Final

from adlrisk.api.http.codecs import JSON
from support.hostile.failure_cases import FAILURES, Failure
from support.running import ADMIN_KEY
from support.soak import expected
from support.soak.load.bots import book
from support.soak.load.caller import Caller
from support.soak.load.exchange import Answer, Question, find_difference, find_problem_mismatch
from support.soak.scene import BUNDLED, Scene
from support.soak.verdict import Verdict

BODY_TIMEOUT_SECONDS: Final = 3.0

_ASKED_OF_THE_STORE: Final = ("precondition-failed", "invalid-card", "unknown-market")
# Failures of a service without keys cannot happen here.
# Those of a market record would need it stored, on a replica that may just be killed.
_CASES: Final = tuple(case for case in FAILURES if case.slug != "writing-disabled" and not case.record_path)
_NEVER_ENDING: Final = 0.05  # share of the misbehaviours; each takes as long as the service waits
_PAUSE_SECONDS: Final = 0.1


class InvalidInputBot:
    """Sends documented mistakes, and expects the documented problems."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self._name = name
        self._chance = chance
        self._counter = itertools.count(1)

    def next_question(self) -> Question:
        """One mistake."""
        return self._question(self._chance.choice(_CASES))

    def _question(self, case: Failure) -> Question:
        key = {"authorization": f"Bearer {ADMIN_KEY}"} if case.keys else {}
        headers = {**key, **case.headers, "x-request-id": f"{self._name}-{next(self._counter)}"}
        return Question(
            kind="mistake",
            method=case.method,
            path=case.path,
            headers=headers,
            body=None if case.method in ("GET", "DELETE") else case.body,
            chunked=case.chunked,
            needs_store=case.slug in _ASKED_OF_THE_STORE,
            judge=lambda answer: find_problem_mismatch(answer, case.slug, case.status, pointer=case.pointer),
        )


class MisbehavingClient:
    """Sends half a request, hangs up, does not read, or does not speak HTTP, each time on a new connection."""

    def __init__(self, name: str, chance: random.Random, scene: Scene, port: int) -> None:
        self._name = name
        self._chance = chance
        self._scene = scene
        self._port = port
        self._counter = itertools.count(1)
        self.hung_up = 0

    def misbehave(self, verdict: Verdict) -> None:
        """One random misbehaviour."""
        manners = (self._half_a_head, self._half_a_body, self._do_not_read, self._not_http, self._in_pieces)
        waits = self._chance.random() < _NEVER_ENDING
        (self._never_ending if waits else self._chance.choice(manners))(verdict)

    def _half_a_head(self, _verdict: Verdict) -> None:
        self._hang_up(b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-le")

    def _half_a_body(self, _verdict: Verdict) -> None:
        path = self._chance.choice(("/score", "/scores", "/queue/rank", "/adl/allocate"))
        self._hang_up(_head(path, 100_000 if path != "/score" else 1_000) + b'{"venue":')

    def _do_not_read(self, _verdict: Verdict) -> None:
        """Request the answer to a book and do not read it."""
        body = JSON.encode(book(self._chance, "/queue/rank", venue="bitmex", count=2_000, layout="columns"))
        self._hang_up(_head("/queue/rank", len(body)) + body)

    def _not_http(self, verdict: Verdict) -> None:
        """A problem is expected even so, without a request id, since there is none."""

        def judge(answer: Answer) -> str | None:
            return find_problem_mismatch(answer, "bad-request", 400)

        raw = (b"\x16\x03\x01 hello\r\n\r\n",)
        self._ask(verdict, Question(kind="not HTTP", path="", headers={}, raw=raw, judge=judge))

    def _in_pieces(self, verdict: Verdict) -> None:
        """Send slowly and in pieces, but in time."""
        self._ask(verdict, score_in_pieces(f"{self._name}-{next(self._counter)}", self._scene, of_head=2, of_body=3))

    def _never_ending(self, verdict: Verdict) -> None:
        """Send half a body and wait: the service must not wait for ever."""
        instance = f"{self._name}-{next(self._counter)}"
        question = Question(
            kind="body that does not come",
            path="/score",
            headers={"x-request-id": instance},
            raw=(_head("/score", 1_000, instance) + b'{"venue":',),
            judge=lambda answer: find_problem_mismatch(answer, "body-too-slow", 408),
        )
        self._ask(verdict, question)

    def _hang_up(self, sent: bytes) -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as connected:
            connected.sendall(sent)
            time.sleep(self._chance.choice((0.0, 0.01, _PAUSE_SECONDS)))
        self.hung_up += 1

    def _ask(self, verdict: Verdict, question: Question) -> None:
        with Caller(self._port) as caller:
            verdict.ask(caller, question)


def score_in_pieces(instance: str, scene: Scene, *, of_head: int, of_body: int) -> Question:
    """A question for a score, with head and body sent in so many pieces each."""
    position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 101, "leverage": 12}
    body = json.dumps({"venue": "okx", "position": position, "as_of": scene.as_of}).encode()
    right = expected.score(body, sent=JSON, answered=JSON, venues=BUNDLED, record="absent", instance=instance)
    return Question(
        kind="in pieces",
        path="/score",
        headers={"x-request-id": instance},
        raw=(*_cut(_head("/score", len(body), instance), of_head), *_cut(body, of_body)),
        judge=lambda answer: find_difference(answer, [right]),
    )


def _cut(whole: bytes, count: int) -> list[bytes]:
    step = len(whole) // count + 1
    return [whole[start : start + step] for start in range(0, len(whole), step)]


def _head(path: str, length: int, instance: str = "rude") -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        "host: x",
        "content-type: application/json",
        f"content-length: {length}",
        f"x-request-id: {instance}",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()
