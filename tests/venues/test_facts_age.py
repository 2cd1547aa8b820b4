"""Age of a card's facts: counted from its oldest source to the day of the clock."""

from datetime import UTC, date, datetime

import pytest

from adlrisk.domain.rules.card import Source
from adlrisk.venues.catalogue import Catalogue
from support.builders import rules

READ = (date(2026, 3, 1), date(2026, 1, 31), date(2026, 11, 27))
CARD = rules(sources=tuple(Source(title="none", where="made up", read=day) for day in READ))


@pytest.mark.parametrize(
    ("now", "age"),
    [
        (datetime(2026, 1, 31, 23, 59, tzinfo=UTC), 0),
        (datetime(2026, 2, 1, tzinfo=UTC), 1),
        (datetime(2027, 1, 31, 12, tzinfo=UTC), 365),
        (datetime(2028, 1, 31, tzinfo=UTC), 730),
        (datetime(2025, 1, 1, tzinfo=UTC), 0),  # a clock that is behind makes no facts of the future
    ],
)
def test_the_oldest_source_counts(now: datetime, age: int) -> None:
    """A card is as old as the source that was read first: one reading anew does not make the others younger."""
    assert Catalogue({"made_up": CARD}, clock=lambda: now)["made_up"].ref.facts_age_days == age
    assert CARD.checked == date(2026, 1, 31)


def test_the_age_grows_while_the_service_runs() -> None:
    """The reference is of the day of the answer, not of the start; within a day it is the same object."""
    now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    venue = Catalogue({"made_up": CARD}, clock=lambda: now)["made_up"]
    before = venue.ref
    assert venue.ref is before
    now = datetime(2027, 1, 1, tzinfo=UTC)
    assert venue.ref.facts_age_days == before.facts_age_days + 1 == 335
    assert venue.ref.revision == before.revision
