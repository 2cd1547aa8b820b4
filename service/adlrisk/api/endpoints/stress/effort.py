"""How much work a simulation or an exposure is: as rows that take as long, and where it is refused."""

import math
from collections.abc import Mapping
from typing import Final

from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.stress.moves import Moves, weigh_moves

MAX_EVALUATIONS: Final = 100_000_000
MAX_WALK_STEPS: Final = 1000

# A row of a book takes about 1.5 microseconds; a position twice that to begin with, a step 0.3 ms, and 0.1 microseconds
# a position.
_ROWS_A_POSITION: Final = 2
_ROWS_A_STEP: Final = 200
_POSITIONS_A_ROW: Final = 15
_ROUNDS: Final = 100  # of a step whose impact makes others due, at most
_SAME_STEP: Final = 1e-9


def rows_of_steps(steps: int, *, positions: int, impact: float) -> int:
    """The rows of a book that take as long as so many steps of one of so many ``positions``."""
    rounds = _ROUNDS if impact else 1
    return positions * _ROWS_A_POSITION + steps * rounds * (_ROWS_A_STEP + positions // _POSITIONS_A_ROW)


def refuse_too_many(counts: Mapping[str, int], *, pointer: str) -> None:
    """Refuse what is too much altogether: ``counts`` by name, whose product is the work.

    Raises:
        ProblemError: it is (413).
    """
    total = math.prod(counts.values())
    if total > MAX_EVALUATIONS:
        product = " × ".join(f"{count} {name}" for name, count in counts.items())
        raise _too_large(pointer, f"{product} are {total}, more than {MAX_EVALUATIONS}: give fewer of them")


def refuse_long_walk(moves: Moves) -> None:
    """Refuse a walk of too many steps to the furthest move either way.

    Raises:
        ProblemError: it is (413).
    """
    furthest = max(map(abs, weigh_moves(moves).moves))
    steps = math.ceil(furthest / moves.step - _SAME_STEP)
    if steps > MAX_WALK_STEPS:
        raise _too_large(
            "/moves/step",
            f"{steps} steps of {format_number(moves.step)} to the move of {format_number(furthest)} are more than "
            f"{MAX_WALK_STEPS}: give a larger step",
        )


def _too_large(pointer: str, detail: str) -> ProblemError:
    return ProblemError("simulation-too-large", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
