"""The situation to plan in: a position as it is held and judged, and how changes of it are judged."""

from collections.abc import Callable

from msgspec import Struct

from adlrisk.domain.planning.costs.terms import Terms
from adlrisk.domain.planning.held import Held, OwnMaintenance, is_within_bounds
from adlrisk.domain.planning.option import Order
from adlrisk.domain.planning.target import Judged, Target, reaches
from adlrisk.domain.rules.signal_thresholds import PrecomputedThresholds
from adlrisk.domain.scoring.score import Score

Goal = Callable[[Judged], bool]


class Situation(Struct, frozen=True, kw_only=True):
    """A position with all that a plan goes by. ``judge`` judges what is held as a request with it would be."""

    held: Held
    is_cross: bool
    now: Judged
    judge: Callable[[Held], Judged]
    own_maintenance: OwnMaintenance
    target: Target
    terms: Terms
    thresholds: PrecomputedThresholds
    orders: tuple[Order, ...] = ()
    has_other_legs: bool = False

    @property
    def knows_maintenance(self) -> bool:
        """Whether its maintenance margin is known by rates, so that it is known for other sizes as well."""
        return self.own_maintenance(self.held) is not None

    def meets(self, held: Held | None, goal: Goal) -> bool:
        """Whether ``held`` is possible, meets ``goal`` and scores no worse than now."""
        if held is None or not is_within_bounds(held):
            return False
        judged = self.judge(held)
        return judged.score.score <= self.now.score.score and goal(judged)

    def reaches(self, judged: Judged) -> bool:
        """Whether a position judged so has the target."""
        return reaches(judged, self.target)

    def gains_by_roll(self) -> bool:
        """Whether a roll, which turns profit into margin, can help: to a lower score, or back in a queue of profits."""
        if self.is_profitable(self.now.score):
            return True
        return self.target.leave_fifth is not None and self.now.score.state.unrealized_pnl > 0.0

    def is_levered(self, score: Score) -> bool:
        """Whether the leverage signal fires."""
        return score.signals[0].fired is True

    def is_profitable(self, score: Score) -> bool:
        """Whether the profit signal fires."""
        return score.signals[1].fired is True

    def is_top_heavy(self, score: Score) -> bool:
        """Whether profit is so large a part of the equity that the profit signal fires by it."""
        share = score.state.profit_share
        return share is not None and share >= self.thresholds.top_heavy_share.reached_from

    def goals(self, most: Judged | None) -> list[Goal]:
        """What steps can do, the best first: reach the target, else lower the score, else turn off what they can.

        ``most`` is the judgement after the most steps, ``None`` where there are none.
        """
        found: list[Goal] = [self.reaches]
        score = self.now.score
        if most is not None and most.score.score < score.score:
            return [self.reaches, lambda after: after.score.score <= most.score.score]
        if self.is_levered(score) or self.is_top_heavy(score):
            found.append(lambda after: not self.is_levered(after.score) and not self.is_top_heavy(after.score))
        if self.is_levered(score):
            found.append(lambda after: not self.is_levered(after.score))
        if self.is_top_heavy(score):
            found.append(lambda after: not self.is_top_heavy(after.score))
        return found
