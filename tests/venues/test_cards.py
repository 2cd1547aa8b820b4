"""Acceptance checks for rule cards: the same numbered checks for every venue."""

import re
from datetime import date
from typing import Any

import ccxt
import pytest

import adlrisk
from adlrisk.domain.queue.queue import SideQueue, rank_book
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.classification import ClassifiedFill, FillClassifier
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.domain.rules.meter import FractionMeter, LevelMeter
from adlrisk.domain.scoring.signal_reasons import Signal
from support.builders import book_of
from support.facts import FACTS
from support.fill_facts import FILLS, Fill

CATALOGUE = adlrisk.catalogue()
WINNERS_ONLY = ("price_ratio_leverage", "pnl_over_equity")
each_venue = pytest.mark.parametrize("venue", sorted(FACTS))


def card(venue: str) -> VenueRules:
    return CATALOGUE[venue].rules


def answer(venue: str, **position: Any) -> adlrisk.ScoreAnswer:
    """The score of a position at the venue, by default of a calm long."""
    calm: dict[str, Any] = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100}
    calm["contract"] = FACTS[venue].contracts[0]
    if not {"margin", "leverage"} & set(position):
        calm["margin"] = 50
    return adlrisk.score(
        adlrisk.ScoreRequest(
            venue=venue, position=adlrisk.Position(**{**calm, **position}), as_of="2026-11-18T12:00:00Z"
        )
    )


def meter_signal(venue: str, reading: float) -> Signal:
    return answer(venue, adl_meter=reading).signals[4]


def test_00_every_card_has_its_row_of_facts() -> None:
    """No card is unchecked, and every fact has a card."""
    assert set(CATALOGUE) == set(FACTS)
    assert len(FACTS) == 39
    assert set(FILLS) < set(FACTS)


@each_venue
def test_01_mechanism_and_formula_match_the_documents(venue: str) -> None:
    """Mechanism, formula and confidence agree with the venue's documents."""
    rules, facts = card(venue), FACTS[venue]
    assert (rules.mechanism, rules.ranking.formula, rules.confidence) == (
        facts.mechanism,
        facts.formula,
        facts.confidence,
    )


@each_venue
def test_02_a_queue_has_a_formula_or_a_note_and_other_mechanisms_a_note(venue: str) -> None:
    """A known formula, or a note on what is known of the queue or happens instead."""
    rules = card(venue)
    if rules.ranking.formula is not None:
        assert rules.mechanism == "queue"
        assert rules.ranking.formula in FORMULAS
    else:
        assert rules.mechanism_note is not None
        assert len(rules.mechanism_note) > 40
        assert answer(venue).queue is None


@each_venue
def test_03_meter_scale_and_direction_match_the_documents(venue: str) -> None:
    """Field, levels from first to last, weighting and confidence of the direction agree with the documents."""
    meter, facts = card(venue).meter, FACTS[venue]
    if facts.meter is None:
        assert meter is None
        return
    assert meter is not None
    assert (meter.field, meter.direction_confidence, meter.weighting, meter.none) == (
        facts.field,
        facts.direction,
        facts.weighting,
        facts.none,
    )
    assert meter.endpoint
    if isinstance(meter, LevelMeter):
        assert (meter.levels, meter.also_lowest, meter.shares) == (facts.meter, facts.also_lowest, facts.shares)
    else:
        assert isinstance(meter, FractionMeter)
        assert facts.meter == "fraction"


@each_venue
def test_04_the_front_of_the_meter_is_1_and_fires_and_its_end_is_0(venue: str) -> None:
    """The documented first reading is 1 and fires, the documented last one is 0 and does not."""
    facts = FACTS[venue]
    if facts.meter is None:
        with pytest.raises(adlrisk.RefusedError) as refused:
            meter_signal(venue, 1)
        assert refused.value.problem == "venue-has-no-meter"
        return
    first, last = (1.0, 0.0) if isinstance(facts.meter, str) else (facts.meter[0], facts.meter[-1])
    assert (meter_signal(venue, first).value, meter_signal(venue, first).fired) == (1.0, True)
    for reading in (last, *facts.also_lowest):
        assert (meter_signal(venue, reading).value, meter_signal(venue, reading).fired) == (0.0, False)


