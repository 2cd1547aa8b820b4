"""Which actions apply to a position, most useful first.

An action is given only where it changes something: margin where it turns a signal off or lowers the key that ranks the
position; closing part of an isolated position only for what is then left to be taken, since it releases margin in
proportion. At a venue without forced closes no sentence mentions one.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from adlrisk.domain.scoring.advice.action import MOVES_LIQUIDATION, Action, ActionName, Advice, Urgency
from adlrisk.domain.scoring.advice.case import Case, Traits, find_traits
from adlrisk.domain.scoring.advice.crowding import advise_entries
from adlrisk.domain.scoring.advice.liquidation import advise_buffer
from adlrisk.domain.scoring.advice.margin_and_size import advise_margin, advise_size
from adlrisk.domain.scoring.advice.profit_and_hedge import advise_hedge, advise_hedger, advise_profit
from adlrisk.domain.scoring.signals import SignalName

_PLACES: Final = 10  # more than there are actions


Candidate = tuple[int, ActionName, tuple[SignalName, ...], Urgency, Callable[[Case, Traits], Advice | None]]


def advise(case: Case) -> tuple[Action, ...]:
    """The actions that apply now; none if there are no concerns and no liquidation is near."""
    traits = find_traits(case)
    found = []
    for place, name, applies_to, of_signals, describe in _cached_selection(traits):
        advice = describe(case, traits)
        if advice is None:
            continue
        effect, reason, amount, unit = advice
        urgency: Urgency = "fired" if effect == MOVES_LIQUIDATION else of_signals
        order = effect + _PLACES * (urgency == "near")
        action = Action(action=name, applies_to=applies_to, for_=urgency, reason=reason, amount=amount, unit=unit)
        found.append((order * _PLACES + place, action))
    found.sort()  # the places differ, so no actions are compared
    return tuple([action for _, action in found])


_ADVICE: Final[dict[ActionName, Callable[[Case, Traits], Advice | None]]] = {
    "add_margin": advise_margin,
    "reduce_size": advise_size,
    "take_profit": advise_profit,
    "keep_margin_buffer": advise_buffer,
    "avoid_crowded_entry": advise_entries,
    "hedge": advise_hedge,
    "watch_hedge": advise_hedger,
}


def _answered(traits: Traits) -> dict[ActionName, tuple[SignalName, ...]]:
    """The signals that each action answers, if they are a concern."""
    share: tuple[SignalName, ...] = ("profit",) if traits.of_share else ()
    rank: tuple[SignalName, ...] = ("profit", "adl_meter")
    exposure: tuple[SignalName, ...] = ("funding", "market_stress", "adl_meter")
    return {
        "add_margin": ("leverage", *share, *(rank if traits.lowers_key else ())),
        "reduce_size": (
            *(() if traits.margin_mode == "isolated" else ("leverage", *share)),
            *(rank if traits.can_be_taken else ()),
        ),
        "take_profit": rank if traits.has_profit else (),
        "keep_margin_buffer": ("leverage", "market_stress"),
        "avoid_crowded_entry": ("funding", "market_stress"),
        "hedge": () if traits.hedged else exposure,
        "watch_hedge": exposure if traits.hedged and traits.deleverages else (),
    }


def _select(traits: Traits) -> tuple[Candidate, ...]:
    """The actions that answer a concern, and the one against liquidation, which may be near without any."""
    selected: list[Candidate] = []
    for name, answers in _answered(traits).items():
        applies_to = tuple(signal for signal in traits.concerns if signal in answers)
        if not applies_to and name != "keep_margin_buffer":
            continue
        has_fired = not applies_to or not set(applies_to).isdisjoint(traits.fired)
        selected.append((len(selected), name, applies_to, "fired" if has_fired else "near", _ADVICE[name]))
    return tuple(selected)


# Cached without a decorator: `make mutation` skips decorated functions.
_cached_selection: Final = lru_cache(maxsize=4096)(_select)
