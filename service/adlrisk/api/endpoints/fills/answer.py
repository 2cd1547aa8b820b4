"""Answer of ``POST /fills/classify`` to fills that are decoded, for the library."""

from adlrisk.api.endpoints.fills.schema import Fills, FillsAnswer
from adlrisk.domain.rules.classification import FillClassifier
from adlrisk.venues.catalogue import Catalogue


def answer_fills(request: Fills, *, venues: Catalogue) -> FillsAnswer:
    """Classify the fills of ``request``; a pure function.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
    """
    venue = venues[request.venue]
    classify = FillClassifier(venue.rules.fills).classify
    return FillsAnswer(results=[classify(fill) for fill in request.fills], venue=venue.ref)
