"""Amounts: applied and scored again, each does what its sentence says."""

import re
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

import adlrisk
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.advice.action import Action
from adlrisk.domain.scoring.score import Score
from support.builders import a_position, scored
from support.requests import score_requests

AMOUNT = re.compile(r"[Aa]dding ([\d.]+)|[Cc]losing ([\d.]+) of")
NEAR = 0.05


def apply(action: Action, position: Position, before: Score, amount: float) -> Position:
    """The position after ``amount`` more margin, or ``amount`` fewer contracts while all equity stays."""
    if action.action == "reduce_size":
        rest = {"size": position.size - amount, "equity": before.state.equity, "margin": None, "leverage": None}
        return msgspec.structs.replace(position, **rest)
    if position.equity is not None:
        return msgspec.structs.replace(position, equity=position.equity + amount)
    assert before.state.margin is not None
    return msgspec.structs.replace(position, margin=before.state.margin + amount, leverage=None)


def amounts_of(action: Action) -> list[float]:
    """The amount as the sentence has it, and in full precision."""
    found = AMOUNT.search(action.reason)
    shown = [float(found[1] or found[2])] if found else []
    if action.amount is None or action.action == "take_profit":
        return shown
    assert shown[0] >= action.amount > 0.0
    assert shown[0] == pytest.approx(action.amount, rel=1.1e-3)
    return [*shown, action.amount]


def check(action: Action, after: Score) -> None:
    """Check that ``after`` is as the sentence of ``action`` says."""
    reason = action.reason
    if band := re.search(r"the band falls to (\w+)(?:–(\w+))?\.", reason):
        assert (after.band, after.band_upper) == (band[1], band[2] or band[1])
    if points := re.search(r"the score falls to (\d+)(?:–(\d+))?\.", reason):
        assert (after.score, after.score_upper) == (int(points[1]), int(points[2] or points[1]))
    assert ("falls to" in reason) == bool(band or points)
    if "leverage under" in reason:
        assert after.signals[0].fired is False
    if "well below" in reason:
        assert not (after.signals[0].near and "leverage under" in reason)
    if "profit under" in reason:
        assert after.signals[1].fired is False
    if "moves it more than" in reason:
        assert after.state.liquidation_distance is None or after.state.liquidation_distance > NEAR
        assert after.nearer_danger.danger != "liquidation"


@settings(max_examples=300)
@given(request=score_requests)
def test_every_amount_does_what_its_sentence_says(request: ScoreRequest) -> None:
    """Posted again with the amount, the score has the band, the points and the distance that were promised."""
    before = adlrisk.score(request)
    for action in before.actions:
        for amount in amounts_of(action):
            position = apply(action, request.position, before, amount)
            check(action, adlrisk.score(msgspec.structs.replace(request, position=position)))


@settings(max_examples=200)
@given(request=score_requests)
def test_no_smaller_margin_makes_the_band_fall(request: ScoreRequest) -> None:
    """A thousandth less margin leaves the band where it is, or the points where no band can fall."""
    before = adlrisk.score(request)
    for action in before.actions:
        if action.action != "add_margin" or action.amount is None or action.for_ == "near":
            continue
        slack = 1e-3 * (before.state.equity or 0.0) + 1e-3 * action.amount
        position = apply(action, request.position, before, max(0.0, action.amount - abs(slack)))
        after = adlrisk.score(msgspec.structs.replace(request, position=position))
        if "band" in action.reason:
            assert after.band == before.band
        else:
            assert after.score > int(str(re.search(r"falls to (\d+)", action.reason)[1]))  # type: ignore[index]


# 100 bought at 50× and marked at 99: equity 1, effective leverage 99; 99/15 − 1 = 5.6 more, or 84 of the 99 to close.
LOSER: dict[str, Any] = {"mark_price": 99.0, "leverage": 50.0, "adl_meter": 4.0}


def actions(**fields: Any) -> dict[str, Action]:
    return {action.action: action for action in scored(a_position(**fields)).actions}


def test_unknown_is_not_low_in_what_an_amount_does() -> None:
    """Of 4 the leverage's 2 points go; funding and stress may add 4 while they are unknown, and none once they are."""
    reason = "Adding 5.601 of margin brings effective leverage under 15×: the band falls to "
    assert actions(**LOSER)["add_margin"].reason == f"{reason}low–watch."
    calm = Market(funding_rate=0.0, liquidation_spike=False)
    known = {action.action: action for action in scored(a_position(**LOSER), calm).actions}
    assert known["add_margin"].reason == f"{reason}low."


