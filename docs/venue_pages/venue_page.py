"""The page of one venue: everything that its card says."""

from collections.abc import Iterator, Sequence
from typing import Final

from adlrisk.domain.rules.card import Source, VenueRules
from adlrisk.domain.rules.fills import FillMarkers, FillRule
from adlrisk.domain.rules.meter import LevelMeter
from venue_pages.markdown import GENERATED, bullets, code, plain, sentence, table
from venue_pages.words import (
    CLOSING_NOBODY,
    FORMULA_TITLES,
    PRICES,
    code_list,
    confidence_words,
    hours_words,
    percent_words,
    yes_words,
)

_QUEUE: Final = "A queue: holders of the other side are closed out, in the venue's order"
_SIDES: Final = {"reduced": "the reduced holder's", "bankrupt": "the bankrupt's", None: "not told"}


def venue_page(rules: VenueRules, *, aliases: Sequence[str], is_changed: bool) -> str:
    """The page of a venue, which requests may also name by one of the ``aliases``."""
    sections = {
        "What happens": f"{sentence(rules.mechanism_note or _QUEUE)}\n\n{bullets(_trigger_lines(rules))}",
        "Who is first": bullets(_ranking_lines(rules)),
        "Your place in the queue": bullets(_meter_lines(rules)),
        "The forced fill": bullets(_execution_lines(rules)),
        "How a forced fill is marked": _markers(rules.fills),
        "Funding": bullets(_funding_lines(rules)),
        "Not known": bullets(map(plain, rules.unknown)),
        "Sources": bullets(map(_source, rules.sources)),
    }
    return _head(rules, aliases=aliases, is_changed=is_changed) + "".join(
        f"\n## {title}\n\n{text}" for title, text in sections.items() if text
    )


def _head(rules: VenueRules, *, aliases: Sequence[str], is_changed: bool) -> str:
    rate = rules.maintenance_margin_rate
    facts = [
        f"In requests: {code(rules.id)}" + (f", also {code_list(aliases)}" if aliases else ""),
        f"In ccxt: {code_list(rules.ccxt) or 'not'}",
        f"Contracts: {' and '.join(rules.contracts)}",
        f"Maintenance margin: on {rules.maintenance_basis} value" + (f", {percent_words(rate)}" if rate else ""),
        f"Sources read: {_read_days(rules)}",
    ]
    changed = f" · [changed since the last release](CHANGES.md#{rules.id})" if is_changed else ""
    return f"{GENERATED}\n# {plain(rules.name)}\n\n[All venues](../venues.md){changed}\n\n{bullets(facts)}"


def _read_days(rules: VenueRules) -> str:
    last = max(source.read for source in rules.sources)
    return f"{rules.checked}" if last == rules.checked else f"{rules.checked} to {last}"


def _trigger_lines(rules: VenueRules) -> Iterator[str]:
    trigger, contract = rules.trigger, rules.conditions.drawdown
    yield f"What triggers it: {sentence(trigger.rule or 'not known')}"
    if trigger.drawdown is not None:
        yield f"A fall of the insurance fund by {percent_words(trigger.drawdown)} from its peak triggers it."
    if trigger.settlement_hours is not None:
        yield (
            f"In the last {hours_words(trigger.settlement_hours)} before the settlement of a contract the insurance "
            "fund does not support liquidations."
        )
    if contract is not None:
        yield (
            f"The [collector](../collector.md) takes it to start at a PnL ratio of {percent_words(contract.starts_at)} "
            f"or less and to stop above {percent_words(contract.stops_above)}, unless the venue gives a contract's own."
        )
    if trigger.pool:
        yield f"Insurance: {sentence(trigger.pool)}"
    if rules.conditions.note:
        yield f"Market data: {sentence(rules.conditions.note)}"


