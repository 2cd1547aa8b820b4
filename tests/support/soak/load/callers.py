"""All clients of a run, each in its own thread."""

import random
import threading
import traceback
from collections.abc import Callable
from typing import Final, Self

from support.soak.load.bad_input import InvalidInputBot, MisbehavingClient
from support.soak.load.bots import Bot, large_books
from support.soak.load.caller import Caller
from support.soak.load.operators import Operator
from support.soak.scene import Scene
from support.soak.verdict import Verdict

_MISBEHAVING: Final = 2
_THINKING_SECONDS: Final = 0.03  # maximum pause of a bot between two questions
_SLEEPING_SECONDS: Final = 4.0  # the same for a slow bot, whose connection is idle while a replica drains
_INVALID_INPUT_SECONDS: Final = 0.1
_CHANGING_SECONDS: Final = 0.4
_RENEWED: Final = 0.03  # connections, or all of them would gather at the replica that is never restarted
_ENDS_WITHIN_SECONDS: Final = 60.0


class Callers:
    """A context in which all clients ask."""

    def __init__(self, *, port: int, bots: int, seed: int, scene: Scene, verdict: Verdict) -> None:
        self._port = port
        self._verdict = verdict
        self._ends = threading.Event()
        self._threads: list[threading.Thread] = []
        large = large_books(random.Random(seed))
        for number in range(bots + 1):
            bot = Bot(f"bot-{number}", random.Random(seed + number), scene, large)
            self._add(self._asking(bot), _THINKING_SECONDS if number < bots else _SLEEPING_SECONDS)
        self._add(self._asking(InvalidInputBot("invalid", random.Random(seed))), _INVALID_INPUT_SECONDS)
        self._operator = Operator("operator", random.Random(seed), scene)
        self._add(lambda caller: self._operator.change_something(caller, verdict), _CHANGING_SECONDS)
        self._misbehaving = [
            MisbehavingClient(f"rude-{number}", random.Random(seed + number), scene, port)
            for number in range(_MISBEHAVING)
        ]
        for client in self._misbehaving:
            self._add(self._misbehaviour_of(client), _INVALID_INPUT_SECONDS)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(_ENDS_WITHIN_SECONDS)
            if thread.is_alive():
                self._verdict.complain("a caller does not come to an end")

    @property
    def hung_up(self) -> int:
        """The number of requests aborted in the middle."""
        return sum(client.hung_up for client in self._misbehaving)

    def set_the_scene(self) -> None:
        """Store the records that the questions are about."""
        with Caller(self._port) as caller:
            self._operator.set_the_scene(caller, self._verdict)

    def _asking(self, asks: Bot | InvalidInputBot) -> Callable[[Caller], object]:
        return lambda caller: self._verdict.ask(caller, asks.next_question())

    def _misbehaviour_of(self, client: MisbehavingClient) -> Callable[[Caller], object]:
        return lambda _: client.misbehave(self._verdict)

    def _add(self, act: Callable[[Caller], object], longest_pause_seconds: float) -> None:
        chance = random.Random(len(self._threads))
        self._threads.append(
            threading.Thread(target=self._keep, args=(act, longest_pause_seconds, chance), daemon=True)
        )

    def _keep(self, act: Callable[[Caller], object], longest_pause_seconds: float, chance: random.Random) -> None:
        with Caller(self._port) as caller:
            while not self._ends.wait(chance.uniform(0.0, longest_pause_seconds)):
                if chance.random() < _RENEWED:
                    caller.close()
                try:
                    act(caller)
                except Exception:  # noqa: BLE001 (whatever it is, a run without this caller must not pass for good)
                    self._verdict.complain(traceback.format_exc())
                    return
