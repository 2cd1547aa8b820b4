"""Documented fills after ccxt has parsed them: its structures are recognised, and the venue's object is in them."""

from typing import Any

import ccxt
import pytest

from adlrisk.domain.rules.classification import NO_OWN_OBJECT, FillClassifier
from adlrisk.venues.catalogue import load_catalogue
from support.fill_facts import FILLS

CATALOGUE = load_catalogue()
EXCHANGES = [(venue, name) for venue in sorted(FILLS) for name in CATALOGUE[venue].rules.ccxt]


@pytest.mark.parametrize(("venue", "name"), EXCHANGES)
@pytest.mark.parametrize("parse", ["parse_trade", "parse_order"])
def test_a_fill_that_ccxt_has_parsed_is_what_it_was(venue: str, name: str, parse: str) -> None:
    """As a trade or an order of ccxt's, each documented fill has the kind and the side that it has by itself."""
    exchange, classifier = getattr(ccxt, name)(), FillClassifier(CATALOGUE[venue].rules.fills)
    for fill in FILLS[venue]:
        parsed: dict[str, Any] = getattr(exchange, parse)(dict(fill.raw))
        found = classifier.classify(parsed)
        assert (found.kind, found.side_of) == (fill.kind, fill.side_of), fill.source
        assert classifier.classify({**parsed, "info": None}) == NO_OWN_OBJECT, parsed
