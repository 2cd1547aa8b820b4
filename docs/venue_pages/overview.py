"""The overview of all venues: how to read it, and a line for each."""

from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter, Meter
from adlrisk.venues.catalogue import Catalogue
from venue_pages.markdown import GENERATED, code, plain, table
from venue_pages.words import (
    CLOSING_NOBODY,
    CONFIDENCES,
    code_list,
    confidence_words,
    ranking_words,
    scale_words,
)


def overview(venues: Catalogue) -> str:
    """The page, with a link to each venue's own."""
    cards = sorted(
        (venue.rules for venue in venues.values()), key=lambda rules: (rules.id == "generic", rules.name.casefold())
    )
    header = ("venue", "ranking", "how sure", "meter", "fill price", "contracts")
    sure = "; ".join(f"*{word}*, {meaning}" for word, meaning in CONFIDENCES.items())
    return (
        f"{GENERATED}\n# Venues\n\n"
        "How each venue deleverages: a line for each. Behind its name are the details, the sources and what is not "
        "known; `GET /venues/{venue}` has the same for programs.\n\n"
        "- **Unknown is not low.** What no source says stands as unknown and is never guessed; a score counts it as "
        "a range, from `score` to `score_upper`.\n"
        "- **Ranking**: what decides whose position is closed first, or what happens instead; see "
        "[queue formulas](formulas.md). *No formula*: the order is not published, or like none of them.\n"
        "- **Meter**: the venue's own reading of a position's place in the queue, from the front to the end. *None*: "
        "no reading that can be used is known.\n"
        "- **Fill price**: what a holder is closed at; the bankruptcy price is that of the bankrupt position.\n"
        f"- **How sure** the ranking is: {sure}. A [formula of one's own](formulas.md#a-formula-of-your-own-choice) "
        "can take its place.\n\n"
        f"{table(header, (_row(rules) for rules in cards))}\n"
        "## Names in requests\n\n"
        f"{_aliases(venues)}\n\n"
        "## When a card is wrong or old\n\n"
        "Each page says when its sources were read, and `venue.facts_age_days` of an answer how long ago the first of "
        "them was. What differs from the last released cards is in "
        "[changes](venues/CHANGES.md). Corrections are welcome, best with a link to what the venue says: open an issue "
        "with the form [Venue correction](../.github/ISSUE_TEMPLATE/venue-correction.yml), or change the card as in "
        "[Correct a venue](../CONTRIBUTING.md#correct-a-venue).\n"
    )


def _row(rules: VenueRules) -> tuple[str, ...]:
    return (
        f"[{plain(rules.name)}](venues/{rules.id}.md)",
        ranking_words(rules.mechanism, rules.ranking.formula),
        confidence_words(rules.confidence),
        _meter(rules.meter),
        "nobody is closed" if rules.mechanism in CLOSING_NOBODY else rules.execution.price,
        "both" if len(rules.contracts) > 1 else rules.contracts[0],
    )


def _meter(meter: Meter | None) -> str:
    if meter is None:
        return "none"
    sure = "" if meter.direction_confidence == "documented" else f" ({meter.direction_confidence})"
    return scale_words(meter.levels if isinstance(meter, LevelMeter) else None) + sure


def _aliases(venues: Catalogue) -> str:
    names = {id_: [alias for alias, named in venues.aliases.items() if named == id_] for id_ in venues}
    aliases = (f"{code_list(aliases)} for {code(id_)}" for id_, aliases in names.items() if aliases)
    return (
        "The id of a venue is on its page. Requests may also use the id that ccxt has for it alone: "
        f"{'; '.join(aliases)}. Answers have the venue's own id. For a venue that is not listed there is `generic`."
    )
