"""Section "Ways out"."""

import copy
import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from adlrisk.page.sections.ways.option import Bounds
from adlrisk.page.sections.ways.planned import list_planned_actions
from adlrisk.page.sections.ways_out import render_ways_out
from support.pictures import all_of, parse, text_of
from support.running import example

PLANS = {name: example(f"{name}.answer") for name in ("plan", "plan-account", "plan-book", "plan-candidate")}


def render(plan: Mapping[str, Any], **more: Any) -> ET.Element:
    return parse(render_ways_out(plan, side="short", settlement="USDT", target="watch", **more))


def read_figures(option: ET.Element) -> dict[str, ET.Element]:
    """What stands under each name."""
    return {
        text_of(part[0]): part[1] for figures in all_of(option, "figures", "dl") for part in figures if len(part) > 1
    }


def read_number(cell: ET.Element) -> float | None:
    data = cell.find(".//data")
    return None if data is None else float(data.get("value", ""))


@pytest.mark.parametrize("name", ["plan", "plan-account"])
def test_options_are_shown_in_the_order_of_the_answer(name: str) -> None:
    """Each option is shown once, the cheapest first as answered, with whether it reaches the target."""
    options = all_of(render(PLANS[name]), "option")

    assert [bool(all_of(option, "option-reaches")) for option in options] == [
        option["reaches_target"] for option in PLANS[name]["options"]
    ]
    words = {"close": "Close all: buy", "reduce_size": "Close part", "add_margin": "Add", "hedge": "Hedge"}
    for shown, option in zip(options, PLANS[name]["options"], strict=True):
        heading = shown.find("h3")
        assert heading is not None
        assert text_of(heading).startswith(words.get(option["action"], "Close all and open it again"))
        outcome = text_of(all_of(shown, "option-outcome")[0])
        assert outcome.startswith("✓ reaches" if option["reaches_target"] else "✗ does not reach")
        assert f"score after it {option['after']['score']} of 10 ({option['after']['band']})" in outcome


@pytest.mark.parametrize("name", ["plan", "plan-account", "plan-book"])
def test_costs_are_those_of_the_answer_and_unknown_ones_are_called_so(name: str) -> None:
    """Margin, fees and slippage are the answer's to the last digit; null is told as unknown, never as none."""
    shown = all_of(render(PLANS[name]), "option")
    for option, element in zip(PLANS[name]["options"], shown, strict=True):
        figures = read_figures(element)
        for label, field in (("Margin to add", "margin"), ("Fees", "fees"), ("Slippage", "slippage")):
            value = option["cost"][field]
            if value is None:
                assert text_of(figures[label]).startswith("unknown")
            elif value == 0.0:
                assert text_of(figures[label]) == "none"
            else:
                assert read_number(figures[label]) == value
                assert text_of(figures[label]).endswith(" USDT")


def test_what_an_option_leads_to_is_that_of_the_answer() -> None:
    """Leverage, liquidation price and ranking key after an option are the answer's; after a close nothing is left."""
    for option, element in zip(PLANS["plan"]["options"], all_of(render(PLANS["plan"]), "option"), strict=True):
        figures = read_figures(element)
        for label, field in (
            ("Leverage after", "effective_leverage"),
            ("Liquidation after", "liquidation_price"),
            ("Ranking key after", "priority"),
        ):
            if option["action"] == "close":
                assert text_of(figures[label]) == "nothing is left"
            else:
                assert read_number(figures[label]) == option["after"][field]


def test_sentences_of_the_answer_are_told_in_full() -> None:
    """What an option does not change, orders to change, and signals that are not yours, all are there."""
    text = text_of(render(PLANS["plan"]))

    for option in PLANS["plan"]["options"]:
        assert all(sentence in text for sentence in option["does_not_change"])
    assert "stop: cancel it (10 contracts)" in text
    for one in PLANS["plan"]["not_yours"]:
        assert one["reason"].replace("`", "") in text


def test_an_option_without_an_amount_says_so() -> None:
    """Where no amount changes anything, no amount is told."""
    (option,) = [
        element
        for element, one in zip(all_of(render(PLANS["plan"]), "option"), PLANS["plan"]["options"], strict=True)
        if one["amount"] is None
    ]

    assert "no amount of it changes the score" in text_of(option)


def test_what_an_option_makes_worse_is_told_before_its_figures() -> None:
    """Each sentence of what gets worse stands right after the outcome, under a sign and a heading."""
    for option, element in zip(
        PLANS["plan-account"]["options"], all_of(render(PLANS["plan-account"]), "option"), strict=True
    ):
        worse = all_of(element, "option-worse")
        if not option["makes_worse"]:
            assert not worse
            continue
        parts = list(element)
        assert text_of(worse[0]) == "".join(("⚠ Makes worse", *option["makes_worse"]))
        assert parts.index(worse[0]) < parts.index(all_of(element, "figures", "dl")[0])


