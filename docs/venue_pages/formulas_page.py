"""The page of queue formulas: what each means, who ranks by it, and how to choose one oneself."""

import re
from collections.abc import Iterable
from typing import Final

from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import FORMULAS, Formula
from adlrisk.venues.catalogue import Catalogue
from venue_pages.markdown import GENERATED, bullets, code, plain
from venue_pages.words import FORMULA_TITLES

_LETTERS: Final = (
    "p = return on entry, L = effective leverage, u = unrealized PnL, W = margin, MM = maintenance margin, e = equity, "
    "E = entry price, M = mark price"
)
_OWN_CHOICE: Final = """## A formula of your own choice

`POST /queue/rank` and `POST /adl/allocate` take `formula`, the name of one of those above, and rank by it in place of the
venue's: where the venue's is unknown, disputed or has changed, also at a venue without a queue. Kraken, for one, has a
queue and does not publish its formula. Two longs there, by profit times leverage:

```sh
curl -s localhost:8000/queue/rank -H 'content-type: application/json' \\
  -d '{"venue":"kraken","formula":"pnl_leverage","mark_price":110,"positions":[
    {"id":"ann","side":"long","size":10,"entry_price":100,"margin":100},
    {"id":"ben","side":"long","size":30,"entry_price":105,"leverage":20}]}'
```

The answer says whose formula it is. `confidence` tells how well a venue's ranking is known; of a formula of the request
nobody claims that the venue ranks by it, so it is null:

```json
{"formula": "pnl_leverage", "formula_source": "request", "confidence": null}
```

Ann is first, with a key of 0.55 before Ben's 0.51. By `price_ratio_leverage` Ben is first, with 11.24 before 6.05. Where
several formulas agree on a place, it does not matter which one is right; where they do not, the place is not known.

In `/adl/allocate` the formula decides who is in the queue, and is what the policies `venue` and `pro_rata_score` go by. The
fill price is still the venue's: where it is unknown, the request says `fill_price` as ever.

## Disputed rankings

Where good sources contradict each other, the `confidence` of a card is `disputed`. Its `ranking` is the one that the venue
prints, and `alternatives` has those that others give, each with its source and how sure it is. Answers to scores follow:
`queue` has the key by the venue's printed formula, and `queue.alternatives` the keys by the others, each with its
`formula`, `priority`, `eligible` and `confidence`. Keys of two formulas have different scales: compare a key only with
keys of the same formula, and to compare places, rank the book by each.
"""


def formulas_page(venues: Catalogue) -> str:
    """The page."""
    cards = [venue.rules for venue in venues.values()]
    return (
        f"{GENERATED}\n# Queue formulas\n\n"
        "A queue is ordered by a key of each position; the higher it is, the sooner the position is reduced. "
        f"{_LETTERS}. A position with an equity of 0 or less is in no queue.\n\n"
        + "\n".join(_section(name, formula, cards) for name, formula in FORMULAS.items())
        + f"\n{_OWN_CHOICE}"
    )


def _section(name: str, formula: Formula, cards: Iterable[VenueRules]) -> str:
    meaning = re.sub(r"``([^`]*)``", r"`\1`", " ".join(formula.meaning.split()))
    cards = list(cards)
    ranked_by = [card for card in cards if card.ranking.formula == name]
    said_of = [card for card in cards if name in (other.formula for other in card.alternatives)]
    needs = "winners and losers" if formula.loser_needs_maintenance else "winners"
    facts = [
        f"Needs the maintenance margin: {needs if formula.needs_maintenance_margin else 'no'}",
        f"Venues: {_links(ranked_by)}",
        *([f"By other sources: {_links(said_of)}"] if said_of else []),
    ]
    return f"## {code(name)}\n\n{FORMULA_TITLES[name].capitalize()}. {meaning}\n\n{bullets(facts)}"


def _links(cards: Iterable[VenueRules]) -> str:
    return ", ".join(f"[{plain(card.name)}](venues/{card.id}.md)" for card in cards) or "none"
