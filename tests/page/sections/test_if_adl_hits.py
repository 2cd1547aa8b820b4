"""Section "If an ADL hits"."""

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from adlrisk.api.endpoints.adl.partial_answer import answer_partial
from adlrisk.api.endpoints.adl.schema import PartialRequest
from adlrisk.library import catalogue
from adlrisk.page.examples import EXAMPLES
from adlrisk.page.form.bodies import build_partial
from adlrisk.page.numbers import format_gain, format_number
from adlrisk.page.sections.if_adl_hits import SHARES, list_scenario_prices, render_if_adl_hits
from support.pictures import all_of, check_picture, check_within, parse, read_points, read_rows, text_of
from support.running import example

REQUEST = example("adl-partial.request")
MARK = REQUEST["position"]["mark_price"]


def ask(body: Mapping[str, Any]) -> Any:
    answer = answer_partial(
        msgspec.convert(body, PartialRequest), venues=catalogue(), now=datetime(2026, 11, 18, tzinfo=UTC)
    )
    return msgspec.json.decode(msgspec.json.encode(answer))


def ask_shares(**more: Any) -> list[Any]:
    prices = list_scenario_prices(MARK)
    return [ask(REQUEST | {"close": {"fraction": one}, "scenario_prices": prices} | more) for one in SHARES]


def render(answers: list[Any], *, venue: str = "binance") -> ET.Element:
    card = msgspec.json.decode(msgspec.json.encode(catalogue()[venue].rules))
    return parse(render_if_adl_hits(answers, mark_price=MARK, card=card, settlement="USDT"))


def test_outcomes_are_those_of_the_answers() -> None:
    """A column for each share, with what is closed, realized and left to the last digit of the answers."""
    answers = ask_shares()
    rows = read_rows(render(answers), "Amounts in USDT")

    assert list(map(float, rows["Contracts"])) == [one["closed_size"] for one in answers] == [1.0, 2.5, 5.0, 10.0]
    assert list(map(float, rows["Realized"])) == [one["realized_pnl"] for one in answers]
    assert list(map(float, rows["Contracts left"])) == [one["after"]["size"] for one in answers]
    assert list(map(float, rows["Unrealized left"])) == [one["after"]["unrealized_pnl"] for one in answers]
    assert list(map(float, rows["Margin left"])) == [one["after"]["margin"] for one in answers]
    assert rows["Leverage"][-1] == rows["Liquidation"][-1] == "–"
    for label, field in (("Leverage", "effective_leverage"), ("Liquidation", "liquidation_price")):
        assert list(map(float, rows[label][:-1])) == [one["after"][field] for one in answers[:-1]]


def ask_legs(**more: str) -> list[Any]:
    """A long of 1 and a short of 0.9 at 50,000, backed by 1,000."""
    values = {**EXAMPLES["an account with a hedge"], **more}
    bodies = [build_partial(values, fraction=share, prices=[50000.0, 51000.0]) for share in SHARES]
    return [ask(msgspec.json.decode(msgspec.json.encode(body))) for body in bodies]


def test_a_leg_has_the_figures_of_its_account_after_each_share() -> None:
    """Beside the leg's own stand the account's: the other leg is left with the equity, and unhedged at 100 %."""
    section = parse(render_if_adl_hits(ask_legs(), mark_price=50000.0, settlement="USDT"))
    rows = read_rows(section, "Amounts in USDT")

    assert list(map(float, rows["Account: equity"])) == [1000.0] * 4
    # Gross: (1 − share + 0.9) · 50,000 / 1,000; net: |0.1 − share| · 50,000 / 1,000.
    assert list(map(float, rows["Account: leverage"])) == pytest.approx([90.0, 82.5, 70.0, 45.0])
    assert list(map(float, rows["Account: net exposure"])) == pytest.approx([0.0, 7.5, 20.0, 45.0])
    assert rows["Account: liquidation by a fall"] == ["none"] * 4
    assert rows["Account: liquidation by a rise"][0] == "none"
    # Equity 1,000 − 45,000 · move meets the maintenance margin of 0.004 · 45,000 · (1 + move).
    assert float(rows["Account: liquidation by a rise"][-1]) == pytest.approx(820.0 / 45180.0)
    assert rows["Margin left"][-1] == "–"
    assert "it leaves the other position, unhedged: a notional of 45,000 at 45× of the account's equity." in text_of(
        section
    )
    assert "nothing of this position is left" in text_of(section)


def test_a_second_position_that_hedges_nothing_is_not_called_unhedged() -> None:
    """Where both positions are on one side, what is left was no hedge."""
    text = text_of(parse(render_if_adl_hits(ask_legs(hedge_side="long"), mark_price=50000.0)))

    assert "it leaves the other position: a notional" in text


def test_a_position_alone_has_no_account_to_tell_of() -> None:
    """Without other legs, the table ends with the position's own figures."""
    section = render(ask_shares())

    assert not [name for name in read_rows(section, "Amounts in USDT") if name.startswith("Account")]
    assert "Closed whole" not in text_of(section)


def test_a_liquidation_price_is_not_rounded_onto_the_mark_price() -> None:
    """A liquidation that is not due yet has as many digits as tell it from the mark price."""
    answers = copy.deepcopy(ask_shares())
    answers[0]["after"]["liquidation_price"] = MARK + 0.00001

    assert "1,800.00001" in text_of(render(answers))


