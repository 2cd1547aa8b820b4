"""Where all paths of an exposure begin, and what the cases of liquidity share at one mark price."""

from collections.abc import Mapping

from msgspec import Struct

from adlrisk.domain.stress.chain.accounts import Accounts, remove_accounts
from adlrisk.domain.stress.chain.marked import MarkedAccounts
from adlrisk.domain.stress.chain.order_book import Ladder
from adlrisk.domain.stress.chain.step import Pulse, State, StepRounds, run_step
from adlrisk.domain.stress.moves import WeightedMoves, depth_left_at
from adlrisk.domain.stress.paths.outcome import MoveOutcome, Watch
from adlrisk.domain.stress.terms import Terms


class Scene(Struct, frozen=True, kw_only=True):
    """Where all paths begin, and what they go by."""

    start: State
    terms: Terms
    ladders: tuple[Ladder, Ladder]
    mark_price: float
    weighted: WeightedMoves
    cases: Mapping[str, float]  # the share of the depth that each leaves, in full
    watch: Watch
    pulse: Pulse


class PathResult(Struct, frozen=True, kw_only=True):
    """The outcome of each move of one case on one path, and the nearest moves down and up that close each position."""

    outcomes: Mapping[float, MoveOutcome]
    down: list[float | None]
    up: list[float | None]


class Place:
    """The accounts of all cases at one move of the mark price.

    Who is due, in which order, and the queue of the other side are worked out once for cases that have the same
    accounts, and so are the accounts after a step that has only liquidated.
    """

    def __init__(self, scene: Scene, move: float) -> None:
        self.move = move
        self._scene = scene
        self._mark_price = scene.mark_price * (1.0 + move)
        # By the identity of the accounts before, which the values keep alive.
        self._marked: dict[int, MarkedAccounts] = {}
        self._removed: dict[int, Accounts] = {}

    def run(self, case: str, state: State) -> StepRounds:
        """The step of ``case`` from ``state``."""
        scene = self._scene
        marked = self._marked.get(id(state.accounts))
        if marked is None:
            marked = MarkedAccounts(state.accounts, scene.terms, mark_price=self._mark_price)
            self._marked[id(state.accounts)] = marked
        left = depth_left_at(self.move, least=scene.cases[case], deviation=scene.weighted.deviation)
        return run_step(
            state,
            scene.terms,
            scene.ladders,
            mark_price=self._mark_price,
            depth_left=left,
            pulse=scene.pulse,
            marked=marked,
        )

    def state_after(self, done: StepRounds) -> State:
        """Book and fund after a step of this place."""
        if len(done.rounds) != 1 or done.rounds[0].adl:
            return done.state_after()
        (only,) = done.rounds
        accounts = self._removed.get(id(only.accounts))
        if accounts is None:
            accounts = self._removed[id(only.accounts)] = remove_accounts(only.accounts, only.due.indices)
        return State(accounts=accounts, fund=only.fund, held=only.held)