def test_margin_is_added_until_the_band_falls() -> None:
    """Meter and leverage fire, 4 of 10: without leverage it is 2, low, or 6, watch, if funding and stress fire, too."""
    found = actions(**LOSER, settlement="USDT")["add_margin"]
    assert found.reason == (
        "Adding 5.601 USDT of margin brings effective leverage under 15×: the band falls to low–watch."
    )
    assert found.amount == pytest.approx(5.6, rel=1e-7)
    assert found.unit == "settlement"


@pytest.mark.parametrize(
    ("mode", "reason", "amount"),
    [
        ("cross", ("Closing 0.8485 of 1 contracts at mark brings effective leverage under 15×: "
         "the band falls to low–watch."),
         pytest.approx(84 / 99, rel=1e-7)),
        ("isolated", None, None),
        (None, ("With cross margin, closing 0.8485 of 1 contracts at mark brings effective leverage under 15×. "
         "With isolated margin it changes no ratio."), None),
    ],
)  # fmt: skip
def test_size_to_close_depends_on_the_margin_mode(mode: Any, reason: str | None, amount: Any) -> None:
    """Cross: 84 of 99 in value; isolated: it changes no ratio, so only what can be taken counts; unknown: no amount."""
    found = actions(**LOSER, margin_mode=mode)["reduce_size"]
    assert found.amount == amount
    if reason is not None:
        assert found.reason == reason
    else:
        assert "isolated margin leverage and profit ratios stay" in found.reason


def test_share_of_profit_is_brought_under_its_limit() -> None:
    """A profit of 2 on an equity of 3, of a notional of 100: 4 is enough equity for half, at a leverage of 25."""
    fields: dict[str, Any] = {"entry_price": 98.0, "mark_price": 100.0, "equity": 3.0, "adl_meter": 4.0}
    answer = scored(a_position(**fields))
    found = {action.action: action for action in answer.actions}["add_margin"]
    assert (answer.score, [signal.fired for signal in answer.signals[:2]]) == (6, [True, True])
    # 1 more turns off the share, 4 of 10, still watch; 100/15 − 3 turns off both.
    assert found.reason == (
        "Adding 3.667 of margin brings profit under 50 % of the equity and effective leverage under 15×: "
        "the band falls to low–watch."
    )


def test_a_signal_that_is_near_is_brought_clear_of_its_threshold() -> None:
    """At 12.5×, 100 of 8: for 11.25×, three quarters of 15×, 0.889 more."""
    found = actions(equity=8.0, settlement="USDT")["add_margin"]
    assert found.for_ == "near"
    assert found.amount == pytest.approx(100 / 11.25 - 8, rel=1e-6)
    assert found.reason == (
        "Adding 0.8889 USDT of margin brings effective leverage under 11.25×: well below its threshold."
    )


def test_a_near_liquidation_is_moved_away() -> None:
    """Long 1 at 100 with equity 3 and 1 %: at 95 the loss is 5 and the maintenance margin 0.95, so 2.95 more."""
    found = actions(equity=3.0, maintenance_margin_rate=0.01)["keep_margin_buffer"]
    assert found.amount == pytest.approx(2.95, rel=1e-6)
    assert found.unit == "settlement"
    # 97/0.99
    assert found.reason == (
        "The liquidation price of 97.98 is only 2.02 % away: adding 2.951 of margin moves it more than 5 % away."
    )


@pytest.mark.parametrize("settlement", ["two words", "tab\tbed", "\ud800"])
def test_a_currency_that_is_no_printable_word_is_left_out(settlement: str) -> None:
    """It would make a sentence of its own."""
    assert actions(**LOSER, settlement=settlement)["add_margin"].reason.startswith("Adding 5.601 of margin")


positions_far_from_their_entry = st.sampled_from((1e-12, 1e-6, 1e6, 1e12))


@given(move=positions_far_from_their_entry, side=st.sampled_from(("long", "short")), leverage=st.sampled_from((1, 50)))
def test_an_amount_that_rounding_would_swallow_is_not_given(move: float, side: Any, leverage: float) -> None:
    """At a mark far from the entry an amount is given only if it does what it says."""
    position = Position(side=side, size=1.0, entry_price=1.0, mark_price=move, leverage=leverage)
    before = scored(position)
    for action in before.actions:
        for amount in amounts_of(action):
            check(action, scored(apply(action, position, before, amount)))
