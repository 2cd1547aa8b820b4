"""The facts of a card that a user of it notices when they change, and the changes between two of its editions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.venues.catalogue import revision_of
from venue_pages.markdown import code, plain
from venue_pages.words import (
    PRICES,
    confidence_words,
    hours_words,
    percent_words,
    ranking_words,
    scale_words,
    yes_words,
)


class CardFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts of a card as it was released; of an older card, what it did not have yet has the default."""

    name: str
    revision: str
    mechanism: str
    formula: str | None = None
    confidence: str | None = None
    alternatives: dict[str, str] = {}
    contracts: tuple[str, ...]
    maintenance_basis: str = "mark"
    meter_field: str | None = None
    meter_levels: tuple[int, ...] | None = None
    meter_shares: tuple[float, ...] | None = None
    meter_direction: str | None = None
    meter_weighting: str | None = None
    price: str = "unknown"
    fee: str = "unknown"
    cancels_orders: bool | None = None
    partial: bool | None = None
    drawdown: float | None = None
    settlement_hours: float | None = None
    interval_hours: float | None = None
    adl_marks: tuple[str, ...] = ()
    liquidation_marks: tuple[str, ...] = ()


class Change(NamedTuple):
    """A fact that differs, and how, in words."""

    label: str
    text: str


def _ranking(facts: CardFacts) -> str:
    name = f"{code(facts.formula)}, " if facts.formula else ""
    return f"{ranking_words(facts.mechanism, facts.formula)} ({name}{confidence_words(facts.confidence)})"


def _meter(facts: CardFacts) -> str:
    if facts.meter_field is None:
        return "none known"
    counted = "" if facts.meter_weighting == "unknown" else f", counts {facts.meter_weighting}"
    if facts.meter_shares is not None:
        counted += f", levels end at {', '.join(map(percent_words, facts.meter_shares))} of the queue"
    return f"{code(facts.meter_field)}, {scale_words(facts.meter_levels)} ({facts.meter_direction}{counted})"


def _listed(words: Iterable[str]) -> str:
    return "; ".join(words) or "none known"


# What each fact is called, here and in the form for corrections, and how its value is worded.
VALUES: Final[dict[str, Callable[[CardFacts], str]]] = {
    "ranking": _ranking,
    "ranking by other sources": lambda facts: _listed(
        f"{ranking_words('queue', formula)} ({code(formula)}, {confidence})"
        for formula, confidence in facts.alternatives.items()
    ),
    "contracts": lambda facts: " and ".join(facts.contracts),
    "ADL meter": _meter,
    "fill price": lambda facts: PRICES[facts.price],
    "fee on a forced fill": lambda facts: facts.fee,
    "open orders are cancelled": lambda facts: yes_words(facts.cancels_orders),
    "a position can be reduced in part": lambda facts: yes_words(facts.partial),
    "maintenance margin is on": lambda facts: f"{facts.maintenance_basis} value",
    "fall of the fund that triggers": lambda facts: (
        "none known" if facts.drawdown is None else percent_words(facts.drawdown)
    ),
    "time before settlement without the fund": lambda facts: hours_words(facts.settlement_hours),
    "funding interval": lambda facts: hours_words(facts.interval_hours),
}
# Facts that are lists, of which only what has come and gone is told.
LISTS: Final[dict[str, Callable[[CardFacts], Sequence[str]]]] = {
    "marks of an ADL fill": lambda facts: facts.adl_marks,
    "marks of a liquidation": lambda facts: facts.liquidation_marks,
}
LABELS: Final = (*VALUES, *LISTS)


def facts_of(rules: VenueRules) -> CardFacts:
    """The facts of a card."""
    meter = rules.meter
    return CardFacts(
        name=rules.name,
        revision=revision_of(rules),
        mechanism=rules.mechanism,
        formula=rules.ranking.formula,
        confidence=rules.confidence,
        alternatives={other.formula: other.confidence for other in rules.alternatives},
        contracts=rules.contracts,
        maintenance_basis=rules.maintenance_basis,
        meter_field=meter.field if meter else None,
        meter_levels=meter.levels if isinstance(meter, LevelMeter) else None,
        meter_shares=meter.shares if isinstance(meter, LevelMeter) else None,
        meter_direction=meter.direction_confidence if meter else None,
        meter_weighting=meter.weighting if meter else None,
        price=rules.execution.price,
        fee=rules.execution.fee,
        cancels_orders=rules.execution.cancels_orders,
        partial=rules.execution.partial,
        drawdown=rules.trigger.drawdown,
        settlement_hours=rules.trigger.settlement_hours,
        interval_hours=rules.funding.interval_hours,
        adl_marks=rules.fills.adl,
        liquidation_marks=rules.fills.liquidation,
    )


def list_changes(before: CardFacts, after: CardFacts) -> Iterator[Change]:
    """The facts that differ, in the order of the labels."""
    for label, words in VALUES.items():
        was, now = words(before), words(after)
        if was != now:
            yield Change(label, f"was {was}, is {now}")
    for label, listed in LISTS.items():
        told = {
            "new": [mark for mark in listed(after) if mark not in listed(before)],
            "No longer": [mark for mark in listed(before) if mark not in listed(after)],
        }
        text = ". ".join(f"{word}: {plain('; '.join(marks))}" for word, marks in told.items() if marks)
        if text:
            yield Change(label, text)
