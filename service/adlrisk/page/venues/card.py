"""``/page/venues/{venue}``: all that a rule card says, in the order in which a trader asks."""

from collections.abc import Iterator, Sequence
from typing import Final

import htpy as h

from adlrisk.api.endpoints.venues.schema import VenueCard
from adlrisk.domain.rules.card import Source
from adlrisk.domain.rules.card_words import (
    CLOSING_NOBODY,
    CONFIDENCES,
    FORMULA_TITLES,
    PRICES,
    confidence_words,
    hours_words,
    no_meter_words,
    percent_words,
    ranking_words,
    scale_words,
    yes_words,
)
from adlrisk.domain.rules.fills import FillRule
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.page.venues.overview import days_read
from adlrisk.page.venues.parts import VENUES_PATH, finish, link_to, render_facts, render_list, render_search
from adlrisk.page.venues.thresholds import render_thresholds

_QUEUE: Final = "A queue: holders of the other side are closed out, in the venue's order."
_SIDES: Final = {"reduced": "the reduced holder's", "bankrupt": "the bankrupt's", None: "not told"}
_FIFTHS: Final = ("first fifth (closed first)", "second fifth", "third fifth", "fourth fifth", "last fifth")
_CHANGED: Final = {
    "override": "Operators of this service have changed this card while it runs; what stands here is in force.",
    "local": "This card is the operators' own, not one that comes with adlrisk.",
}


def render_venue(card: VenueCard, *, aliases: Sequence[str] = ()) -> h.Node:
    """The page of a venue, which requests may also name by one of the ``aliases``."""
    return h.div(".venue")[
        h.p(".soft")[h.a(href=VENUES_PATH)["All venues"]],
        h.h1[card.name],
        _render_brief(card),
        h.p(".do")[
            h.a(".button", href=f"/page?venue={card.id}")["Score a position here"],
            " ",
            h.a(".button", href=f"/page/book?venue={card.id}")["Rank a book here"],
        ],
        _section("What happens", render_list(_happening(card))),
        _section("Who is closed first", render_list(_ranking(card))),
        _section("Your place in the queue: the ADL meter", _render_meter(card)),
        _section("The forced fill", render_facts(_execution(card)), _note(card.execution.note)),
        _section("How to recognise a forced fill", _render_marks(card)),
        _section("Funding and margin", render_facts(_terms(card)), _note(card.funding.note)),
        _section("At what values the score's signals fire here", render_thresholds(card)),
        h.section[
            h.h2("#not-known")["Not known"],
            render_list(map(finish, card.unknown)) if card.unknown else h.p["No open question is noted."],
        ],
        _section("Sources", render_list(map(_source, card.sources))),
        _render_origin(card, aliases),
    ]


def render_unknown_venue(venue: str, detail: str, *, alike: Sequence[VenueCard]) -> h.Node:
    """The page for a venue that there is not: the API's words, what was probably meant, and the search."""
    return [
        h.h1["No such venue"],
        h.p[detail, "."],
        [h.p["Did you mean:"], render_list(map(link_to, alike))] if alike else None,
        render_search(venue),
        h.p[h.a(href=VENUES_PATH)["All venues"]],
    ]


def _section(title: str, *parts: h.Node) -> h.Renderable:
    return h.section[h.h2[title], parts]


def _note(text: str | None) -> h.Node:
    return h.p[finish(text)] if text else None


def _render_brief(card: VenueCard) -> h.Renderable:
    meter, sure = card.meter, confidence_words(card.confidence)
    closes = card.mechanism not in CLOSING_NOBODY
    return render_facts(
        (
            ("Who is closed first", ranking_words(card.mechanism, card.ranking.formula)),
            ("How sure", f"{sure}: {CONFIDENCES[card.confidence]}" if card.confidence else sure),
            (
                "ADL meter",
                [h.code[meter.field], f": {scale_words(meter.levels if isinstance(meter, LevelMeter) else None)}"]
                if meter
                else no_meter_words(card.mechanism),
            ),
            ("Fill price", PRICES[card.execution.price] if closes else "nobody is closed"),
            ("Contracts", " and ".join(card.contracts)),
            ("Sources read", f"{days_read(card)} (the oldest {_days(card.venue.facts_age_days)} ago)"),
        )
    )


