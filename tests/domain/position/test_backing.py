"""What backs a position: equity, margin or leverage, and the maintenance margin of its whole account."""

from typing import Any

import pytest

from adlrisk.domain.position.arithmetic import given_balance
from adlrisk.domain.position.maintenance import Maintenance, resolve_maintenance
from support.builders import a_position, rules, scored, state_of

CARRIER: dict[str, Any] = {"side": "short", "entry_price": 100_000.0, "mark_price": 60_000.0, "equity": 10_000.0}


def test_equity_decides_over_margin_and_margin_over_leverage() -> None:
    """Long 1 from 100 at 110: 30 of equity is 20 of margin, whatever else is sent."""
    common: dict[str, Any] = {"mark_price": 110.0, "leverage": 4.0}
    assert (state_of(a_position(**common)).margin, state_of(a_position(**common)).equity) == (25.0, 35.0)
    assert state_of(a_position(**common, margin=40.0)).equity == 50.0
    state = state_of(a_position(**common, margin=40.0, equity=30.0))
    assert (state.margin, state.equity, state.effective_leverage) == (20.0, 30.0, 110 / 30)


def test_a_winner_that_carries_its_account_has_a_negative_margin() -> None:
    """A short from 100,000 at 60,000 with equity 10,000: margin −30,000, bankrupt at 70,000, leverage 6."""
    state = state_of(a_position(**CARRIER))
    assert (state.margin, state.effective_leverage, state.bankruptcy_price) == (-30_000.0, 6.0, 70_000.0)
    assert (state.return_on_margin, state.profit_share) == (None, 4.0)


def test_a_margin_that_is_rounding_is_none() -> None:
    """Equity equal to the PnL leaves a margin of 0, however the doubles round: 3·(0.3 − 0.1) is not 0.6."""
    state = state_of(a_position(size=3.0, entry_price=0.1, mark_price=0.3, equity=0.6))
    assert (state.margin, state.return_on_margin) == (0.0, None)


@pytest.mark.parametrize("mark", [90.0, 100.0, 110.0])
def test_without_backing_equity_is_unknown_not_used_up(mark: float) -> None:
    """Everything that needs the equity is null, a loser's share of profit is 0, and the position is not insolvent."""
    position = a_position(mark_price=mark, leverage=None, maintenance_margin=1.0)
    state = state_of(position, 0.004)
    assert state.margin is state.equity is state.effective_leverage is state.return_on_margin is None
    assert state.bankruptcy_price is state.liquidation_price is state.liquidation_distance is None
    assert state.profit_share == (None if mark > 100.0 else 0.0)
    answer = scored(position)
    assert (answer.signals[0].fired, answer.queue, answer.missing.count("margin")) == (None, None, 1)


def test_an_equity_of_0_is_insolvent() -> None:
    """0 is known: leverage is undefined, its signal has fired, and the queue does not hold the position."""
    answer = scored(a_position(equity=0.0))
    assert (answer.state.equity, answer.state.effective_leverage) == (0.0, None)
    assert answer.signals[0].fired
    assert answer.queue is not None
    assert not answer.queue.eligible
    assert "margin" not in answer.missing


@pytest.mark.parametrize("amount", [5e-324, -1e-300, 9e-101, 0.0, -0.0])
def test_a_negligible_equity_is_0(amount: float) -> None:
    """Leverage is undefined, not infinite."""
    assert str(given_balance(amount)) == "0.0"
    assert state_of(a_position(equity=amount)).effective_leverage is None
    assert given_balance(1e-99) == 1e-99


def resolved(*, others: float | None = None, rate: float | None = 0.004, **given: Any) -> Maintenance:
    """The maintenance margin of a long of 1 from 80 at 100."""
    position = a_position(entry_price=80.0, **given)
    return resolve_maintenance(position, notional=100.0, entry_notional=80.0, rate=rate, basis="mark", others=others)


