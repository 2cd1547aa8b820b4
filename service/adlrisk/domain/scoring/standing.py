"""Where a position stands in its venue's ADL queue, as far as the reading of its meter and the formula tell."""

from functools import cache
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import Mechanism, VenueRules
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


class FoundPlace(Struct, frozen=True, gc=False):
    """A place in the queue, and what tells it."""

    place: Place
    basis: Literal["mechanism", "equity", "winners_only", "meter", "formula", "nothing"]


def find_place(state: PositionState, *, rules: VenueRules, rank: float | None) -> FoundPlace:
    """The place of a position; ``rank`` is its meter's normalised reading, ``None`` where there is none.

    The meter decides over the formula; who is not in the queue has no place that a meter could show.
    """
    if rules.mechanism in WITHOUT_FORCED_CLOSES:
        return _NO_ADL
    if state.equity is not None and state.equity <= 0.0:
        return _INSOLVENT
    loses, formula = state.return_on_entry <= 0.0, rules.ranking.formula
    if loses and _takes_winners_only(rules.mechanism, formula):
        return _NO_WINNER
    if rank is not None:
        return _AHEAD if rank > _MIDDLE else _HALFWAY if rank == _MIDDLE else _BEHIND
    return _LAST if loses and _ranks_losers_last(formula) else _UNKNOWN


_NO_ADL: Final = FoundPlace("no_adl_at_venue", "mechanism")
_INSOLVENT: Final = FoundPlace("not_in_queue", "equity")
_NO_WINNER: Final = FoundPlace("not_in_queue", "winners_only")
_AHEAD: Final = FoundPlace("front", "meter")
_HALFWAY: Final = FoundPlace("middle", "meter")
_BEHIND: Final = FoundPlace("back", "meter")
_LAST: Final = FoundPlace("back", "formula")
_UNKNOWN: Final = FoundPlace("unknown", "nothing")


def explain_standing(
    found: FoundPlace, state: PositionState, *, rules: VenueRules, reading: float | None, rank: float | None
) -> Standing:
    """The standing of a position whose place was ``found``; ``reading`` is its meter's, and ``rank`` what it means."""
    if found.basis == "mechanism":
        return _no_adl(rules.name)
    if found.basis == "equity":
        return _USED_UP
    if found.basis == "winners_only":
        left_out = _left_out(rules.mechanism, rules.confidence)
        return left_out if rank is None or rank < _MIDDLE else _say_despite(left_out, rules)
    if found.basis == "meter" and reading is not None:
        loses_by_formula = state.return_on_entry <= 0.0 and _ranks_losers_last(rules.ranking.formula)
        return _by_meter(rules, reading, found.place, loses_by_formula=loses_by_formula)
    if found.basis == "formula":
        return _last_by_formula(str(rules.ranking.formula), str(rules.confidence))
    return _unknown(rules.mechanism, rules.meter.field if rules.meter else None)


def _takes_winners_only(mechanism: Mechanism, formula: str | None) -> bool:
    return mechanism == "keeper" or (formula is not None and FORMULAS[formula].loser is None)


def _ranks_losers_last(formula: str | None) -> bool:
    return formula is not None and FORMULAS[formula].loser is not FORMULAS[formula].winner


def _say_despite(standing: Standing, rules: VenueRules) -> Standing:
    """The standing of who is not taken, although the meter shows a place ahead."""
    field = rules.meter.field if rules.meter else ""
    return Standing(place=standing.place, reason=f"{standing.reason[:-1]}, whatever {field} reads.")


def _by_meter(rules: VenueRules, reading: float, where: Place, *, loses_by_formula: bool) -> Standing:
    field = rules.meter.field if rules.meter else ""
    reason = f"{field} reads {format_number(reading)}, which is {_WHERE[where]}"
    if loses_by_formula and where != "back":
        reason += f", although {rules.ranking.formula} would rank a position without profit last"
    return Standing(place=where, reason=f"{reason}.")


_WHERE: Final[dict[Place, str]] = {
    "front": "the front half of the queue",
    "middle": "the middle of the queue",
    "back": "the back half of the queue",
}
_USED_UP: Final = Standing(
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
def _left_out(mechanism: Mechanism, confidence: str | None) -> Standing:
    """The standing of a position without profit where only winners are taken."""
    if mechanism == "keeper":
        reason = "The venue's keepers reduce profitable positions only, and this one makes no profit."
    else:
        reason = "Only winners are in the queue, and this position makes no profit"
        reason += "; other sources rank it last." if confidence == "disputed" else "."
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