def test_the_account_after_an_option_is_beside_the_one_of_now() -> None:
    """Gross leverage and net exposure of the account after each option are the answer's, and those of now too."""
    plan = PLANS["plan-account"]
    for option, element in zip(plan["options"], all_of(render(plan), "option"), strict=True):
        figures = read_figures(element)
        for label, field in (("Account: leverage", "gross_leverage"), ("Account: net exposure", "net_leverage")):
            assert read_number(figures[label]) == option["account"][field]
            assert f"(now {plan['account'][field]:.4g}×)" in text_of(figures[label])


def test_the_place_in_a_queue_is_told_where_a_book_gives_it() -> None:
    """The fifth after an option is told, of five, and from which end they count; without a book it is left out."""
    for option, element in zip(
        PLANS["plan-book"]["options"], all_of(render(PLANS["plan-book"]), "option"), strict=True
    ):
        place = read_figures(element).get("In the queue after")
        fifth = option["after"]["fifth"]
        if fifth is None:
            assert place is None
        else:
            assert place is not None
            assert text_of(place) == f"fifth {fifth} of 5, the first is closed first"
    assert not [one for one in all_of(render(PLANS["plan"]), "figures", "dl") if "In the queue after" in text_of(one)]


def test_what_is_unknown_of_the_position_is_named() -> None:
    """The fields that would settle the unknown part of the score are named in words."""
    plan = PLANS["plan-book"]
    missing = ", ".join(name.replace("_", " ") for name in plan["missing"])
    assert "funding rate" in missing
    assert f"judged without: {missing}." in text_of(render(plan))
    assert "judged without" not in text_of(render(PLANS["plan"]))


@pytest.mark.parametrize(
    ("reachable", "words"),
    [
        (True, "Opened as planned it would not have watch: below is how large it may be, or what has to back it."),
        (False, "Opened as planned it would not have watch, at any size and with any margin."),
    ],
)
def test_a_planned_position_beyond_the_target_promises_no_options(words: str, *, reachable: bool) -> None:
    """A position that is not held yet has limits instead of ways out."""
    plan = copy.deepcopy(PLANS["plan-candidate"]) | {"reached": False, "reachable": reachable}
    text = text_of(render(plan, is_planned=True))

    assert words in text
    assert "These lead to" not in text


def test_a_planned_position_without_limits_is_not_told_to_close() -> None:
    """Where the limits are unknown that is said, with what they need, and no close of what is not open."""
    plan = copy.deepcopy(PLANS["plan-candidate"]) | {"reached": False, "reachable": False, "candidate": None}
    text = text_of(render(plan, is_planned=True))

    assert "How large it may be is unknown: that needs what backs it, and a maintenance margin rate." in text
    assert "closing" not in text
    assert "any size" not in text


@pytest.mark.parametrize(("upper", "words"), [(0, None), (6, "if they fire, the score is up to 6 of 10 as planned.")])
def test_limits_of_a_planned_position_say_what_they_are_silent_about(upper: int, words: str | None) -> None:
    """Beside the limits stands their target, that a liquidation can be due at them, and what is unknown."""
    plan = copy.deepcopy(PLANS["plan-candidate"])
    plan["now"]["score_upper"] = upper
    section = render(plan, is_planned=True)
    (warning,) = all_of(section, "notice")

    assert "Largest size that has watch, with what backs it: 14.9 contracts" in text_of(section)
    assert "at this size, to have watch: 66.67 USDT" in text_of(section)
    assert text_of(warning).startswith("Stay well inside these limits. At them the liquidation can be as good as due")
    assert "not the distance to liquidation." in text_of(warning)
    assert ("Unknown signals count as not fired here" in text_of(warning)) is (words is not None)
    assert words is None or words in text_of(warning)


def test_actions_of_a_planned_position_presuppose_no_position() -> None:
    """Nobody takes the profit of, keeps a buffer behind or closes what is not open; other actions stay in order."""
    names = ["take_profit", "add_margin", "keep_margin_buffer", "close_before_settlement", "reduce_size", "hedge"]
    kept = list_planned_actions([{"action": name} for name in names])

    assert [one["action"] for one in kept] == ["add_margin", "reduce_size", "hedge"]


