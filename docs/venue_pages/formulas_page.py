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

`POST /queue/rank` and `POST /adl/allocate` take `formula`, one of the names above, and rank by it in place of the
venue's: where that is unknown, disputed or has changed, and also at a venue without a queue. Kraken, for one, does
not publish how its queue is ordered. Two longs there, by profit times leverage:

```sh
curl -s localhost:8000/queue/rank -H 'content-type: application/json' \\
  -d @openapi/examples/queue-rank-formula.request.json
```

The answer says whose formula it is. `confidence` is how well the venue's ranking is known; nobody claims that the
venue ranks by a formula of the request, so it is null then:

```json
{"formula": "pnl_leverage", "formula_source": "request", "confidence": null}
```

Ann is first, with a key of 0.55, Ben has 0.51. By `price_ratio_leverage` Ben is first, with 11.24 and 6.05. A place
on which all likely formulas agree is known well enough; one on which they do not is not known.

In `/adl/allocate` the formula decides who is in the queue, and where: the policies `venue` and `pro_rata_score` go by
it. The fill price stays the venue's; where that is unknown, the request has to give `fill_price` as before.

## Disputed rankings

Where good sources contradict each other, the `confidence` of a card is `disputed`. `ranking.formula` is then what the
venue prints, and `alternatives` has the formulas that others give, each with its source and how sure it is. In the
answer of a score, `queue` has the key by the printed formula, and `queue.alternatives` a key for each other one, with
its `formula`, `priority`, `eligible` and `confidence`. Two formulas have different scales: compare a key with keys of
the same formula only. To compare places, rank the book by each.
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
