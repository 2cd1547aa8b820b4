"""Standing, nearer danger and guidance: they follow from one another, and no two parts of an answer disagree."""

import itertools
from datetime import datetime
from typing import Any, get_args

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import Mechanism, Ranking
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.domain.rules.meter import FractionMeter
from adlrisk.domain.rules.signal_thresholds import Thresholds
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.guidance import guidance_for
from adlrisk.domain.scoring.score import Score
from adlrisk.domain.scoring.standing import Place
from support.builders import a_position, markets, moments, positions, scored

TENSE = Market(funding_rate=0.01, liquidation_spike=True)  # two signals, the band watch
NO_QUEUE: dict[str, Any] = {"ranking": Ranking(), "mechanism_note": "Otherwise."}
FRACTION = FractionMeter(field="rank", endpoint="GET /rank", direction_confidence="documented")


def place(answer: Score) -> str:
    return answer.standing.place


@pytest.mark.parametrize("mechanism", ["socialised", "none"])
@pytest.mark.parametrize("mark", [60, 110])
def test_a_venue_without_adl_has_no_queue(mechanism: Mechanism, mark: float) -> None:
    """No meter, profit or band puts a position into a queue that there is not."""
    position = a_position(mark_price=mark, maintenance_margin_rate=0.01)
    answer = scored(position, TENSE, mechanism=mechanism, meter=None, **NO_QUEUE)
    assert (place(answer), answer.band, answer.nearer_danger.danger) == ("no_adl_at_venue", "watch", "none")


@pytest.mark.parametrize("reading", [None, 4])
def test_an_insolvent_position_is_in_no_queue(reading: float | None) -> None:
    """Whatever its meter reads: it is liquidated itself."""
    answer = scored(a_position(mark_price=40, adl_meter=reading))
    assert (place(answer), answer.nearer_danger.danger) == ("not_in_queue", "liquidation")
    assert answer.guidance.startswith("Liquidation is due")


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("mark", [95, 100])
def test_a_position_without_profit_stands_where_the_formula_puts_it(formula: str, mark: float) -> None:
    """In a queue of winners it is not; behind the winners where losers come last; anywhere by a ratio of values."""
    answer = scored(a_position(mark_price=mark, maintenance_margin_rate=0.01), ranking=Ranking(formula=formula))
    expected = {
        "price_ratio_leverage": "not_in_queue",
        "pnl_over_equity": "not_in_queue",
        "value_ratio_leverage": "unknown",
    }
    assert place(answer) == expected.get(formula, "back")


def test_a_keeper_takes_winners_only() -> None:
    """At a venue whose keepers reduce profits a position without one cannot be taken; another's place is open."""
    keeper: dict[str, Any] = {"mechanism": "keeper", "meter": None, **NO_QUEUE}
    assert place(scored(a_position(mark_price=95), **keeper)) == "not_in_queue"
    assert place(scored(a_position(mark_price=110), **keeper)) == "unknown"
    assert place(scored(a_position(mark_price=95), **{**keeper, "mechanism": "random"})) == "unknown"


@pytest.mark.parametrize(("reading", "expected"), [(4, "front"), (3, "front"), (2, "middle"), (1, "back"), (0, "back")])
def test_the_meter_tells_the_place_of_a_winner(reading: float, expected: str) -> None:
    """Above the middle of its scale it is the front, below it the back, whatever the threshold of the signal."""
    for threshold in (0.1, 0.5, 1.0):
        card: dict[str, Any] = {"score": Thresholds(adl_meter=threshold)}
        assert place(scored(a_position(mark_price=110, adl_meter=reading), **card)) == expected


def test_the_meter_decides_over_the_formula_and_says_so() -> None:
    """A losing position that the venue shows at the front is at the front, and the reason names the disagreement."""
    answer = scored(a_position(mark_price=95, adl_meter=4))
    assert place(answer) == "front"
    assert "although pnl_leverage would rank a position without profit last" in answer.standing.reason
    agreeing = scored(a_position(mark_price=95, adl_meter=0))
    assert (place(agreeing), "although" in agreeing.standing.reason) == ("back", False)


