"""What is observed of a position: its distance from liquidation on either side, its size, and its answer."""

from typing import Any

import msgspec
import pytest

from adlrisk.domain.scoring.alerts import Alert
from adlrisk.library import catalogue
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.reader import AccountEquity
from adlrisk.positions.scoring import score_all
from adlrisk.watch.reading.observed import ObservedPosition
from adlrisk.watch.reading.observed_position import observe
from positions.test_request_body import CONTRADICTORY, UNKNOWN_SIZE
from positions.test_scoring import held, score
from support.running import WEDNESDAY


def observed(one: OpenPosition, *, equity: float | None = None) -> ObservedPosition:
    backing = None if equity is None else AccountEquity(amount=equity)
    (scored,) = score(one, venue="okx", equity=backing).positions
    return observe(one, answer=scored.answer, reason=scored.not_scored_reason)


def with_price(price: float | None, **fields: Any) -> OpenPosition:
    """A position at 50,000 with the venue's own liquidation price."""
    return msgspec.structs.replace(held(**fields), liquidation_price=price)


@pytest.mark.parametrize(
    ("side", "price", "distance"),
    [("long", 45000.0, 0.1), ("short", 55000.0, 0.1), ("long", 49999.0, 0.00002), ("short", 200_000.0, 3.0)],
)
def test_distance_is_a_share_of_the_mark_on_either_side(side: str, price: float, distance: float) -> None:
    """|mark − liquidation| / mark, with the venue's own price: a short's is above the mark, and may be far."""
    one = observed(with_price(price, side=side, size=1.0))
    assert (one.side, one.liquidation_price) == (side, price)
    assert one.liquidation_distance == pytest.approx(distance)


@pytest.mark.parametrize("side", ["long", "short"])
def test_distance_is_by_the_answer_where_the_venue_has_no_price(side: str) -> None:
    """1 at 50,000 on 5,000 with 0.4 %: a long ends at 45,000 / 0.996, a short at 55,000 / 1.004."""
    one = observed(held(side=side), equity=5000.0)
    price = 45000 / 0.996 if side == "long" else 55000 / 1.004
    assert one.liquidation_price == pytest.approx(price)
    assert one.liquidation_distance == pytest.approx(abs(price / 50000 - 1))


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("equity", [150.0, 0.0, -1000.0], ids=["below maintenance margin", "nothing", "insolvent"])
def test_liquidation_that_is_due_has_no_distance_left(side: str, equity: float) -> None:
    """0.0, not unknown and not negative, whatever price is known."""
    assert observed(held(side=side), equity=equity).liquidation_distance == 0.0


def test_due_is_due_whatever_price_the_venue_still_shows() -> None:
    """An equity of 150 that is not above a maintenance margin of 200, though the venue's price is 0.2 % away."""
    one = with_price(49900.0)
    (scored,) = score(one, venue="okx", equity=AccountEquity(amount=150.0, maintenance_margin=200.0)).positions
    assert observe(one, answer=scored.answer).liquidation_distance == 0.0


def test_insolvent_position_is_due_without_any_price() -> None:
    """Nothing says where its liquidation was; that nothing is left does."""
    one = held(maintenance_margin_rate=None)
    (scored,) = score(one, venue="okx", equity=AccountEquity(amount=-1000.0)).positions
    assert scored.answer is not None
    assert scored.answer.state.liquidation_distance is None
    assert observe(one, answer=scored.answer).liquidation_distance == 0.0


def test_unknown_distance_is_none() -> None:
    """Without what backs it, and without a price of the venue; it is not 0.0, which would be due."""
    one = observed(held())
    assert (one.liquidation_price, one.liquidation_distance) == (None, None)


def test_answer_is_taken_as_it_is() -> None:
    """Score, band, range, what is missing, alerts by their codes, and the guidance."""
    one = held(adl_meter=5.0)
    (scored,) = score_all((one,), (), venue="okx", venues=catalogue(), now=WEDNESDAY).positions
    answer = scored.answer
    assert answer is not None
    alerts = Alert(alert="adl_in_progress", reason="it is on"), Alert(alert="meter_rising", reason="from 1 to 3")
    raised = msgspec.structs.replace(answer, alerts=alerts)
    found = observe(one, answer=raised)
    assert (found.score, found.score_upper) == (answer.score, answer.score_upper)
    assert (found.band, found.band_upper, found.missing) == (answer.band, answer.band_upper, answer.missing)
    assert (
        found.first_action
        == "Reduce size: closing part leaves less to be taken; all margin stays behind the rest, so leverage falls."
    )
    assert (found.alerts, found.guidance) == (("adl_in_progress", "meter_rising"), answer.guidance)
    assert found.not_scored_reason is None


def test_position_that_cannot_be_scored_has_its_reason() -> None:
    """And no score, which is not a low one; what was read of it stays."""
    one = observed(msgspec.structs.replace(UNKNOWN_SIZE, size=3.0))
    assert (one.score, one.band, one.liquidation_distance) == (None, None, None)
    assert (one.size, one.not_scored_reason) == (3.0, "the venue's answer has no size")


def test_size_that_contradicts_other_figures_is_unknown() -> None:
    """It cannot be relied upon in a sum, nor in what is left after an ADL."""
    assert observed(msgspec.structs.replace(CONTRADICTORY, size=2.0)).size is None
    assert observed(msgspec.structs.replace(held(), size=2.0)).size == 2.0


@pytest.mark.parametrize("side", ["long", "short"])
def test_price_that_the_mark_has_passed_is_due(side: str) -> None:
    """The venue's price counts, whatever the equity would still allow by our own."""
    passed = msgspec.structs.replace(held(side=side), passed_liquidation_price=50100.0)
    one = observed(passed, equity=40000.0)
    assert (one.liquidation_price, one.liquidation_distance) == (50100.0, 0.0)


def test_first_action_is_a_sentence_with_its_amount() -> None:
    """1 at 50,000 on 150: what moves the liquidation away comes first; no action, no sentence."""
    one = observed(held(), equity=150.0)
    assert one.first_action is not None
    assert one.first_action.startswith("Keep margin buffer: equity no longer exceeds")
    assert one.first_action.endswith(" USDT of margin moves it more than 5 % away.")
    assert observed(held(), equity=5000.0).first_action is None