@each_venue
def test_05_the_middle_of_the_meter_does_not_fire(venue: str) -> None:
    """The middle is exactly 0.5, which is not above 0.5; the next reading towards the front fires."""
    scale = FACTS[venue].meter
    if scale is None:
        assert answer(venue).signals[4].fired is None
        return
    if FACTS[venue].shares is not None:
        # WhiteBIT's grades 4 to 1 are the first half of the list, 0 is the last.
        assert [meter_signal(venue, float(reading)).fired for reading in scale] == [True, True, True, True, False]
        return
    middle, next_one = (0.5, 0.51) if isinstance(scale, str) else (scale[2], scale[1])
    assert (meter_signal(venue, middle).value, meter_signal(venue, middle).fired) == (0.5, False)
    assert meter_signal(venue, next_one).fired is True


@each_venue
def test_06_readings_that_mean_no_rank_are_unknown(venue: str) -> None:
    """The venue's reading for "no position" leaves the signal unknown; it is not a low rank."""
    none = FACTS[venue].none
    for reading in none:
        assert meter_signal(venue, reading).fired is None
        assert "adl_meter" in answer(venue, adl_meter=reading).missing
    assert card(venue).meter is None or card(venue).meter.none == none  # type: ignore[union-attr]


@each_venue
def test_07_readings_off_the_scale_are_refused(venue: str) -> None:
    """Readings that the venue cannot show are refused, not rounded into the scale."""
    scale = FACTS[venue].meter
    for reading in (-1.0, 1.5, 7.0, 101.0):
        with pytest.raises(adlrisk.RefusedError) as refused:
            meter_signal(venue, reading)
        assert refused.value.problem == ("venue-has-no-meter" if scale is None else "meter-out-of-scale")


@each_venue
def test_08_execution_matches_the_documents(venue: str) -> None:
    """Fill price, fee, orders, partial fills and funding interval agree with the documents, unknown included."""
    rules, facts = card(venue), FACTS[venue]
    execution = rules.execution
    assert (execution.price, execution.fee, execution.cancels_orders, execution.partial) == (
        facts.price,
        facts.fee,
        facts.cancels_orders,
        facts.partial,
    )
    assert (rules.maintenance_basis, rules.funding.interval_hours) == (facts.basis, facts.interval_hours)


@each_venue
def test_09_sources_have_title_place_and_date(venue: str) -> None:
    """Each source has a title, a place and the day it was read."""
    for source in card(venue).sources:
        assert len(source.title) > 5
        assert len(source.where) > 5
        assert date(2026, 1, 1) <= source.read <= date(2100, 1, 1)


@each_venue
def test_10_undocumented_facts_are_listed_as_unknown(venue: str) -> None:
    """Each gap in the card that matters to a trader has a line under unknown."""
    rules = card(venue)
    if rules.mechanism != "queue" or venue == "generic":
        assert rules.unknown
        return
    open_questions = " ".join(rules.unknown)
    gaps = {
        "price": rules.execution.price == "unknown",
        "fee": rules.execution.fee == "unknown",
        "orders": rules.execution.cancels_orders is None,
        "reduced in part": rules.execution.partial is None,
    }
    for word, is_gap in gaps.items():
        assert not is_gap or word in open_questions, word
    if rules.confidence == "approximation":
        assert "expression" in open_questions
    if rules.ranking.formula is None:
        assert re.search(r"expression|ranking|order (?:among|of|in which)", open_questions)
    if rules.meter is not None and rules.meter.direction_confidence == "inferred":
        assert "as the front" in open_questions


@each_venue
def test_11_documented_examples_are_reproduced(venue: str) -> None:
    """A score at the venue reproduces the numbers of its documents."""
    for example in FACTS[venue].examples:
        given = answer(venue, **example.position)
        for name, expected in example.expected.items():
            found = given.queue.priority if name == "priority" and given.queue else getattr(given.state, name, None)
            assert found == pytest.approx(expected, rel=1e-5), (example.source, name)


@each_venue
def test_12_thresholds_are_the_defaults(venue: str) -> None:
    """No venue has a reason to differ from the default thresholds so far."""
    thresholds = card(venue).score
    assert (thresholds.leverage, thresholds.profit, thresholds.top_heavy_share) == (15.0, 0.03, 0.5)
    assert (thresholds.funding_rate_8h, thresholds.adl_meter) == (0.001, 0.5)
    assert thresholds.events == ()  # dates are the operators' to know
    (session,) = thresholds.thin_sessions
    assert (session.start, session.to) == ("Sat 20:00", "Sun 23:00")


