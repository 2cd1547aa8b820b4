"""Section "Prices"."""

import copy
import itertools
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from adlrisk.page.sections.price_axis import render_price_axis
from support.pictures import all_of, check_picture, check_within, parse, read_rows, text_of
from support.running import example

REQUEST, SCORE = example("score.request"), example("score.answer")
MISSING = "without margin, leverage or account equity"


def render(
    *,
    rule: str = "bankruptcy",
    mechanism: str = "queue",
    fill: float | None = None,
    position: dict[str, Any] | None = None,
    **state: Any,
) -> ET.Element:
    request, score = copy.deepcopy(REQUEST), copy.deepcopy(SCORE)
    request["position"] |= position or {}
    score["state"] |= state
    partial = None if fill is None else {"fill_price": fill}
    card = {"mechanism": mechanism, "execution": {"price": rule}}
    return parse(render_price_axis(request=request, score=score, card=card, partial=partial))


def read_notes(section: ET.Element) -> dict[str, str]:
    items = [item for item in section.iter("li") if item.find("strong") is not None]
    return {text_of(item).partition(": ")[0]: text_of(item).partition(": ")[2] for item in items}


def read_headings(section: ET.Element) -> list[str]:
    return [text_of(one) for one in all_of(section, "strong", "text")]


def test_prices_are_those_of_the_answer() -> None:
    """The table has the request's mark and entry price and the answer's liquidation and bankruptcy price, exactly."""
    rows = read_rows(render(), "Prices")

    found = {name: float(cells[0]) for name, cells in rows.items()}
    assert found == {
        "Mark": REQUEST["position"]["mark_price"],
        "Entry": REQUEST["position"]["entry_price"],
        "Liquidation": SCORE["state"]["liquidation_price"],
        "Bankruptcy": SCORE["state"]["bankruptcy_price"],
    }


def test_a_price_is_not_rounded_onto_the_mark_price() -> None:
    """A liquidation that is not due yet has as many digits as tell it from the mark price, in picture and table."""
    section = render(liquidation_price=REQUEST["position"]["mark_price"] + 0.00001)

    assert REQUEST["position"]["mark_price"] == 1800
    assert "1,800.00001" in [text_of(cell) for cell in section.iter("td")]
    assert "Liquidation 1,800.00001, " in text_of(section)
    assert any("1,800.00001" in text_of(label) for label in all_of(section, "digits"))


def test_distances_are_from_the_mark_price() -> None:
    """The liquidation price is as far away as the answer says, and on its side."""
    heading = next(text for text in read_headings(render()) if text.startswith("Liquidation"))

    distance = heading.partition("(+")[2].partition("\u00a0%")[0]
    assert float(distance) / 100.0 == pytest.approx(SCORE["state"]["liquidation_distance"], abs=5e-5)


def test_marks_stand_in_the_order_of_prices() -> None:
    """From top to bottom: bankruptcy, liquidation, entry, mark of a short in profit."""
    section = render()
    labels = sorted(all_of(section, "strong", "text"), key=lambda one: float(one.get("y", "")))

    check_picture(section)
    assert [text_of(one).partition(" ")[0] for one in labels] == ["Bankruptcy", "Liquidation", "Entry", "Mark"]


def test_unknown_prices_are_named_and_not_drawn() -> None:
    """Without what backs the position liquidation and bankruptcy are called unknown, and have no mark."""
    section = render(equity=None, margin=None, liquidation_price=None, bankruptcy_price=None)

    notes = read_notes(section)
    assert notes["Liquidation"] == f"unknown {MISSING}."
    assert notes["Bankruptcy"] == f"unknown {MISSING}."
    assert [text.partition(" ")[0] for text in read_headings(section)] == ["Entry", "Mark"]
    assert not all_of(section, "price-liquidated")