def _days(count: int) -> str:
    return "a day" if count == 1 else f"{count} days"


def _happening(card: VenueCard) -> Iterator[h.Node]:
    trigger, contract = card.trigger, card.conditions.drawdown
    yield finish(card.mechanism_note or _QUEUE)
    yield [h.b["What triggers it: "], finish(trigger.rule) if trigger.rule else "unknown."]
    if trigger.drawdown is not None:
        yield f"A fall of the insurance fund by {percent_words(trigger.drawdown)} from its peak triggers it."
    if trigger.settlement_hours is not None:
        yield (
            f"In the last {hours_words(trigger.settlement_hours)} before the settlement of a contract the insurance "
            "fund does not support liquidations."
        )
    if contract is not None:
        yield (
            f"The collector takes it to start at a PnL ratio of {percent_words(contract.starts_at)} or less and to "
            f"stop above {percent_words(contract.stops_above)}, unless the venue gives a contract's own."
        )
    yield [h.b["What one insurance fund covers: "], finish(trigger.pool) if trigger.pool else "unknown."]
    if card.conditions.note:
        yield [h.b["Market data: "], finish(card.conditions.note)]


def _ranking(card: VenueCard) -> Iterator[h.Node]:
    formula, sure = card.ranking.formula, confidence_words(card.confidence)
    if formula is not None:
        yield ["By ", _formula(formula), f" How sure: {sure}."]
    elif card.confidence is None:
        yield "Unknown."
    elif card.mechanism == "queue":
        yield f"By none of the formulas that adlrisk knows. What is said above: {sure}."
    else:
        yield f"Nobody by a ranking. What happens instead: {sure}."
    if card.ranking.note:
        yield finish(card.ranking.note)
    for other in card.alternatives:
        note = f" How sure: {other.confidence}. {finish(other.note)} Source: {finish(other.source)}"
        yield [h.b["Or by "], _formula(other.formula), note]
    for past in card.ranking.history:
        yield [h.b["Earlier: "], finish(past)]


def _formula(name: str) -> h.Renderable:
    """A formula by its title, with its expressions: what stands between double backticks in its meaning is code."""
    words = " ".join(FORMULAS[name].meaning.partition(" Source:")[0].split()).split("``")
    told = (h.code[part] if at % 2 else part for at, part in enumerate(words))
    return h.fragment[h.b[FORMULA_TITLES.get(name, name)], " (", h.code[name], "): ", told]


def _render_meter(card: VenueCard) -> h.Node:
    meter = card.meter
    if meter is None:
        asked = card.mechanism in ("queue", "unknown")
        return h.p["None known that can be used." if asked else "None: there is no queue."]
    counted = "unknown" if meter.weighting == "unknown" else meter.weighting
    facts: list[tuple[str, h.Node]] = [
        ("Field", h.code[meter.field]),
        ("Where", h.code[meter.endpoint]),
        ("Direction", f"{scale_words(meter.levels if isinstance(meter, LevelMeter) else None)} to be closed"),
        ("How sure the direction is", f"{meter.direction_confidence}: {CONFIDENCES[meter.direction_confidence]}"),
        ("What its places count", counted),
    ]
    if meter.none:
        facts.append(("No position or no rank", ", ".join(f"{reading:g}" for reading in meter.none)))
    return [
        h.p(".warning")[h.b["Easily misread: "], finish(meter.trap)] if meter.trap else None,
        render_facts(facts),
        _render_levels(meter) if isinstance(meter, LevelMeter) else None,
        h.p[finish(meter.note)] if meter.note else None,
    ]


