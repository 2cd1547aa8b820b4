"""The path that walks to each move in small steps: each liquidation on the way happens where it is due.

One walk in each direction serves all moves: book and fund are carried from step to step, and each move branches off
from the last step before it.
"""

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from adlrisk.domain.stress.paths.nearest import refine
from adlrisk.domain.stress.paths.outcome import MoveOutcome
from adlrisk.domain.stress.paths.scene import PathResult, Place, Scene

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags
    from adlrisk.domain.stress.chain.step import State

_SAME_MOVE: Final = 1e-12


class _Walker:
    """One case on its way in one direction."""

    def __init__(self, scene: Scene, case: str, *, at_once: MoveOutcome) -> None:
        self._scene = scene
        self._case = case
        self._state: State = scene.start
        self._so_far = scene.watch.nothing
        self._last_move = 0.0  # looked at
        self._reached: Flags = at_once.closed > 0
        self.found: list[float | None] = [0.0 if reached else None for reached in self._reached.tolist()]

    def look(self, place: Place) -> MoveOutcome:
        """The outcome of a move that branches off here."""
        outcome = self._scene.watch.add(self._so_far, place.run(self._case, self._state))
        self._find_nearest(place.move, outcome)
        return outcome

    def go(self, place: Place) -> None:
        """Take a step of the walk."""
        done = place.run(self._case, self._state)
        outcome = self._scene.watch.add(self._so_far, done)
        self._find_nearest(place.move, outcome)
        self._state, self._so_far = place.state_after(done), outcome

    def _find_nearest(self, move: float, outcome: MoveOutcome) -> None:
        def closes(between: float) -> "Flags":
            done = Place(self._scene, between).run(self._case, self._state)
            flags: Flags = self._scene.watch.add(self._so_far, done).closed > 0
            return flags

        now: Flags = outcome.closed > 0
        refine(self._last_move, move, reached=now & ~self._reached, closes=closes, found=self.found)
        self._reached = self._reached | now
        self._last_move = move


class _Direction(Struct, frozen=True, kw_only=True):
    """What all walkers of one direction have found, by case."""

    outcomes: dict[str, dict[float, MoveOutcome]]
    nearest: dict[str, list[float | None]]


def walk_to_moves(scene: Scene, *, at_once: dict[str, MoveOutcome]) -> dict[str, PathResult]:
    """Each move at the end of a walk, by case; ``at_once`` is what happens at no move, which needs no walk."""
    down, up = (_walk(scene, sign=sign, at_once=at_once) for sign in (-1.0, 1.0))
    return {
        case: PathResult(
            outcomes={0.0: at_once[case], **down.outcomes[case], **up.outcomes[case]},
            down=down.nearest[case],
            up=up.nearest[case],
        )
        for case in scene.cases
    }


def _walk(scene: Scene, *, sign: float, at_once: dict[str, MoveOutcome]) -> _Direction:
    """Walk all cases in one direction, to its furthest move."""
    targets = sorted({move for move in scene.weighted.moves if move * sign > 0.0}, key=abs)
    walkers = {case: _Walker(scene, case, at_once=at_once[case]) for case in scene.cases}
    outcomes: dict[str, dict[float, MoveOutcome]] = {case: {} for case in scene.cases}
    steps = 0
    for target in targets:
        while (way := (steps + 1) * scene.weighted.step) < abs(target) - _SAME_MOVE:
            place = Place(scene, sign * way)
            for walker in walkers.values():
                walker.go(place)
            steps += 1
        place = Place(scene, target)
        for case, walker in walkers.items():
            outcomes[case][target] = walker.look(place)
    return _Direction(outcomes=outcomes, nearest={case: walker.found for case, walker in walkers.items()})