def test_what_exceeds_the_own_maintenance_belongs_to_others() -> None:
    """4.4 sent, 0.4 own: 4 of others; by the value at entry 0.32 is own."""
    sent = resolved(maintenance_margin=4.4)
    assert (sent.total, sent.rate, sent.is_given) == (4.4, 0.004, True)
    assert sent.others == pytest.approx(4.0)
    assert resolved(maintenance_margin=4.4, maintenance_basis="entry").others == pytest.approx(4.08)
    assert resolved().total == pytest.approx(0.4)
    assert not resolved().is_given


def test_a_lower_maintenance_than_the_own_scales_rate_and_amount() -> None:
    """0.15 sent, 0.4 − 0.1 own: both halved, nothing of others."""
    sent = resolved(maintenance_margin=0.15, maintenance_amount=0.1)
    assert (sent.total, sent.others) == (0.15, 0.0)
    assert sent.rate == pytest.approx(0.002)
    assert sent.amount == pytest.approx(0.05)


def test_without_a_rate_all_maintenance_stands_still() -> None:
    """The whole figure is of others; without it nothing is known."""
    assert resolved(rate=None, maintenance_margin=4.4) == Maintenance(total=4.4, is_given=True, others=4.4)
    assert resolved(rate=None).total is None


def test_known_others_replace_what_was_sent() -> None:
    """After a close the others' part is carried unchanged: 0.4 + 3."""
    carried = resolved(maintenance_margin=4.4, others=3.0)
    assert carried.total == pytest.approx(3.4)
    assert carried.others == 3.0


@pytest.mark.parametrize(
    ("given", "rate", "price"),
    [
        ({"margin": 5.0, "maintenance_margin": 4.4}, 0.004, 99 / 0.996),  # 5 + (P − 100) = 0.004·P + 4
        ({"margin": 5.0, "maintenance_margin": 5.5}, 0.004, 100.0),  # due
        ({"margin": 5.0, "maintenance_margin": 5.0}, 0.004, 100.0),  # due: nothing is left
        ({"margin": 5.0, "maintenance_margin": 0.2}, 0.004, 95 / 0.998),  # 5 + (P − 100) = 0.002·P
        ({"margin": 5.0, "maintenance_margin": 4.0}, None, 99.0),  # 5 + (P − 100) = 4
        ({"margin": 5.0, "maintenance_margin": 4.4, "maintenance_basis": "entry"}, 0.004, 99.4),
        ({"equity": 5.0, "maintenance_margin": 4.4}, 0.004, 99 / 0.996),
        (
            {"side": "short", "equity": 5.0, "maintenance_margin": 4.4},
            0.004,
            101 / 1.004,
        ),  # 5 − (P − 100) = 0.004·P + 4
        ({"equity": 5.0}, 0.004, 95 / 0.996),
    ],
)
def test_the_whole_maintenance_counts_in_the_liquidation_price(
    given: dict[str, Any], rate: float | None, price: float
) -> None:
    """Long 1 from 100 at 100: the price at which equity meets all of the account's maintenance margin."""
    state = state_of(a_position(**{"leverage": None, **given}), rate)
    assert state.liquidation_price == pytest.approx(price, rel=1e-13)
    assert state.liquidation_distance == pytest.approx(abs(100 - price) / 100, abs=1e-13)


def test_inverse_others_count_in_reciprocals() -> None:
    """Long 100 from 50 at 50, equity 0.4: 0.4 − 100·(r − 0.02) = r + 0.1 at r = 2.3/101."""
    position = a_position(
        contract="inverse", size=100.0, entry_price=50.0, mark_price=50.0, equity=0.4, maintenance_margin=0.12
    )
    assert state_of(position, 0.01).liquidation_price == pytest.approx(101 / 2.3, rel=1e-13)


def test_a_due_liquidation_without_a_concern_is_advice_of_its_own() -> None:
    """`keep_margin_buffer` applies to no signal, and says that liquidation is due."""
    answer = scored(
        a_position(margin=50.0, maintenance_margin=50.0, adl_meter=0.0), score=rules().score, mechanism="queue"
    )
    assert [(action.action, action.applies_to) for action in answer.actions] == [("keep_margin_buffer", ())]
    assert "liquidation is due" in answer.actions[0].reason
    assert answer.state.liquidation_price == 100.0