def _render_levels(meter: LevelMeter) -> h.Renderable:
    ends = meter.shares and [f"up to {percent_words(share)} of the queue from its front" for share in meter.shares]
    also = f", also {', '.join(map(str, meter.also_lowest))}" if meter.also_lowest else ""
    readings = [*map(str, meter.levels[:-1]), f"{meter.levels[-1]}{also}"]
    return h.table[
        h.caption["What a reading means"],
        h.thead[h.tr[h.th(scope="col")["reading"], h.th(scope="col")["place in the queue"]]],
        h.tbody[
            (
                h.tr[h.th(scope="row")[reading], h.td[place]]
                for reading, place in zip(readings, ends or _FIFTHS, strict=True)
            )
        ],
    ]


def _execution(card: VenueCard) -> Iterator[tuple[str, h.Node]]:
    terms = card.execution
    if card.mechanism in CLOSING_NOBODY:
        yield "Price", "nobody is closed"
        return
    yield "Price", PRICES[terms.price]
    yield "Fee", terms.fee
    yield "Your open orders are cancelled", yes_words(terms.cancels_orders)
    yield "A position can be reduced in part", yes_words(terms.partial)


def _terms(card: VenueCard) -> Iterator[tuple[str, h.Node]]:
    rate = card.maintenance_margin_rate
    yield "Funding interval", hours_words(card.funding.interval_hours)
    yield "Maintenance margin is on", f"{card.maintenance_basis} value"
    yield "Maintenance margin rate", "differs by contract or unknown" if rate is None else percent_words(rate)


def _render_marks(card: VenueCard) -> h.Node:
    fills, nothing = card.fills, "nobody is closed" if card.mechanism in CLOSING_NOBODY else "unknown"
    return [
        render_facts(
            (
                ("ADL", render_list(fills.adl) if fills.adl else nothing),
                ("Liquidation", render_list(fills.liquidation) if fills.liquidation else "unknown"),
            )
        ),
        h.p[finish(fills.note)] if fills.note else None,
        _render_rules(fills.rules) if fills.rules else None,
    ]


def _render_rules(rules: Sequence[FillRule]) -> h.Renderable:
    return h.details[
        h.summary[f"The {len(rules)} marks for programs"],
        h.p[
            "The first line that fits a fill tells what it is. A fill that fits none is unknown, not an ordinary trade."
        ],
        h.div(".scroll", tabindex="0", role="region", aria_label="Marks for programs")[
            h.table[
                h.thead[h.tr[(h.th(scope="col")[name] for name in ("fill", "whose", "field", "value", "how sure"))]],
                h.tbody[(_rule_row(rule) for rule in rules)],
            ]
        ],
    ]


def _rule_row(rule: FillRule) -> h.Renderable:
    if rule.starts_with is not None:
        value: h.Node = ["starts with ", h.code[rule.starts_with]]
    else:
        values = rule.one_of if rule.equals is None else (rule.equals,)
        value = [[", " if at else None, h.code[text]] for at, text in enumerate(values)]
    whose = _SIDES[rule.side_of] if rule.kind in ("adl", "liquidation") else ""
    sure = rule.confidence + (f": {rule.note}" if rule.note else "")
    return h.tr[h.td[rule.kind], h.td[whose], h.td[h.code[rule.field]], h.td[value], h.td[sure]]


def _source(source: Source) -> h.Node:
    return [source.title, ": ", source.where, " (read ", h.time(datetime=f"{source.read}")[f"{source.read}"], ")"]


def _render_origin(card: VenueCard, aliases: Sequence[str]) -> h.Renderable:
    changed = _CHANGED.get(card.venue.source)
    names: h.Node = [h.code[card.id], ([", also ", h.code[alias]] for alias in aliases)]
    facts: tuple[tuple[str, h.Node], ...] = (
        ("Name in requests", names),
        ("Id in ccxt", ", ".join(card.ccxt) or "none"),
        ("Kind", card.kind),
        ("Revision", [h.code[card.venue.revision], f", {card.venue.source}"]),
    )
    return _section(
        "The card",
        h.p(".warning")[changed] if changed else None,
        render_facts(facts),
        h.p["The same for programs: ", h.a(href=f"/venues/{card.id}")[h.code[f"GET /venues/{card.id}"]], "."],
    )
