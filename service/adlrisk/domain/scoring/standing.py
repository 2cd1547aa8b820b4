"""Where a position stands in its venue's ADL queue, as far as the reading of its meter and the formula tell."""

from functools import cache
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import FORMULAS

Place = Literal["no_adl_at_venue", "not_in_queue", "front", "middle", "back", "unknown"]

WITHOUT_FORCED_CLOSES: Final = ("socialised", "none")  # mechanisms
_MIDDLE: Final = 0.5  # of the queue, whatever reading the signal fires at


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """The position's place in the venue's queue."""

    place: Annotated[
        Place,
        Meta(
            description="`no_adl_at_venue`: it closes no positions for others' losses; `not_in_queue`: insolvent, or "
            "without profit where only winners are taken; `front`, `middle`, `back` of the queue; `unknown`."
        ),
    ]
    reason: Annotated[str, Meta(description="One sentence.")]


def find_standing(state: PositionState, *, rules: VenueRules, reading: float | None, place: float | None) -> Standing:
    """The standing of a position; ``place`` is its meter's normalised ``reading``, ``None`` where there is none.

    The meter decides over the formula; who is not in the queue has no place that a meter could show.
    """
    if rules.mechanism in WITHOUT_FORCED_CLOSES:
        return _no_adl(rules.name)
    if state.equity is not None and state.equity <= 0.0:
        return _INSOLVENT
    loses = state.return_on_entry <= 0.0
    if loses:
        is_left_out = _left_out(rules.mechanism, rules.ranking.formula, rules.confidence)
        if is_left_out is not None:
            return is_left_out if place is None or place < _MIDDLE else _say_despite(is_left_out, rules)
    if place is not None and reading is not None:
        return _by_meter(rules, reading, place, loses_by_formula=loses and _ranks_losers_last(rules.ranking.formula))
    if loses and _ranks_losers_last(rules.ranking.formula):
        return _last_by_formula(str(rules.ranking.formula), str(rules.confidence))
    return _unknown(rules.mechanism, rules.meter.field if rules.meter else None)


def _say_despite(standing: Standing, rules: VenueRules) -> Standing:
    """The standing of who is not taken, although the meter shows a place ahead."""
    field = rules.meter.field if rules.meter else ""
    return Standing(place=standing.place, reason=f"{standing.reason[:-1]}, whatever {field} reads.")


def _ranks_losers_last(formula: str | None) -> bool:
    return formula is not None and FORMULAS[formula].loser is not FORMULAS[formula].winner


def _by_meter(rules: VenueRules, reading: float, place: float, *, loses_by_formula: bool) -> Standing:
    where: Place = "front" if place > _MIDDLE else "middle" if place == _MIDDLE else "back"
    field = rules.meter.field if rules.meter else ""
    reason = f"{field} reads {format_number(reading)}, which is {_WHERE[where]}"
    if loses_by_formula and where != "back":
        reason += f", although {rules.ranking.formula} would rank a position without profit last"
    return Standing(place=where, reason=f"{reason}.")


_WHERE: Final = {
    "front": "the front half of the queue",
    "middle": "the middle of the queue",
    "back": "the back half of the queue",
}
_INSOLVENT: Final = Standing(
    place="not_in_queue", reason="Equity is used up: the position is liquidated itself, so it is in no queue."
)
_BY_MECHANISM: Final = {
    "random": "Chance decides who is closed here, whatever the profit.",
    "keeper": "A keeper of the venue chooses among profitable positions.",
}


@cache
def _no_adl(name: str) -> Standing:
    return Standing(place="no_adl_at_venue", reason=f"{name} closes no position for the losses of others.")


@cache
def _left_out(mechanism: str, formula: str | None, confidence: str | None) -> Standing | None:
    """The standing of a position without profit where only winners are taken; ``None`` elsewhere."""
    if mechanism == "keeper":
        reason = "The venue's keepers reduce profitable positions only, and this one makes no profit."
    elif formula is not None and FORMULAS[formula].loser is None:
        reason = "Only winners are in the queue, and this position makes no profit"
        reason += "; other sources rank it last." if confidence == "disputed" else "."
    else:
        return None
    return Standing(place="not_in_queue", reason=reason)


@cache
def _last_by_formula(formula: str, confidence: str) -> Standing:
    reason = f"It makes no profit, and the venue's ranking ({formula}, {confidence}) puts that behind all winners."
    return Standing(place="back", reason=reason)


@cache
def _unknown(mechanism: str, meter: str | None) -> Standing:
    if mechanism in _BY_MECHANISM:
        reason = _BY_MECHANISM[mechanism]
    elif meter is not None:
        reason = f"Unknown without a rank in adl_meter: the venue shows the place as {meter}."
    else:
        reason = "The venue publishes no reading of the place, and a key without the others' keys does not tell it."
    return Standing(place="unknown", reason=reason)
