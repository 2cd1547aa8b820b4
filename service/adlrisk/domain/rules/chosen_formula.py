"""The queue formula that a book is ranked by: the one that the request names, else the venue's."""

from typing import Literal

from msgspec import Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import FORMULAS, Confidence, Formula, FormulaName

FormulaSource = Literal["venue", "request"]


class ChosenFormula(Struct, frozen=True, kw_only=True):
    """A queue formula, who chose it, and how well the venue's is known (``None`` for one of a request)."""

    name: str
    source: FormulaSource
    confidence: Confidence | None

    @property
    def formula(self) -> Formula:
        """The formula itself."""
        return FORMULAS[self.name]


def choose_formula(rules: VenueRules, requested: FormulaName | None) -> ChosenFormula | None:
    """The requested formula, else the venue's; ``None`` if there is neither."""
    if requested is not None:
        return ChosenFormula(name=requested, source="request", confidence=None)
    if rules.ranking.formula is not None:
        return ChosenFormula(name=rules.ranking.formula, source="venue", confidence=rules.confidence)
    return None


def require_formula(
    rules: VenueRules,
    requested: FormulaName | None = None,
    *,
    instead: str = "to rank all the same",
    takes_request: bool = True,
) -> ChosenFormula:
    """The requested formula, else the venue's; ``instead`` ends the advice where there is none.

    Unless the request ``takes_request``, there is no such advice.

    Raises:
        RefusedError: none is requested, and the venue has no queue, or its formula is unknown.
    """
    chosen = choose_formula(rules, requested)
    if chosen is None:
        has_queue = rules.mechanism in ("queue", "unknown")
        problem = "queue-formula-unknown" if has_queue else "venue-has-no-queue"
        what = "order of the queue is not known" if has_queue else "venue has no queue"
        advice = f"send `formula`, such as pnl_leverage, {instead}" if takes_request else "nobody can say a place in it"
        detail = f"The {what}: {advice}. {rules.mechanism_note}"
        raise RefusedError(problem=problem, path=("venue",), detail=detail)
    return chosen