def test_missed_profit_is_that_of_the_answers() -> None:
    """The table under the curves has the missed profit of each share at each price."""
    answers = ask_shares()
    rows = read_rows(render(answers), "Missed profit in USDT")

    for place, price in enumerate(list_scenario_prices(MARK)):
        shown = rows[format_number(price, digits=7)]
        assert shown == [format_gain(one["scenarios"][place]["missed_profit"]) for one in answers]


def test_the_larger_the_share_the_steeper_its_curve() -> None:
    """Of a short all curves fall, through 0 at the fill price, and that of the largest share most."""
    section = render(ask_shares())
    curves = [read_points(curve) for curve in all_of(section, "curve")]
    falls = [curve[-1][1] - curve[0][1] for curve in curves]

    check_picture(section)
    assert falls == sorted(falls)
    assert falls[0] > 0.0
    assert len({curve[6] for curve in curves}) == 1


@pytest.mark.parametrize(
    ("venue", "words"),
    [
        ("binance", "The true one can be worse: this venue fills at the bankruptcy price"),
        ("htx", "The true one can be worse: at which price this venue fills is not published"),
        ("okx", "the mark price now: this venue fills at the mark price of that moment"),
    ],
)
def test_the_fill_price_is_explained_by_the_rule_of_the_venue(venue: str, words: str) -> None:
    """What the mark price as a fill price is worth depends on the venue, and is said."""
    assert words in text_of(render(ask_shares(), venue=venue))


@pytest.mark.parametrize("venue", ["paradex", "coinbase", "drift"])
def test_a_venue_that_closes_nobody_has_no_outcomes(venue: str) -> None:
    """Where losses are shared, or there is nothing left, no close is worked out, and the card's note says what is."""
    section = render(ask_shares(), venue=venue)

    assert (catalogue()[venue].rules.mechanism_note or "?") in text_of(section)
    assert not list(section.iter("table"))
    assert not list(section.iter("svg"))


@pytest.mark.parametrize("venue", sorted(catalogue()))
def test_terms_of_the_forced_fill_are_those_of_the_card(venue: str) -> None:
    """Orders, fee and parts are told as on the card, and what it does not know as unknown."""
    terms = catalogue()[venue].rules.execution
    if catalogue()[venue].rules.mechanism in ("socialised", "none"):
        return
    text = text_of(render(ask_shares(), venue=venue))

    assert ("open orders in the contract are cancelled" in text) is (terms.cancels_orders is True)
    assert ("open orders are cancelled is unknown" in text) is (terms.cancels_orders is None)
    assert ("carries no fee" in text) is (terms.fee == "none")
    assert ("fee the forced fill carries is unknown" in text) is (terms.fee == "unknown")
    assert ("closed in part is unknown" in text) is (terms.partial is None)
    assert terms.note is None or terms.note in text


def test_rules_that_could_not_be_read_are_not_called_unpublished() -> None:
    """Without the card, the fill price is unknown because of that."""
    text = text_of(parse(render_if_adl_hits(ask_shares(), mark_price=MARK)))

    assert "the rules of this venue could not be read" in text
    assert "not published" not in text


def test_a_fill_price_that_is_given_is_named() -> None:
    """A fill price other than the mark price is told as given, and curves go through 0 there."""
    text = text_of(render(ask_shares(fill_price=1890.0)))

    assert "a fill price of 1,890, as given" in text
    assert "The true one" not in text


def test_a_share_of_less_than_a_lot_closes_nothing() -> None:
    """Where lots are too large for a share, its column says so instead of zeros."""
    rows = read_rows(render(ask_shares(lot_size=5)), "Amounts in USDT")

    assert rows["Realized"][:2] == ["< 1 lot", "< 1 lot"]
    assert float(rows["Realized"][2]) == 1000.0


@pytest.mark.parametrize(("price", "shown"), [(2079.2, True), (9000.0, False), (None, False)])
def test_the_liquidation_price_is_shown_where_it_is_among_the_prices(price: float | None, *, shown: bool) -> None:
    """Beyond the liquidation price the curves are without meaning, so it is set off if it is in the picture."""
    answers = copy.deepcopy(ask_shares())
    answers[0]["before"]["liquidation_price"] = price
    labels = [text_of(one) for one in all_of(render(answers), "label")]

    assert ("liquidation" in labels) is shown


@pytest.mark.parametrize("scale", [1e300, 5e-324, 0.0, -1e300])
def test_hostile_amounts_are_drawn_within_the_picture(scale: float) -> None:
    """Missed profit of any size has a finite place in the picture."""
    answers = copy.deepcopy(ask_shares())
    for answer in answers:
        for place, scenario in enumerate(answer["scenarios"]):
            scenario["missed_profit"] = scale if place % 2 else -scale
    section = render(answers)

    check_picture(section)
    for picture in [one for one in section.iter("svg") if one.get("role") == "img"]:
        check_within(picture)
    assert "nan" not in text_of(section).split()


@pytest.mark.parametrize("mark", [1800.0, 0.00001234, 1e9])
def test_scenario_prices_are_around_the_mark_price(mark: float) -> None:
    """They rise from 30 % below the mark price to 30 % above it, and it is in their middle."""
    prices = list_scenario_prices(mark)

    assert prices == sorted(set(prices))
    assert prices[len(prices) // 2] == mark
    assert (prices[0], prices[-1]) == pytest.approx((0.7 * mark, 1.3 * mark))
