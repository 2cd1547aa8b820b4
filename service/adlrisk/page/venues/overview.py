"""``/page/venues``: a row for each venue, and the search."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import htpy as h
from markupsafe import Markup

from adlrisk.api.endpoints.venues.schema import VenueCard
from adlrisk.domain.rules.card_words import (
    CLOSING_NOBODY,
    CONFIDENCES,
    PRICES,
    confidence_words,
    no_meter_words,
    percent_words,
    ranking_words,
    scale_words,
)
from adlrisk.domain.rules.meter import LevelMeter, Meter
from adlrisk.page.venues.parts import (
    VENUES_PATH,
    finish,
    link_to,
    mark_unknown,
    render_facts,
    render_list,
    render_search,
)
from adlrisk.page.venues.search import Aliases, find_venues, suggest_venues

_COLUMNS: Final = (
    "venue",
    "who is first",
    "how sure",
    "ADL meter",
    "fill price",
    "what triggers it",
    "sources",
    "open questions",
)
_INTRODUCTION: Final = (
    "How each venue auto-deleverages (ADL): whose position it closes first, at what price, and how sure that is. "
    "Behind a name is all that is known of the venue, with its sources. What no source says stands as “unknown” and is "
    "never guessed."
)
_LEGEND: Final = {
    "Who is first": "by what the venue ranks its ADL queue, or what happens instead. No formula: the order is not "
    "published, or is like none of those known.",
    "How sure": f"{'; '.join(f'{word}: {told}' for word, told in CONFIDENCES.items())}.",
    "ADL meter": "the field of the venue's API that tells a position's place in the queue, with the readings of those "
    "who are closed first and last.",
    "Sources": "how many the card has, and on which days they were read.",
    "Fill price": "at what you are closed; the bankruptcy price is that of the bankrupt position.",
}
_SENTENCE_END: Final = re.compile(r"(?<=[.;]) ")
_LONGEST_TRIGGER: Final = 110


def render_venues(cards: Sequence[VenueCard], *, aliases: Aliases, query: str = "") -> h.Node:
    """The table of the cards that ``query`` finds, or what is most like it."""
    found = find_venues(cards, query, aliases=aliases)
    return [
        h.h1["Venues"],
        h.p[_INTRODUCTION],
        render_search(query),
        _render_found(found, cards, aliases=aliases, query=query),
        _render_legend(),
    ]


def _render_found(
    found: Sequence[VenueCard], cards: Sequence[VenueCard], *, aliases: Aliases, query: str
) -> h.Renderable:
    if found:
        told = f"{len(found)} of {len(cards)} venues" if query.strip() else f"{len(cards)} venues"
        everything = h.a(href=VENUES_PATH)["Show all"] if query.strip() else None
        return h.fragment[h.p(".soft", role="status")[told, ". " if everything else None, everything], _table(found)]
    alike = suggest_venues(cards, query, aliases=aliases)
    return h.fragment[
        h.p(role="status")[
            "No venue is called ", h.b[query[:64]], ". ", h.a(href=VENUES_PATH)[f"Show all {len(cards)} venues"], "."
        ],
        [h.p["Did you mean:"], render_list(map(link_to, alike))] if alike else None,
        _render_generic(cards),
    ]


def _render_generic(cards: Sequence[VenueCard]) -> h.Node:
    generic = next((card for card in cards if card.id == "generic"), None)
    if generic is None:
        return None
    return h.p["For a venue that is not listed there is ", link_to(generic), "."]


def _table(cards: Sequence[VenueCard]) -> h.Renderable:
    ordered = sorted(cards, key=lambda card: (card.id == "generic", card.name.casefold()))
    return h.div(".scroll", tabindex="0", role="region", aria_label="Table of venues")[
        h.table(".stack")[
            h.caption(".hidden")["Venues and how each auto-deleverages"],
            h.thead[h.tr[(h.th(scope="col")[name] for name in _COLUMNS)]],
            h.tbody[(_row(card) for card in ordered)],
        ]
    ]


@lru_cache(maxsize=256)
def _row(card: VenueCard) -> Markup:
    """A row of the table, as text: a page of all venues would be rendered for some 20 ms, while all else waits."""
    first = [link_to(card), h.br, h.span(".soft")[h.code[card.id], f", {' and '.join(card.contracts)}"]]
    cells: tuple[h.Node, ...] = (
        ranking_words(card.mechanism, card.ranking.formula),
        confidence_words(card.confidence),
        _meter(card.meter) if card.meter else no_meter_words(card.mechanism),
        "nobody is closed" if card.mechanism in CLOSING_NOBODY else PRICES[card.execution.price],
        shorten_trigger(card),
        _render_sources(card),
        _count_open(card),
    )
    row = h.tr[
        h.th(scope="row")[first],
        (h.td(data_label=name)[mark_unknown(cell)] for name, cell in zip(_COLUMNS[1:], cells, strict=True)),
    ]
    return Markup(row)  # noqa: S704  # nosec B704 (an element, which is escaped)


def _meter(meter: Meter) -> str:
    sure = "" if meter.direction_confidence == "documented" else f" ({meter.direction_confidence})"
    return f"{meter.field}: {scale_words(meter.levels if isinstance(meter, LevelMeter) else None)}{sure}"


def shorten_trigger(card: VenueCard) -> str:
    """What triggers an ADL, in a line: the first sentence of the card, with dots where it goes on."""
    trigger = card.trigger
    if trigger.drawdown is not None:
        return f"The fund falls by {percent_words(trigger.drawdown)} from its peak, or does not suffice"
    if trigger.rule is None:
        return "unknown"
    first = _SENTENCE_END.split(trigger.rule)[0].rstrip(".;")
    if len(first) > _LONGEST_TRIGGER:
        first = first[:_LONGEST_TRIGGER].rpartition(" ")[0]
    return finish(first)[:-1] + (" …" if len(first) < len(trigger.rule.rstrip(".")) else "")


def _render_sources(card: VenueCard) -> h.Node:
    days = days_read(card).split(" to ")
    return [f"{len(card.sources)}: ", ([" to " if at else None, h.span(".date")[day]] for at, day in enumerate(days))]


def days_read(card: VenueCard) -> str:
    """On which days the sources were read."""
    days = [source.read for source in card.sources]
    first, last = min(days), max(days)
    return f"{first}" if first == last else f"{first} to {last}"


def _count_open(card: VenueCard) -> h.Node:
    if not card.unknown:
        return "none noted"
    return h.a(href=f"{VENUES_PATH}/{card.id}#not-known", aria_label=f"{len(card.unknown)}, of {card.name}")[
        str(len(card.unknown))
    ]


def _render_legend() -> h.Renderable:
    return h.details[
        h.summary["What the columns say"],
        render_facts(_LEGEND.items()),
    ]
