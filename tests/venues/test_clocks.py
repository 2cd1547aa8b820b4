"""Clocks: how far ahead of this process's clock records lie."""

import pytest

from adlrisk.venues.clocks import ClockLead
from support.clocks import HandClock


def test_the_largest_lead_is_shown_for_a_minute_or_two() -> None:
    """A record from a clock that is ahead is seen by every scrape of the next minute, and forgotten after two."""
    clock = HandClock()
    lead = ClockLead(clock)
    assert lead.seconds == 0.0
    for seconds in (2.0, 7.0, 3.0, -9.0):
        lead.observe(seconds)
    assert lead.seconds == 7.0
    clock.seconds = 61.0
    assert lead.seconds == 7.0
    lead.observe(1.0)
    clock.seconds = 121.0
    assert lead.seconds == 1.0
    clock.seconds = 300.0
    assert lead.seconds == 0.0


@pytest.mark.parametrize("seconds", [0.0, -3600.0])
def test_records_of_the_past_are_no_lead(seconds: float) -> None:
    """Records observed by now, as nearly all are, show as 0."""
    lead = ClockLead(HandClock())
    lead.observe(seconds)
    assert lead.seconds == 0.0
