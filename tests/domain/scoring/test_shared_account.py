"""A leg of a shared account: its leverage signal, prices and advice are those of all legs together."""

from typing import Any

import msgspec
import pytest

from adlrisk.domain.position.market import Market
from adlrisk.domain.rules.card import Alternative
from adlrisk.domain.scoring.score import Score, score
from adlrisk.domain.scoring.shared_account import SharedAccount
from support.builders import WEDNESDAY, a_position, rules

# Long 20 from 100 at 120 in an account of equity 2,000 that holds 40,000 in all, of which 4,000 is not hedged.
LEG: dict[str, Any] = {"size": 20.0, "mark_price": 120.0, "equity": 2000.0}
ACCOUNT = SharedAccount(
    legs=2,
    gross_notional=40_000.0,
    gross_leverage=20.0,
    net_leverage=2.0,
    prices=(40.0, 48.0),
    leg_hedges=False,
    nearest_move=0.6,
    knows_liquidation=True,
    knows_wallet=True,
    missing_backing=(),
    missing_maintenance=None,
)


def a_score(position: dict[str, Any] = LEG, **account: Any) -> Score:
    """The score of the leg in its account, changed by ``account``."""
    shared = msgspec.structs.replace(ACCOUNT, **account)
    return score(a_position(**position), market=Market(), rules=rules(), as_of=WEDNESDAY, account=shared)


def test_the_leverage_of_all_legs_is_judged() -> None:
    """20× gross fires at 15×, net is named beside it, and the leg's own leverage stays its own."""
    answer = a_score()
    signal = answer.signals[0]
    assert (signal.fired, signal.value, answer.state.effective_leverage) == (True, 20.0, 1.2)
    assert signal.reason == "Gross leverage of the account 20× (net 2×) is at or above the threshold of 15×."


def test_advice_speaks_of_gross_leverage() -> None:
    """40,000/15 − 2,000 = 666.667 is to be added; 10,000 of a gross 40,000 must go, more than the leg's 2,400."""
    reasons = {action.action: action.reason for action in a_score().actions}
    assert reasons["add_margin"].startswith("Adding 666.7 of margin brings gross leverage under 15×")
    assert reasons["reduce_size"].endswith("all margin stays behind the rest, so leverage falls.")


def test_a_large_leg_is_closed_in_part_until_gross_leverage_is_under_the_threshold() -> None:
    """10,000 of the leg's 24,000 must go: 83.33 of 200 contracts of 120, at no profit that the share could count."""
    reasons = {action.action: action for action in a_score({**LEG, "size": 200.0, "entry_price": 120.0}).actions}
    closing = reasons["reduce_size"]
    assert closing.reason.startswith("Closing 83.34 of 200 contracts at mark brings gross leverage under 15×")
    assert closing.amount == pytest.approx(10_000 / 120, rel=1e-6)
    assert closing.unit == "contracts"


def test_a_leg_alone_speaks_of_its_own_leverage() -> None:
    """With one cross leg nothing is said of an account, and its own leverage is judged."""
    answer = a_score(legs=1)
    assert answer.signals[0].value == 1.2
    assert not any("gross" in action.reason for action in answer.actions)


def test_prices_are_those_of_the_account() -> None:
    """Bankruptcy and liquidation price replace the leg's own, and the distance follows: (120 − 48)/120."""
    state = a_score().state
    assert (state.bankruptcy_price, state.liquidation_price) == (40.0, 48.0)
    assert state.liquidation_distance == pytest.approx(0.6)
    state = a_score(prices=(None, None)).state
    assert (state.bankruptcy_price, state.liquidation_price, state.liquidation_distance) == (None, None, None)


def test_an_unknown_gross_leverage_is_unknown() -> None:
    """The signal neither fires nor is calm, though the leg's own leverage is known."""
    answer = a_score(gross_notional=None, gross_leverage=None, net_leverage=None)
    assert (answer.signals[0].fired, answer.signals[0].value) == (None, None)
    assert answer.score_upper == answer.score + 2 * sum(signal.fired is None for signal in answer.signals)


def test_another_key_is_unknown_without_the_wallet_balance_that_it_needs() -> None:
    """A leg's margin is not its account's wallet balance, so another source's key by it is unknown, not guessed."""
    others = (Alternative(formula="profit_times_margin_ratio", confidence="secondary", note="O.", source="O."),)
    leg = a_position(mark_price=110, margin=20, maintenance_margin=1.0)
    keys = {}
    for knows in (True, False):
        shared = msgspec.structs.replace(ACCOUNT, knows_wallet=knows)
        answer = score(leg, market=Market(), rules=rules(alternatives=others), as_of=WEDNESDAY, account=shared)
        assert answer.queue is not None
        keys[knows] = answer.queue.alternatives[0].priority
    assert keys == {True: pytest.approx(10 / 20 * 1 / 30), False: None}