def test_figures_after_an_option_stay_on_their_side() -> None:
    """An amount has all its digits; no figure after an option is rounded onto the mark price or the threshold."""
    plan = copy.deepcopy(PLANS["plan"])
    (option,) = [one for one in plan["options"] if one["action"] == "add_margin"]
    option["amount"] = option["cost"]["margin"] = 27750.01
    option["after"] |= {"effective_leverage": 14.99996, "liquidation_price": 49999.99996}
    plan["options"] = [option]
    bounds = Bounds(mark_price=50000.0, leverage=15.0)
    section = render(plan, bounds=bounds)
    figures = read_figures(all_of(section, "option")[0])

    assert "Add 27,750.01 USDT of margin" in text_of(section)
    assert text_of(figures["Margin to add"]) == "27,750.01 USDT"
    assert text_of(figures["Leverage after"]) == "14.99996×"
    assert text_of(figures["Liquidation after"]) == "49,999.99996"


def test_the_request_to_check_an_option_is_there_to_the_last_digit() -> None:
    """Without an address of the page, the body of the request is shown whole."""
    bodies = [json.loads(text_of(one)) for one in render(PLANS["plan"]).iter("pre")]

    assert bodies == [one["request"] for one in PLANS["plan"]["options"] if one["request"] is not None]


def test_an_address_of_the_page_stands_for_the_request() -> None:
    """Where the page has an address for a request, a link leads there."""
    section = render(PLANS["plan"], address_of=lambda body: f"/?mark_price={body['position']['mark_price']}")

    links = [link.get("href") for link in section.iter("a")]
    assert links == ["/?mark_price=1800.0"] * 4
    assert not list(section.iter("pre"))


def test_a_target_that_is_reached_needs_no_option() -> None:
    """Where the target is reached, the section says so, and how far a planned position may go."""
    section = render(PLANS["plan-candidate"], is_planned=True)
    values = [float(one.get("value", "")) for one in section.iter("data")]
    candidate = PLANS["plan-candidate"]["candidate"]

    assert "nothing is needed" in text_of(section)
    assert values == [candidate["largest_size"], candidate["least_margin"]]


def test_a_target_that_is_reached_only_as_far_as_is_known_is_not_called_reached() -> None:
    """Where unknown signals may add to the score, neither the position nor an option is said to be at the target."""
    plan = copy.deepcopy(PLANS["plan"])
    plan["options"][0]["after"]["score_upper"] = 4
    reached = copy.deepcopy(PLANS["plan-candidate"])
    reached["now"]["score_upper"] = 6

    option = all_of(render(plan), "option")[0]
    outcome = text_of(all_of(option, "option-outcome")[0])
    assert not all_of(option, "option-reaches")
    assert outcome == "? reaches the target as far as is known; score after it 0 to 4 of 10 (low)"
    assert "what is unknown may add to it" in text_of(render(reached))
    assert "nothing is needed" not in text_of(render(reached))


def test_costs_without_a_named_currency_say_in_what_they_are() -> None:
    """Where the settlement currency has no name, amounts stand alone and a note says what they are in."""
    text = text_of(parse(render_ways_out(PLANS["plan"], side="short")))

    assert "Add 1,000.01 of margin" in text
    assert "Costs are in settlement currency." in text


def test_a_plan_that_only_closing_fulfils_says_so() -> None:
    """Where nothing but closing reaches the target, no way out is promised."""
    plan = copy.deepcopy(PLANS["plan"]) | {"reachable": False}

    assert "Nothing but closing leads to watch" in text_of(render(plan))


def test_ids_of_orders_are_escaped() -> None:
    """An id is the client's own text, and stays text."""
    plan = copy.deepcopy(PLANS["plan"])
    plan["options"][0]["orders"][0]["id"] = "<b>&\"'"
    section = render(plan)

    assert "<b>&\"'" in text_of(section)
    assert not list(section.iter("b"))


def test_limits_of_a_planned_position_are_told_apart() -> None:
    """No limit, no lot at all and an unknown limit are three answers, and none is told as a number."""
    plan = PLANS["plan-candidate"]
    said = [
        text_of(render({**plan, "candidate": {"largest_size": size, "least_margin": margin}}, is_planned=True))
        for size, margin in ((None, 100.0), (0.0, None), (12.5, 100.0))
    ]
    assert "what backs it: nothing limits it" in said[0]
    assert "what backs it: no lot has it" in said[1]
    assert "to have watch: nothing has it" in said[1]
    assert ["Stay well inside" in text for text in said] == [True, False, True]
    assert "what backs it: 12.5 contracts" in said[2]
    assert "Before you open it" not in text_of(render(plan))


def test_nearer_danger_of_each_option_is_told() -> None:
    """Beside the score after an option stands whether liquidation or an ADL is nearer then."""
    words = {"liquidation": "liquidation", "adl": "an ADL", "none": "neither of them", "unknown": "unknown"}
    for option, element in zip(PLANS["plan"]["options"], all_of(render(PLANS["plan"]), "option"), strict=True):
        assert text_of(read_figures(element)["Nearer danger after"]) == words[option["after"]["danger"]]
