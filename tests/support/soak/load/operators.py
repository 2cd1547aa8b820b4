"""The operator: the only writer of a card and market records while others read them."""

import itertools
import random
import time
from typing import Any, Final, TypeVar

from adlrisk.api.http.codecs import JSON
from support.running import ADMIN_KEY
from support.soak import expected
from support.soak.histories import History, Version
from support.soak.load.caller import Caller
from support.soak.load.exchange import Answer, Expected, Lost, Question, find_difference
from support.soak.scene import CHANGED, MOVING, MOVING_SYMBOLS, RECORDED, Scene
from support.soak.verdict import Verdict

T = TypeVar("T")

_ATTEMPTS: Final = 100
_PAUSE_SECONDS: Final = 0.1


class Operator:
    """Changes one thing after the other and records it in the histories."""

    def __init__(self, name: str, chance: random.Random, scene: Scene) -> None:
        self._name = name
        self._chance = chance
        self._scene = scene
        self._counter = itertools.count(1)

    def set_the_scene(self, caller: Caller, verdict: Verdict) -> None:
        """Store the records that stay the same during the run, and the first version of those that change.

        Raises:
            RuntimeError: the service does not take it.
        """
        for symbol, record in self._scene.still.items():
            self._insist(caller, verdict, self._put(RECORDED, symbol, record))
        for symbol, history in self._scene.moving.items():
            self._insist(caller, verdict, self._put(MOVING, symbol, history.permitted(0.0, 0.0)[0]))

    def change_something(self, caller: Caller, verdict: Verdict) -> None:
        """Change a record or a threshold, or restore the bundled card."""
        version = next(self._counter)
        if self._chance.random() < 0.6:
            symbol, record = self._chance.choice(MOVING_SYMBOLS), self._scene.record(version)
            self._write(caller, verdict, self._put(MOVING, symbol, record), self._scene.moving[symbol], record)
            return
        override = {"score": {"leverage": 2.0 + version % 40 / 2}} if self._chance.random() < 0.7 else {}
        self._write(caller, verdict, self._change(override), self._scene.override, override)

    def _write(self, caller: Caller, verdict: Verdict, question: Question, history: History[T], value: T) -> None:
        version: Version[T] = history.send(value, at=time.monotonic())
        outcome = verdict.ask(caller, question)
        if isinstance(outcome, Answer) and outcome.status == 200:
            history.kept(version, at=outcome.over_at)
        else:
            history.uncertain(version, at=outcome.over_at)

    def _insist(self, caller: Caller, verdict: Verdict, question: Question) -> None:
        for _ in range(_ATTEMPTS):
            outcome: Answer | Lost = verdict.ask(caller, question)
            if isinstance(outcome, Answer) and outcome.status == 200:
                return
            time.sleep(_PAUSE_SECONDS)
        raise RuntimeError(f"{question.method} {question.path} is not taken: {outcome}")

    def _put(self, venue: str, symbol: str, record: Any) -> Question:
        def judge(answer: Answer) -> str | None:
            return find_difference(answer, expected.record(venue, symbol, record, answer, answered=JSON))

        return self._question(
            "put a record", "PUT", f"/venues/{venue}/markets/{symbol}", self._scene.put_of(record), judge
        )

    def _change(self, override: dict[str, Any]) -> Question:
        right: Expected = expected.card(CHANGED, answered=JSON, venues=self._scene.venues(override))

        def judge(answer: Answer) -> str | None:
            return find_difference(answer, [right])

        if override:
            return self._question("change a card", "PATCH", f"/venues/{CHANGED}", override, judge)
        return self._question("reset a card", "DELETE", f"/venues/{CHANGED}/override", None, judge)

    def _question(self, kind: str, method: str, path: str, content: Any, judge: Any) -> Question:
        headers = {"authorization": f"Bearer {ADMIN_KEY}", "x-request-id": f"{self._name}-{next(self._counter)}"}
        if content is not None:
            headers["content-type"] = "application/json"
        body = None if content is None else JSON.encode(content)
        return Question(kind=kind, method=method, path=path, headers=headers, body=body, needs_store=True, judge=judge)