def _ranking_lines(rules: VenueRules) -> Iterator[str]:
    formula, sure = rules.ranking.formula, confidence_words(rules.confidence)
    if formula is not None:
        yield f"By {_formula(formula)}, {sure}."
    elif rules.confidence is None:
        yield "Not known."
    elif rules.mechanism == "queue":
        yield f"By none of the [queue formulas](../formulas.md). What is said above: {sure}."
    else:
        yield f"Nobody by a ranking. What happens instead: {sure}."
    if rules.ranking.note:
        yield sentence(rules.ranking.note)
    for other in rules.alternatives:
        note, source = sentence(other.note), sentence(other.source)
        yield f"**Or by** {_formula(other.formula)}, {other.confidence}. {note} Source: {source}"
    for past in rules.ranking.history:
        yield f"History: {sentence(past)}"


def _formula(name: str) -> str:
    return f"{FORMULA_TITLES[name]} ([{code(name)}](../formulas.md#{name}))"


def _meter_lines(rules: VenueRules) -> Iterator[str]:
    meter = rules.meter
    if meter is None:
        if rules.mechanism in ("queue", "unknown"):
            yield "No reading that can be used is known."
        return
    yield f"{code(meter.field)} of {plain(meter.endpoint)}"
    if isinstance(meter, LevelMeter):
        levels = ", ".join(map(str, meter.levels))
        if meter.shares is None:
            yield f"{levels}: from the fifth that is reduced first to the last fifth."
        else:
            ends = ", ".join(map(percent_words, meter.shares))
            yield f"{levels}: from the front of the queue, each up to {ends} of it."
        if meter.also_lowest:
            yield f"As the last of these: {', '.join(map(str, meter.also_lowest))}."
    else:
        yield "1 to 0: from the front of the queue to its end."
    if meter.none:
        yield f"No position or no rank: {', '.join(f'{reading:g}' for reading in meter.none)}."
    counted = "not known" if meter.weighting == "unknown" else meter.weighting
    yield f"How well the direction is known: {meter.direction_confidence}. What the venue counts: {counted}."
    if meter.trap:
        yield f"**Easily misread:** {sentence(meter.trap)}"
    if meter.note:
        yield sentence(meter.note)


def _execution_lines(rules: VenueRules) -> Iterator[str]:
    terms = rules.execution
    if rules.mechanism not in CLOSING_NOBODY:
        yield f"Price: {PRICES[terms.price]}"
        yield f"Fee: {terms.fee}"
        yield f"Open orders are cancelled: {yes_words(terms.cancels_orders)}"
        yield f"A position can be reduced in part: {yes_words(terms.partial)}"
    if terms.note:
        yield sentence(terms.note)


def _funding_lines(rules: VenueRules) -> Iterator[str]:
    yield f"Interval: {hours_words(rules.funding.interval_hours)}"
    if rules.funding.note:
        yield sentence(rules.funding.note)


def _markers(fills: FillMarkers) -> str:
    words = [f"{name}: {'; '.join(map(plain, marks))}" for name, marks in _marks_in_words(fills) if marks]
    text = bullets([*(words or ["Not known"]), *([sentence(fills.note)] if fills.note else [])])
    if not fills.rules:
        return text
    header = ("fill", "whose", "field", "value", "how sure")
    return (
        f"{text}\nFor programs, the first line that fits a fill tells what it is. A fill that fits none is unknown, "
        f"not an ordinary trade.\n\n{table(header, map(_marker_row, fills.rules))}"
    )


def _marks_in_words(fills: FillMarkers) -> Iterator[tuple[str, Sequence[str]]]:
    yield "ADL", fills.adl
    yield "Liquidation", fills.liquidation


def _marker_row(rule: FillRule) -> tuple[str, ...]:
    if rule.starts_with is not None:
        value = f"starts with {code(rule.starts_with)}"
    else:
        value = code_list(rule.one_of) if rule.equals is None else code(rule.equals)
    whose = _SIDES[rule.side_of] if rule.kind in ("adl", "liquidation") else ""
    sure = rule.confidence + (f": {plain(rule.note)}" if rule.note else "")
    return rule.kind, whose, code(rule.field), value, sure


def _source(source: Source) -> str:
    return f"{plain(source.title)}: {plain(source.where)} (read {source.read})"
