"""What a message advises: the answer's words, fit for whoever only watches."""

import itertools
from typing import get_args

from adlrisk.domain.rules.card import Mechanism
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.guidance import guidance_for
from adlrisk.domain.scoring.standing import Place
from adlrisk.watch.messages.sentences.advice import advise
from support.watch.made_readings import follow, observe, read


def test_no_guidance_asks_to_send_or_hurries_in_a_notice() -> None:
    """Of all sentences of the answer none asks for inputs, and "now" as an order is said only in warnings."""
    mechanism = get_args(Mechanism)[0]
    parts = itertools.product(get_args(Band), get_args(Place), get_args(Danger), (True, False), (True, False))
    seen = {
        guidance_for(band, place, danger, is_due=is_due, knows_band=knows_band, mechanism=mechanism)
        for band, place, danger, is_due, knows_band in parts
    }
    assert any("send what is missing" in each for each in seen)
    assert any("first action now" in each for each in seen)
    for guidance in seen:
        for is_warning in (True, False):
            (said,) = advise(observe(guidance=guidance), is_warning=is_warning)
            assert "send" not in said
            assert is_warning or "action now" not in said
            assert said.endswith(".")


def test_first_action_is_told() -> None:
    """A score that warns has the guidance and the action that it speaks of."""
    near = observe("high", guidance="Take the first action now.", first_action="Add margin: adding 5 USDT helps.")
    _, told = follow([read(near)])
    assert told[0][0].body.splitlines()[-2:] == [
        "Take the first action now.", "First action: Add margin: adding 5 USDT helps.",
    ]  # fmt: skip


def test_distance_has_no_guidance_of_an_adl() -> None:
    """A liquidation that comes nearer is told with what helps against it, not with what is said of an ADL."""
    _, told = follow([read(observe(distance=0.04, guidance="Few conditions of an ADL are known to be met."))])
    assert told[0][0].body.splitlines() == [
        "Liquidation 4 % away.", "More margin moves the liquidation price away; a smaller position has less to lose.",
    ]  # fmt: skip
