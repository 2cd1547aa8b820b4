"""All pages on venues and queue formulas, and the form for corrections, by their paths below ``docs``."""

from adlrisk.venues.catalogue import load_catalogue
from venue_pages.card_facts import facts_of
from venue_pages.changes_page import changes_by_venue, changes_page
from venue_pages.correction_form import correction_form
from venue_pages.formulas_page import formulas_page
from venue_pages.overview import overview
from venue_pages.released import read_released
from venue_pages.venue_page import venue_page


def pages() -> dict[str, str]:
    """The text of each page by its path."""
    venues, released = load_catalogue(), read_released()
    facts = {id_: facts_of(venue.rules) for id_, venue in venues.items()}
    changed = changes_by_venue(released, facts)
    named = {id_: [alias for alias, of in venues.aliases.items() if of == id_] for id_ in venues}
    each = {
        f"venues/{id_}.md": venue_page(venue.rules, aliases=named[id_], is_changed=id_ in changed)
        for id_, venue in venues.items()
    }
    return {
        "formulas.md": formulas_page(venues),
        "venues.md": overview(venues),
        "venues/CHANGES.md": changes_page(released, facts),
        **each,
        "../.github/ISSUE_TEMPLATE/venue-correction.yml": correction_form(venues),
    }
