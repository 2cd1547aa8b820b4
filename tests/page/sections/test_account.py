"""The section of the account: its figures, and what an ADL of one position leaves open."""

import json
from typing import Any

import pytest

from adlrisk.page.sections.account import render_account
from support.pages import carried_numbers, numbers_in, read_page
from support.running import EXAMPLES

HEDGE: dict[str, Any] = json.loads((EXAMPLES / "account-hedge.answer.json").read_bytes())


SIDES = {"long": "long", "short": "short"}


def text_of(answer: dict[str, Any]) -> str:
    """What is read in the section."""
    return read_page(str(render_account(answer, sides=SIDES))).text


def test_account_shows_its_figures() -> None:
    """Every figure is the answer's, and is named."""
    section = read_page(str(render_account(HEDGE, sides=SIDES)))
    shown = {item.all("dt")[0].text: item.all("dd")[0].text for item in section.all("div")}
    assert shown == {
        "Equity": "1,000",
        "Maintenance margin": "380",
        "Margin ratio (liquidation at 100 %)": "38 %",
        "Free margin": "620",
        "Gross leverage": "95×",
        "Net leverage": "5×",
    }
    assert set(carried_numbers(section)) <= numbers_in(HEDGE)


def test_account_tells_what_is_left_when_a_position_is_taken() -> None:
    """Of two positions that hedge each other it says which goes first, and what is open then."""
    assert "take the long (long): the net notional goes from +5,000 to −45,000, and the other is left alone" in text_of(
        HEDGE
    )
    assert "the account is liquidated at −13.42 %" in text_of(HEDGE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account": {**HEDGE["account"], "nearest_liquidation": None}}, "would be liquidated is unknown"),
        (
            {"account": {**HEDGE["account"], "nearest_liquidation": {"falls": None, "rises": None}}},
            "No move of all prices together liquidates",
        ),
        ({"account": {**HEDGE["account"], "equity": None}}, "Equity unknown"),
        (
            {"underlyings": [{**HEDGE["underlyings"][0], "first": None, "if_taken": None}]},
            "an ADL would take first is unknown",
        ),
    ],
)
def test_account_says_what_is_unknown(change: dict[str, Any], said: str) -> None:
    """What the API does not know is told as unknown, never left blank."""
    assert said in text_of({**HEDGE, **change})
