"""The path that leads to each move in one gap: the fund pays for all overshoot."""

from itertools import pairwise
from typing import TYPE_CHECKING

from adlrisk.domain.stress.paths.nearest import refine
from adlrisk.domain.stress.paths.outcome import MoveOutcome
from adlrisk.domain.stress.paths.scene import PathResult, Place, Scene

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags


def take_gaps(scene: Scene) -> dict[str, PathResult]:
    """Each move from today's book in one step, and no move, by case."""
    outcomes: dict[str, dict[float, MoveOutcome]] = {case: {} for case in scene.cases}
    for move in sorted({0.0, *scene.weighted.moves}):
        place = Place(scene, move)
        for case in scene.cases:
            outcomes[case][move] = scene.watch.add(scene.watch.nothing, place.run(case, scene.start))
    return {
        case: PathResult(
            outcomes=of_case,
            down=_find_nearest(scene, case, of_case, sign=-1.0),
            up=_find_nearest(scene, case, of_case, sign=1.0),
        )
        for case, of_case in outcomes.items()
    }


def _find_nearest(scene: Scene, case: str, outcomes: dict[float, MoveOutcome], *, sign: float) -> list[float | None]:
    """The nearest move of one sign that closes any of each watched position, among ``outcomes`` and between them."""

    def closes(move: float) -> "Flags":
        done = Place(scene, move).run(case, scene.start)
        flags: Flags = scene.watch.add(scene.watch.nothing, done).closed > 0
        return flags

    reached = outcomes[0.0].closed > 0
    found: list[float | None] = [0.0 if at_once else None for at_once in reached.tolist()]
    moves = sorted((move for move in outcomes if move * sign >= 0.0), key=abs)
    for nearer, further in pairwise(moves):
        now = outcomes[further].closed > 0
        refine(nearer, further, reached=now & ~reached, closes=closes, found=found)
        reached = reached | now
    return found