@each_venue
def test_13_a_score_names_its_card(venue: str) -> None:
    """The answer has the venue, its revision and the confidence of the ranking."""
    given = answer(venue, mark_price=110, maintenance_margin_rate=0.01)
    assert given.venue == CATALOGUE[venue].ref
    if FACTS[venue].formula is not None:
        assert given.queue is not None
        assert given.queue.confidence == FACTS[venue].confidence
        assert given.queue.eligible


def a_queue(venue: str, held: list[adlrisk.Position]) -> SideQueue:
    """The queue of longs at the venue, all marked at 110."""
    return rank_book(book_of(held, mark_price=110.0), card(venue)).queues["long"]


def held_at(entry: float, *, margin: float = 40.0, size: float = 1.0) -> adlrisk.Position:
    return adlrisk.Position(
        side="long", size=size, entry_price=entry, mark_price=110.0, margin=margin, maintenance_margin=size
    )


# Winners to 109, one flat, losers from 111. The margins rise as well: CoinEx's key of a linear long is its value at
# mark over its margin, whatever its entry.
MIXED = [held_at(100.0 + step, margin=40.0 + step) for step in range(21)]
each_queue = pytest.mark.parametrize("venue", sorted(venue for venue, facts in FACTS.items() if facts.formula))


@each_queue
def test_14_winners_rank_as_the_rule_says(venue: str) -> None:
    """Winners before losers, larger profits first; in a queue of winners there are no losers."""
    queue = a_queue(venue, MIXED)
    assert queue.indices[:10].tolist() == list(range(10))
    if FACTS[venue].formula in WINNERS_ONLY:
        assert queue.eligible == 10
    else:
        assert queue.eligible == 21
    if FACTS[venue].formula == "profit_times_margin_ratio":  # positions without profit share the key 0
        assert queue.priority[10:].tolist() == [0.0] * 11
    elif FACTS[venue].formula in ("pnl_leverage", "pnl_over_margin_ratio"):
        assert (queue.priority[11:] < 0.0).all()


@each_queue
def test_15_insolvent_positions_come_last_and_are_not_eligible(venue: str) -> None:
    """A position without equity is behind all others and has no key."""
    insolvent = held_at(200.0, margin=10.0, size=1000.0)
    queue = a_queue(venue, [insolvent, *MIXED])
    assert queue.indices[-1] == 0 if FACTS[venue].formula not in WINNERS_ONLY else 0 in queue.indices[10:]
    assert 0 not in queue.indices[: queue.eligible]
    assert queue.size == a_queue(venue, MIXED).size


@each_queue
def test_16_the_order_of_the_book_does_not_matter(venue: str) -> None:
    """In reverse order, the book gives each winner the same rank and share."""
    there, back = a_queue(venue, MIXED), a_queue(venue, MIXED[::-1])
    assert [20 - place for place in back.indices[:10]] == there.indices[:10].tolist()
    assert back.percentile.tolist() == there.percentile.tolist()


@each_queue
def test_17_the_meter_shows_the_documented_levels_in_order(venue: str) -> None:
    """Fifty winners of equal size show each documented level ten times, in order; a fraction falls from 1."""
    queue = a_queue(venue, [held_at(50.0 + step, margin=40.0 + step) for step in range(50)])
    scale = FACTS[venue].meter
    if scale is None or FACTS[venue].shares is not None:  # levels that are no fifths are not computed
        assert queue.adl_meter is None
        return
    assert queue.adl_meter is not None
    if isinstance(scale, str):
        assert queue.adl_meter == pytest.approx([1.0 - step / 50 for step in range(50)])
    else:
        assert queue.adl_meter.tolist() == [float(level) for level in scale for _ in range(10)]


@each_queue
def test_18_shares_use_the_weighting_of_the_venue(venue: str) -> None:
    """One account with half of the quantity is half of the queue, unless the venue counts accounts."""
    queue = a_queue(
        venue, [held_at(90.0, size=9.0, margin=360.0), *(held_at(91.0 + step, margin=41.0 + step) for step in range(9))]
    )
    assert queue.indices[0] == 0
    assert queue.percentile[0] == pytest.approx(0.1 if FACTS[venue].weighting == "accounts" else 0.5)


