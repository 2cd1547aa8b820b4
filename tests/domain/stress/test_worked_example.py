"""The worked example of the chain: the figures printed in its design, and the same on an inverse contract."""

from typing import Any

import pytest

from adlrisk.domain.stress.depth import Depth, DepthLevel
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.simulation import Simulated
from support.builders import a_position
from support.stress.scenes import Scene
from support.stress.twin import invert

_BIDS = Depth(levels=(DepthLevel(offset=0.005, size=4.0), DepthLevel(offset=0.01, size=4.0)))
_TWINS = pytest.mark.parametrize("is_inverse", [False, True], ids=["linear", "inverse"])


def example(*, balance: float, is_inverse: bool, **changed: Any) -> Simulated:
    """Long a of 10 with a margin of 50; shorts b of 6 with 120 and c of 4 with 400; all from 100, now at 94."""
    scene = Scene(
        held=[
            a_position(side="long", size=10.0, margin=50.0),
            a_position(side="short", size=6.0, margin=120.0),
            a_position(side="short", size=4.0, margin=400.0),
        ],
        marks=[94.0],
        rate=0.01,
        depth=_BIDS,
        fund=Fund(balance=balance),
        lot_size=1e-8,
    ).changed(**changed)
    return (invert(scene) if is_inverse else scene).simulate()


@_TWINS
def test_a_fund_of_20_runs_out_of_levels(is_inverse: bool) -> None:
    """Both levels are paid for, 5.88 and 7.76; for the last two contracts there is no level, and b gives them."""
    found = example(balance=20.0, is_inverse=is_inverse)
    (step,) = found.steps
    assert (step.rounds, step.liquidated.accounts) == (1, 1)
    assert (step.liquidated.size, step.market.size, step.adl.size) == (10.0, 8.0, 2.0)
    assert step.liquidated.notional == about(940.0)
    assert (step.market.paid_by_fund, step.market.received_by_fund) == (about(5.88 + 7.76), 0.0)
    assert (step.fund.before, step.fund.after) == (20.0, about(6.36))
    assert (step.left_over.fund, step.left_over.depth, step.fund.taken_over) == (0.0, 2.0, 0.0)
    assert (step.adl.accounts, step.adl.haircut, step.adl.uncovered) == (1, about(2.0), 0.0)
    assert step.unpaid == about(0.0, abs=1e-9)
    assert step.market.mean_price == about(price(0.5 * (93.53 + 93.06), is_inverse=is_inverse))
    assert step.adl.mean_fill_price == about(price(95.0, is_inverse=is_inverse))
    assert (step.mark_price, step.mark_after) == (step.mark_price, step.mark_price)
    a, b, c = found.positions
    assert (a.outcome, a.step, a.closed, a.remaining) == ("liquidated", 0, 0.0, 0.0)
    assert (a.realized_pnl, a.effective_leverage) == (about(-50.0), None)
    assert (b.outcome, b.step, b.closed, b.remaining) == ("reduced", 0, 2.0, 4.0)
    assert (b.realized_pnl, b.haircut) == (about(10.0), about(2.0))
    assert b.effective_leverage == about(4.0 * 94.0 / (130.0 + 24.0))
    assert (c.outcome, c.step, c.closed, c.remaining, c.haircut) == ("untouched", None, 0.0, 4.0, 0.0)
    assert c.effective_leverage == about(4.0 * 94.0 / 424.0)


@_TWINS
def test_a_fund_of_8_cannot_pay_for_the_second_level(is_inverse: bool) -> None:
    """5.88 pays for the first level; 2.12 pays for 1.09278350 of the second, and b gives all the rest."""
    found = example(balance=8.0, is_inverse=is_inverse)
    (step,) = found.steps
    assert step.market.size == about(5.09278350, abs=1.5e-8)
    assert step.fund.after == about(0.0, abs=1.94e-8)
    assert (step.left_over.fund, step.left_over.depth) == (about(4.90721650, abs=1.5e-8), 0.0)
    assert step.adl.haircut == about(4.9072165, abs=1e-7)
    _, b, c = found.positions
    assert (b.closed, c.closed) == (about(4.90721650, abs=1.5e-8), 0.0)


@_TWINS
def test_pro_rata_size_shares_six_to_four(is_inverse: bool) -> None:
    """With `pro_rata_size`, b gives 2.9443299 and c 1.9628866."""
    _, b, c = example(balance=8.0, is_inverse=is_inverse, policy="pro_rata_size").positions
    assert (b.closed, c.closed) == (about(2.9443299, abs=5e-8), about(1.9628866, abs=5e-8))


def test_a_fund_that_takes_over_leaves_nothing_for_adl() -> None:
    """One that can hold 30 times what it has above its floor takes the two contracts at 94, which is 188 of 190.8."""
    (step,) = example(balance=20.0, is_inverse=False, fund=Fund(balance=20.0, takes_over=30.0)).steps
    assert (step.fund.taken_over, step.left_over.depth, step.adl.size) == (2.0, 2.0, 0.0)
    assert step.fund.after == about(6.36)


def test_a_floor_stops_the_fund_early() -> None:
    """A peak of 24 and a fall by half make a floor of 12: of 20 the fund pays 8, as if that was all it had."""
    (step,) = example(balance=20.0, is_inverse=False, fund=Fund(balance=20.0, peak=24.0, drawdown=0.5)).steps
    assert step.left_over.fund == about(4.90721650, abs=1.5e-8)
    assert step.fund.after == about(12.0, abs=1.94e-8)


def about(value: float, *, abs: float | None = None) -> Any:  # noqa: A002 (as in approx)
    return pytest.approx(value, abs=abs)


def price(linear: float, *, is_inverse: bool) -> float:
    return 1.0 / linear if is_inverse else linear