def test_a_reading_without_a_rank_tells_no_place() -> None:
    """The venue's reading for "no rank" leaves a winner's place unknown, and a loser's to the formula."""
    meter = FractionMeter(field="rank", endpoint="GET /rank", direction_confidence="documented", none=(0.0,))
    assert place(scored(a_position(mark_price=110, adl_meter=0), meter=meter)) == "unknown"
    assert place(scored(a_position(mark_price=95, adl_meter=0), meter=meter)) == "back"


# A long from 100 with margin 10: bankrupt at 90, liquidated at 90/0.99 = 90.91 at a rate of 1 %.
@pytest.mark.parametrize(
    ("mark", "rate", "market", "expected"),
    [
        (95.0, 0.01, Market(), "liquidation"),  # 4.3 % away
        (90.0 / 0.99 / 0.95, 0.01, Market(), "liquidation"),  # 5 % away, but for rounding
        (95.8, 0.01, Market(), "none"),  # 5.1 % away
        (95.8, None, Market(), "unknown"),  # 6 % above the bankruptcy price: how far above liquidation, nobody knows
        (94.5, None, Market(), "liquidation"),  # 4.8 % above the bankruptcy price, and liquidation comes before
        (90.9, 0.01, Market(), "liquidation"),  # past it
        (110.0, 0.01, TENSE, "adl"),  # profit, funding and a spike: 6 points
        (110.0, None, TENSE, "adl"),  # something else decides
        (110.0, 0.01, Market(), "none"),
    ],
)
def test_the_nearer_danger_matches_the_design(mark: float, rate: float | None, market: Market, expected: str) -> None:
    """Liquidation within 5 % comes first, then the band; without a known distance nothing is called calm."""
    answer = scored(a_position(mark_price=mark, margin=10, maintenance_margin_rate=rate), market)
    assert answer.nearer_danger.danger == expected, answer.nearer_danger


def test_what_is_near_is_the_card_s_to_say() -> None:
    """`score.near_liquidation` moves the border."""
    position = a_position(mark_price=100, margin=10, maintenance_margin_rate=0.01)  # 9.1 % away
    for near, danger in ((0.05, "none"), (0.1, "liquidation")):
        answer = scored(position, score=Thresholds(near_liquidation=near))
        assert answer.nearer_danger.danger == danger


def test_a_band_of_others_conditions_threatens_only_who_can_be_taken() -> None:
    """With a high band, a loser where winners are taken and a position at a venue without ADL are not in danger."""
    tense: dict[str, Any] = {"mark_price": 95, "margin": 6.5, "maintenance_margin_rate": 1e-9}  # 63×, 1.6 % away
    calm = {**tense, "mark_price": 99, "margin": 6.5}  # 18×, 5.6 % away
    for card in ({"ranking": Ranking(formula="price_ratio_leverage")}, {"mechanism": "socialised", **NO_QUEUE}):
        answer = scored(a_position(**calm), TENSE, meter=None, **card)
        assert (answer.band, answer.nearer_danger.danger) == ("watch", "none")
        assert scored(a_position(**tense), TENSE, meter=None, **card).nearer_danger.danger == "liquidation"
    assert scored(a_position(**calm), TENSE, meter=None).nearer_danger.danger == "adl"


COMBINATIONS = list(
    itertools.product(
        get_args(Band), get_args(Place), get_args(Danger), (False, True), (False, True), get_args(Mechanism)
    )
)


def test_guidance_is_one_short_sentence_for_every_combination() -> None:
    """Each has a sentence of 25 words at most, which speaks of the danger and of the place."""
    assert len(COMBINATIONS) == 3 * 6 * 4 * 2 * 2 * 6
    for band, place, danger, is_due, knows_band, mechanism in COMBINATIONS:
        text = guidance_for(band, place, danger, is_due=is_due, knows_band=knows_band, mechanism=mechanism)
        assert text.endswith(".")
        assert text[:-1].count(". ") == 0
        assert len(text.split()) <= 25, text
        assert text.startswith("Liquidation is") is (danger == "liquidation")
        if place == "no_adl_at_venue" and not (danger == "liquidation" and is_due):
            assert "this venue has no ADL" in text, text
        if place == "not_in_queue" and danger in ("none", "unknown"):
            assert "in no queue" in text, text