@pytest.mark.parametrize("venue", sorted(venue for venue, facts in FACTS.items() if not facts.formula))
def test_19_without_a_formula_the_refusal_explains_the_mechanism(venue: str) -> None:
    """The book is refused with the card's own explanation, whether there is no queue or a queue of unknown order."""
    with pytest.raises(adlrisk.RefusedError) as refused:
        a_queue(venue, MIXED)
    has_queue = FACTS[venue].mechanism in ("queue", "unknown")
    expected = "queue-formula-unknown" if has_queue else "venue-has-no-queue"
    assert refused.value.problem == expected
    assert refused.value.detail.endswith(str(card(venue).mechanism_note))
    assert "send `formula`" in refused.value.detail


@each_venue
def test_20_the_other_kind_of_contract_is_refused(venue: str) -> None:
    """The kinds agree with the documents; a position of a kind that the venue does not have is refused by name."""
    assert card(venue).contracts == FACTS[venue].contracts
    for kind in ("linear", "inverse"):
        if kind in FACTS[venue].contracts:
            assert answer(venue, contract=kind).max_score == 10
            continue
        with pytest.raises(
            adlrisk.RefusedError, match=f"has no {kind} contracts: send `{card(venue).contracts[0]}`"
        ) as no:
            answer(venue, contract=kind)
        assert (no.value.problem, no.value.path) == ("contract-mismatch", ("position", "contract"))


@each_venue
def test_21_disputed_rankings_name_the_others(venue: str) -> None:
    """The formulas that other sources give agree with the documents, and a disputed ranking has one."""
    rules = card(venue)
    assert tuple((other.formula, other.confidence) for other in rules.alternatives) == FACTS[venue].alternatives
    assert (rules.confidence == "disputed") <= bool(rules.alternatives)
    for other in rules.alternatives:
        assert len(other.note) > 40
        assert len(other.source) > 10


@each_venue
def test_22_ids_in_ccxt_agree_and_exist(venue: str) -> None:
    """The card names the venue's exchanges in ccxt, each of which the pinned release has."""
    names = card(venue).ccxt
    assert set(names) == set(FACTS[venue].ccxt)
    assert set(names) <= set(ccxt.exchanges)


@each_venue
def test_23_the_trigger_matches_the_documents(venue: str) -> None:
    """Drawdown and hours without the fund agree with the documents, absent where that is not the venue's rule."""
    trigger, facts = card(venue).trigger, FACTS[venue]
    assert (trigger.drawdown, trigger.settlement_hours) == (facts.drawdown, facts.settlement_hours)


def classify(venue: str, raw: Any) -> ClassifiedFill:
    return FillClassifier(card(venue).fills).classify(raw)


def fills_of(venue: str) -> list[Any]:
    return [pytest.param(venue, fill, id=f"{venue}-{index}-{fill.kind}") for index, fill in enumerate(FILLS[venue])]


@pytest.mark.parametrize(("venue", "fill"), [fill for venue in sorted(FILLS) for fill in fills_of(venue)])
def test_24_documented_fills_are_classified(venue: str, fill: Fill) -> None:
    """A fill as the venue gives it has its documented kind and side; one that no document explains has none."""
    found = classify(venue, fill.raw)
    assert (found.kind, found.side_of) == (fill.kind, fill.side_of), fill.source
    assert bool(found.note) or not fill.noted
    assert (found.marker is None) == (found.confidence is None) == (fill.kind == "unknown")
    unified = {"id": "1", "timestamp": 1, "datetime": "", "type": "limit", "side": "sell", "status": "closed"}
    assert classify(venue, {**unified, "info": fill.raw}) == found, "as ccxt gives it"


@each_venue
def test_25_fill_rules_have_examples(venue: str) -> None:
    """A venue with rules says for which objects they are, and has examples, one of which they leave unknown."""
    if card(venue).fills.rules:
        assert card(venue).fills.note
        assert "unknown" in {fill.kind for fill in FILLS.get(venue, ())}


@each_venue
def test_26_objects_without_a_known_mark_stay_unknown(venue: str) -> None:
    """Without a rule's field, or with a value that no rule knows, a fill is not classified, least of all as own."""
    assert classify(venue, {}).kind == "unknown"
    strange: tuple[Any, ...] = ("a value nobody knows", "", None, [], {}, 0.5)
    for rule in card(venue).fills.rules:
        for value in strange:
            raw: dict[str, Any] = {}
            held = raw
            *path, last = rule.field.split(".")
            for name in path:
                held = held.setdefault(name, {})
            held[last] = value
            assert classify(venue, raw).kind == "unknown", (rule.field, value)
