"""A candidate: the largest size, and the least that must back it, at which it has the target."""

import math
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.domain.planning.held import Held, is_within_bounds, margin_given, resize
from adlrisk.domain.planning.search.least import Turns, find_least
from adlrisk.domain.planning.search.steps import margin_of_steps, step_size, steps_of
from adlrisk.domain.planning.situation import Situation
from adlrisk.domain.position.bounds import LARGEST


class Candidate(Struct, frozen=True, kw_only=True, gc=False):
    """How far a candidate can go, everything else as it is sent."""

    largest_size: Annotated[
        float | None,
        Meta(
            description="Contracts, in whole lots; 0 where no lot has the target, null where nothing limits it. Beyond "
            "the size sent it goes by the maintenance rate that was sent with it, though larger tiers ask more: name "
            "a `symbol` whose market record has the tiers."
        ),
    ]
    least_margin: Annotated[
        float | None,
        Meta(
            description="In steps of `margin_step`, what has to stand where the request says what backs the position: "
            "in `equity` (of the account or the position), else in the account's `wallet_balance`, else in `margin`; "
            "null where nothing has the target."
        ),
    ]

    @property
    def is_possible(self) -> bool:
        """Whether some size or some margin has the target."""
        return self.largest_size != 0.0 or self.least_margin is not None


def find_candidate(situation: Situation) -> Turns[Candidate | None]:
    """How large the position may be, and how little may back it; ``None`` where nobody knows when it is liquidated.

    Raises:
        RefusedError: the position is no whole number of the lots that the request gives.
    """
    if situation.now.score.state.equity is None or not situation.knows_maintenance:
        return None
    step_size(situation.held.position.size, situation.terms)  # which refuses what is no whole number of lots
    size = yield from _find_largest_size(situation)
    margin = yield from _find_least_margin(situation)
    return Candidate(largest_size=size, least_margin=margin)


def _find_largest_size(situation: Situation) -> Turns[float | None]:
    lot_size = situation.terms.lot_size
    most = math.floor(LARGEST * (1.0 - 1e-9) / lot_size)

    def is_too_large(lots: int) -> bool:
        return not _suits(situation, _resize(situation, lots))

    guess = steps_of(situation.held.position.size, lot_size)
    too_large = yield from find_least(is_too_large, guess=guess, largest=most)
    if too_large is None:
        return None
    return float(size_of_lots(too_large - 1, lot_size))


def _find_least_margin(situation: Situation) -> Turns[float | None]:
    step = situation.terms.margin_step
    most = math.floor(LARGEST * (1.0 - 1e-9) / step)

    def is_enough(steps: int) -> bool:
        return _suits(situation, back(situation.held, margin_of_steps(steps, situation.terms)))

    if not is_enough(most):
        return None
    guess = steps_of(_backing(situation.held), step)
    steps = yield from find_least(is_enough, guess=guess, largest=most)
    return None if steps is None else margin_of_steps(steps, situation.terms)


def _suits(situation: Situation, held: Held) -> bool:
    """Whether ``held`` has the target, and its equity and its maintenance margin are known."""
    if not is_within_bounds(held):
        return False
    judged = situation.judge(held)
    is_known = judged.score.state.equity is not None and situation.own_maintenance(held) is not None
    return is_known and situation.reaches(judged)


def _resize(situation: Situation, lots: int) -> Held:
    size = float(size_of_lots(lots, situation.terms.lot_size))
    return resize(situation.held, size, own=situation.own_maintenance)


def back(held: Held, amount: float) -> Held:
    """``held`` with ``amount`` in place of what the request says backs it."""
    position, account = held.position, held.account
    if account is not None:
        if account.equity is not None:
            wallet = None  # it follows from the equity
            return Held(
                position=position, account=msgspec.structs.replace(account, equity=amount, wallet_balance=wallet)
            )
        return Held(position=position, account=msgspec.structs.replace(account, wallet_balance=amount))
    if position.equity is not None:
        return Held(position=msgspec.structs.replace(position, equity=amount))
    return Held(position=msgspec.structs.replace(position, margin=amount, leverage=None))


def _backing(held: Held) -> float:
    position, account = held.position, held.account
    given = (position.equity, margin_given(position)) if account is None else (account.equity, account.wallet_balance)
    return next((amount for amount in given if amount is not None), 1.0)
