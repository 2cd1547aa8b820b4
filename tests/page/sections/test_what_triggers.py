"""Section "What would trigger it"."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from adlrisk.page.numbers import format_change, format_number
from adlrisk.page.sections.what_triggers import render_what_triggers
from support.pictures import all_of, check_picture, check_within, parse, read_points, read_rows, text_of
from support.running import example

ANSWERS = {name: example(f"{name}.answer") for name in ("adl-exposure", "adl-exposure-cohorts")}
COHORTS = ANSWERS["adl-exposure-cohorts"]


def render(answer: Mapping[str, Any], **more: Any) -> ET.Element:
    return parse(render_what_triggers(answer, **{"fund_balance": None, **more}))


def spans(answer: Mapping[str, Any], find: Callable[[Any], float]) -> list[tuple[float, float]]:
    """Least and most at each move over all cases, in the order of the moves."""
    found: list[tuple[float, float]] = []
    for place in range(len(answer["cases"][0]["curve"])):
        values = [find(case["curve"][place]) for case in answer["cases"]]
        found.append((min(values), max(values)))
    return found


QUANTITIES: Sequence[Callable[[Any], float]] = (
    lambda point: float(point["adl_size"]),
    lambda point: float(point["fund_after"]),
    lambda point: float(point["closed"]["you"]),
)


@pytest.mark.parametrize("name", list(ANSWERS))
def test_the_table_has_the_least_and_the_most_over_all_cases(name: str) -> None:
    """At each move: ADL of all, the fund and what is closed of the position, as in the answer."""
    rows = read_rows(render(ANSWERS[name]), "Least and most")
    ranges = [spans(ANSWERS[name], find) for find in QUANTITIES]

    for place, point in enumerate(ANSWERS[name]["cases"][0]["curve"]):
        shown = rows[format_change(point["move"])]
        assert shown == [format_number(end) for one in ranges for end in one[place]]


@pytest.mark.parametrize("name", list(ANSWERS))
def test_curves_are_as_high_as_the_numbers(name: str) -> None:
    """Each curve has a point for each move, and a larger number is not lower in the picture."""
    section = render(ANSWERS[name])
    charts = [one for one in section.iter("svg") if all_of(one, "curve-worst") and one.get("role") == "img"]

    check_picture(section)
    for chart, find, worst in zip(charts, QUANTITIES, (1, 0, 1), strict=True):
        check_within(chart)
        found = spans(ANSWERS[name], find)
        for css, end in (("curve-worst", worst), ("curve-mildest", 1 - worst)):
            (curve,) = all_of(chart, css)
            pairs = list(zip([one[end] for one in found], [y for _, y in read_points(curve)], strict=True))
            assert all(down <= other for value, down in pairs for less, other in pairs if value >= less)


@pytest.mark.parametrize("name", list(ANSWERS))
def test_each_case_has_its_own_probability(name: str) -> None:
    """The table of cases has the probabilities of the answer, exactly, and the moves from which an ADL comes."""
    section = render(ANSWERS[name])
    (table,) = [one for one in section.iter("table") if "Each case" in (one.findtext("caption") or "")]
    rows = [list(row) for row in table.iter("tr")][1:]

    for row, case in zip(rows, ANSWERS[name]["cases"], strict=True):
        position = case["positions"][0]
        values = [data.get("value", "") for cell in row for data in cell.iter("data")]
        expected = [
            position["probability"],
            position["expected_closed_share"],
            position["probability_liquidated"],
            case["market"]["probability"],
            case["market"]["probability_fund_used_up"],
            *(move for move in position["nearest"].values() if move is not None),
        ]
        assert list(map(float, values)) == expected


def test_the_probability_is_a_range_with_its_assumptions() -> None:
    """The range over all cases is told in words, and all assumptions of the answer are there."""
    text = text_of(render(COHORTS))

    assert "Probability of an ADL of yours in this model: 0\u00a0% to 1.499\u00a0%" in text
    assert all(sentence in text for sentence in COHORTS["assumptions"])


def test_the_nearest_move_is_told() -> None:
    """The fall that first reaches the position is told as the answer has it, and that no rise does."""
    nearest = COHORTS["range"][0]["nearest"]["down"]

    said = f"first reaches you at a move of {format_change(nearest)}; no rise worked out does."
    assert said in text_of(render(COHORTS))


def test_a_position_that_nothing_reaches_is_not_called_safe() -> None:
    """Where no move leads to an ADL, that is said of what was worked out."""
    answer = copy.deepcopy(COHORTS)
    answer["range"][0]["nearest"] = {"down": None, "up": None}

    assert "No move that was worked out leads to an ADL of yours" in text_of(render(answer))


def test_a_fall_of_ten_per_cent_is_answered_by_the_nearest_move() -> None:
    """What a fall by 10 % leads to is told at the move nearest to it, which is named."""
    text = text_of(render(COHORTS, size=12.0, settlement="USDT"))
    place = min(range(21), key=lambda one: abs(COHORTS["cases"][0]["curve"][one]["move"] + 0.1))
    adl, fund, closed = (" to ".join(map(format_number, spans(COHORTS, find)[place])) for find in QUANTITIES)

    move = format_change(COHORTS["cases"][0]["curve"][place]["move"])
    assert f"at {move}, the move nearest to −10 %, ADL closes {closed} of your 12 contracts and {adl} of all" in text
    assert f"is left with {fund} USDT" in text


def test_moves_that_end_before_ten_per_cent_are_not_passed_off_as_it() -> None:
    """Where no move is as large as 10 %, the furthest is called that."""
    answer = copy.deepcopy(COHORTS)
    for case in answer["cases"]:
        for point in case["curve"]:
            point["move"] /= 10.0

    assert "the furthest that was worked out" in text_of(render(answer))


def test_moves_without_a_fall_answer_nothing_about_one() -> None:
    """Where only rises were worked out, nothing is said of a fall."""
    answer = copy.deepcopy(COHORTS)
    for case in answer["cases"]:
        for point in case["curve"]:
            point["move"] += 1.0

    assert "If the price falls" not in text_of(render(answer))


@pytest.mark.parametrize("source", ["given", "record"])
def test_a_fund_of_which_a_residue_is_left_is_shown_as_used_up(source: str) -> None:
    """Below a ten-millionth of its balance, given or filled in, the fund is 0 in sentence, picture and table."""
    answer = copy.deepcopy(COHORTS)
    answer["filled"]["insurance_fund"] = 20_000.0 if source == "record" else None
    for number, case in enumerate(answer["cases"]):
        for point in case["curve"]:
            point["fund_after"] = (3.7356e-09, 4.2863e-08, -2e-10)[number % 3]
    section = render(answer, fund_balance=20_000.0 if source == "given" else None, settlement="USDT")

    assert "the insurance fund is left with 0 USDT" in text_of(section)
    assert {tuple(row[2:4]) for row in read_rows(section, "Least and most").values()} == {("0", "0")}
    (picture,) = [one for one in section.iter("svg") if "insurance fund over" in (one.findtext("title") or "")]
    assert "0.0000" not in text_of(picture)
    assert "e-" not in text_of(picture)


def test_a_small_fund_is_not_taken_for_a_residue() -> None:
    """What is left counts beside the balance: of a thousandth of a coin, two millionths are real."""
    answer = copy.deepcopy(COHORTS)
    for case in answer["cases"]:
        for point in case["curve"]:
            point["fund_after"] = 2e-6

    assert "is left with 0.000002 BTC" in text_of(render(answer, fund_balance=1e-3, settlement="BTC"))


def test_what_the_market_record_filled_in_is_told() -> None:
    """Figures of the market record are named with the time of its observation, in UTC."""
    answer = copy.deepcopy(COHORTS)
    answer["market"] = {"symbol": "ETHUSDT", "status": "used", "observed_at": "2026-11-18T11:59:00Z"}
    answer["filled"] |= {"insurance_fund": 20000.0, "volatility": 0.9}
    section = render(answer, settlement="USDT")

    text = text_of(section)
    assert "observed at 2026-11-18T11:59:00Z: Insurance fund 20,000 USDT; Volatility of a year 90\u00a0%" in text


@pytest.mark.parametrize("value", [1e300, 5e-324, 0.0, -1e300])
def test_hostile_amounts_are_drawn_within_the_picture(value: float) -> None:
    """ADL and fund of any size have finite places in the picture."""
    answer = copy.deepcopy(COHORTS)
    for place, point in enumerate(answer["cases"][0]["curve"]):
        point["adl_size"] = point["fund_after"] = value if place % 2 else -value
    section = render(answer)

    check_picture(section)
    for picture in [one for one in section.iter("svg") if one.get("role") == "img"]:
        check_within(picture)