def test_a_liquidation_price_without_a_rate_is_not_called_out_of_reach() -> None:
    """Without a maintenance margin rate it is unknown; with one there is none within reach."""
    without = read_notes(render(position={"maintenance_margin_rate": None}, liquidation_price=None))
    with_rate = read_notes(render(liquidation_price=None))

    assert without["Liquidation"] == "unknown without a maintenance margin rate, or out of reach."
    assert with_rate["Liquidation"] == "none: no price within reach leads to it."


@pytest.mark.parametrize(("rule", "start"), [("bankruptcy", "not known beforehand"), ("unknown", "unknown: at which")])
def test_a_fill_price_that_nobody_knows_is_not_drawn(rule: str, start: str) -> None:
    """Where a venue fills at another's bankruptcy price, or does not say at which, there is no mark for the fill."""
    section = render(rule=rule, fill=REQUEST["position"]["mark_price"])

    assert not all_of(section, "price-of-fill")
    assert read_notes(section)["ADL fill"].startswith(start)


def test_a_venue_that_closes_nobody_has_no_fill_price() -> None:
    """Where nobody is closed there is no fill, whatever price is given for one."""
    section = render(rule="mark", mechanism="socialised", fill=1777.5)

    assert not all_of(section, "price-of-fill")
    assert read_notes(section)["ADL fill"] == "none: this venue closes nobody's position by ADL."


def test_a_fill_at_the_mark_price_is_drawn_there() -> None:
    """Where the venue fills at the mark price, that is the price of the fill."""
    section = render(rule="mark")

    assert float(read_rows(section, "Prices")["ADL fill"][0]) == REQUEST["position"]["mark_price"]
    assert "ADL fill (0\u00a0%)" in read_headings(section)


def test_a_fill_price_that_is_given_goes_before_the_rule() -> None:
    """A fill price other than the mark price is drawn as given."""
    section = render(fill=1777.5)

    assert float(read_rows(section, "Prices")["ADL fill"][0]) == 1777.5
    assert read_notes(section)["ADL fill"] == "the fill price that was given."


@pytest.mark.parametrize(
    ("position", "state"),
    [
        ({"entry_price": 1e300, "mark_price": 5e-324}, {"liquidation_price": 1e-300, "bankruptcy_price": 1e300}),
        ({"entry_price": 1800.0, "mark_price": 1800.0}, {"liquidation_price": 1800.0, "bankruptcy_price": 1800.0}),
        ({"entry_price": 1e9, "mark_price": 0.00001234}, {"liquidation_price": 0.00001235}),
        ({"side": "long"}, {"bankruptcy_price": -100.0, "liquidation_price": 0.0, "unrealized_pnl": -0.0}),
        ({}, {"liquidation_price": None, "bankruptcy_price": None, "equity": None}),
    ],
)
def test_hostile_prices_stay_legible(position: dict[str, Any], state: dict[str, Any]) -> None:
    """Prices of any size, equal, 0 and below have labels that do not meet, within the picture."""
    section = render(position=position, **state)
    (picture,) = [one for one in section.iter("svg") if one.get("role") == "img"]

    check_picture(section)
    check_within(picture)
    places = sorted(float(one.get("y", "")) for one in all_of(picture, "strong"))
    assert all(after - before >= 30.0 for before, after in itertools.pairwise(places))


@pytest.mark.parametrize(("side", "end"), [("short", "top"), ("long", "bottom")])
def test_what_is_beyond_liquidation_is_hatched(side: str, end: str) -> None:
    """A short is liquidated above its liquidation price, a long below."""
    section = render(position={"side": side}, liquidation_price=1900.0, bankruptcy_price=None)
    (hatched,), (axis,) = all_of(section, "price-liquidated"), all_of(section, "price-bar")

    top, bottom = (float(one.get("y", "")) for one in (hatched, axis))
    if end == "top":
        assert top == bottom
    else:
        assert top + float(hatched.get("height", "")) == bottom + float(axis.get("height", ""))
