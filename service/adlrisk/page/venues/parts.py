"""Parts of the venues' pages: sentences, lists of facts, links and the search."""

from collections.abc import Iterable
from typing import Final

import htpy as h

from adlrisk.api.endpoints.venues.schema import VenueCard

VENUES_PATH: Final = "/page/venues"
LONGEST_SEARCH: Final = 64


def render_search(query: str = "") -> h.Renderable:
    """The field to search by name: a plain GET form."""
    return h.form(".search", action=VENUES_PATH, method="get", role="search")[
        h.label(for_="q")["Search by name, id or alias"],
        h.input(
            "#q", type="search", name="q", value=query[:LONGEST_SEARCH], maxlength=LONGEST_SEARCH, autocomplete="off"
        ),
        h.button(type="submit")["Search"],
    ]


def render_facts(facts: Iterable[tuple[str, h.Node]]) -> h.Renderable:
    """Names and values, one below the other."""
    return h.dl(".facts")[(h.div[h.dt[name], h.dd[mark_unknown(value)]] for name, value in facts)]


def mark_unknown(value: h.Node) -> h.Node:
    """The value; the word "unknown" in an element that shows it as such."""
    return h.span(".unknown")[value] if value == "unknown" else value


def render_list(items: Iterable[h.Node]) -> h.Renderable:
    """A list, a line for each item."""
    return h.ul[(h.li[item] for item in items)]


def link_to(card: VenueCard) -> h.Renderable:
    """The link to a venue's page."""
    return h.a(href=f"{VENUES_PATH}/{card.id}")[card.name]


def finish(text: str) -> str:
    """A card's text with a full stop, and a capital where it begins with a plain word.

    >>> finish("the fund is empty")
    'The fund is empty.'
    >>> finish("dYdX says so.")
    'dYdX says so.'
    """
    first, _, rest = text.partition(" ")
    if first.islower():
        first = first[:1].upper() + first[1:]
    whole = f"{first} {rest}" if rest else first
    return whole if whole.endswith((".", "?", "!")) else f"{whole}."