@given(position=positions(), market=markets, as_of=moments, data=st.data())
def test_no_two_parts_of_an_answer_disagree(
    position: Position, market: Market, as_of: datetime, data: st.DataObject
) -> None:
    """What the standing, the danger, the guidance, the band, the queue and the state say fits together."""
    mechanism = data.draw(st.sampled_from(get_args(Mechanism)))
    formula = data.draw(st.sampled_from([*FORMULAS, None])) if mechanism == "queue" else None
    card: dict[str, Any] = {"mechanism": mechanism, "meter": FRACTION, "mechanism_note": "Otherwise."}
    reading = data.draw(st.none() | st.floats(0.0, 1.0))
    answer = scored(
        msgspec.structs.replace(position, adl_meter=reading),
        market,
        as_of=as_of,
        ranking=Ranking(formula=formula),
        **card,
    )
    danger, state, guidance = answer.nearer_danger.danger, answer.state, answer.guidance
    if market.adl_trigger:
        assert guidance.startswith(f"{answer.alerts[0].reason} ")
        guidance = guidance.removeprefix(f"{answer.alerts[0].reason} ")
    closes = mechanism not in ("socialised", "none")
    assert (place(answer) == "no_adl_at_venue") is not closes
    if place(answer) == "not_in_queue" and answer.queue is not None:
        assert answer.queue.priority is None or (state.equity or 0.0) <= 0.0
    if answer.queue is not None and not answer.queue.eligible and formula != "value_ratio_leverage":
        assert place(answer) == "not_in_queue"
    if danger == "adl":
        assert (answer.band != "low", closes, place(answer) in ("not_in_queue", "no_adl_at_venue")) == (
            True,
            True,
            False,
        )
    near = state.liquidation_distance is not None and state.liquidation_distance <= 0.05
    if near or (state.equity is not None and state.equity <= 0.0):
        assert danger == "liquidation"
    if danger == "liquidation":
        assert guidance.startswith("Liquidation is")
        assert near or state.liquidation_distance is None
    if danger == "none":
        assert state.equity is not None
    assert guidance == guidance_for(
        answer.band,
        answer.standing.place,
        danger,
        is_due=guidance.startswith("Liquidation is due"),
        knows_band=answer.band == answer.band_upper,
        mechanism=mechanism,
    )
    assert len(answer.standing.reason.split()) <= 25
    assert len(answer.nearer_danger.reason.split()) <= 25


def test_a_front_place_is_named_even_when_little_else_is_known() -> None:
    """With a low band and a place at the front, the guidance does not speak as of a calm position."""
    answer = scored(a_position(mark_price=100.5, adl_meter=3))
    assert (answer.band, place(answer), answer.nearer_danger.danger) == ("low", "front", "unknown")
    assert "near the front" in answer.guidance


@pytest.mark.parametrize(("reading", "says_so"), [(None, False), (0.1, False), (0.9, True)])
def test_who_is_never_taken_is_in_no_queue_whatever_the_meter_reads(reading: float | None, says_so: bool) -> None:
    """A loser where only winners are taken stays out, and the reason names a meter that shows a place ahead."""
    answer = scored(
        a_position(mark_price=95, adl_meter=reading), meter=FRACTION, ranking=Ranking(formula="pnl_over_equity")
    )
    assert place(answer) == "not_in_queue"
    assert ("whatever rank reads" in answer.standing.reason) is says_so


def test_equity_below_a_computed_maintenance_margin_is_due() -> None:
    """5 % of an entry value of 5,000 is 250, more than an equity of 20: due, though no price above 0 is the first."""
    answer = scored(
        a_position(
            side="short", entry_price=5000, mark_price=100, equity=20, maintenance_margin_rate=0.05,
            maintenance_basis="entry",
        )
    )  # fmt: skip
    assert answer.state.liquidation_price is None
    assert (answer.nearer_danger.danger, answer.guidance.startswith("Liquidation is due")) == ("liquidation", True)


def test_a_price_near_the_mark_is_shown_on_its_side_of_it() -> None:
    """At a mark of 1.2349 a liquidation price of 1.234839 is not rounded to 1.235, beyond the mark."""
    answer = scored(
        a_position(entry_price=1.2349, mark_price=1.2349, size=1000, equity=5, maintenance_margin_rate=0.004)
    )
    assert "The liquidation price is 1.2348, " in answer.nearer_danger.reason
    assert any("The liquidation price of 1.2348 is only" in action.reason for action in answer.actions)
