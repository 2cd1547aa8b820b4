"""The conclusions of docs/testing/chain.md: each holds for the figures that the library gives."""

import functools
from typing import Any

from support.running import ROOT, load_script

PAGE = load_script(ROOT / "docs" / "chain_validation.py")


@functools.cache
def adl_share(depth_left: float, *, gap: bool, leverage: float = 1.0, impact: float = 0.0) -> float:
    steps = crash(depth_left, gap=gap, leverage=leverage, impact=impact)
    return float(sum(step.adl.size for step in steps) / PAGE.CRASH.open_interest)


@functools.cache
def crash(depth_left: float, *, gap: bool, leverage: float = 1.0, impact: float = 0.0) -> Any:
    return PAGE.crash(depth_left=depth_left, gap=gap, leverage=leverage, impact=impact).steps


def liquidated_share(depth_left: float, *, gap: bool, leverage: float = 1.0, impact: float = 0.0) -> float:
    steps = crash(depth_left, gap=gap, leverage=leverage, impact=impact)
    return float(sum(step.liquidated.size for step in steps) / PAGE.CRASH.open_interest)


def test_the_large_contract_has_no_adl() -> None:
    """In no case, on no path."""
    assert {case.market.probability for case in PAGE.expose(PAGE.CALM).cases} == {0.0}


def test_the_thin_contract_is_reached_within_the_range_told() -> None:
    """0 to 5 of 100 for anybody, 0 to 2 for the short; a gap is worse than a walk."""
    answer = PAGE.expose(PAGE.THIN)
    found = [case.market.probability for case in answer.cases]
    assert min(found) == 0.0
    assert 0.045 < max(found) < 0.055
    (short,) = answer.range
    assert short.probability.least == 0.0
    assert 0.015 < short.probability.most < 0.025
    assert all(gap > walk for gap, walk in zip(found[::2], found[1::2], strict=True))
    severe = next(case for case in answer.cases if (case.case, case.path) == ("severe", "gap"))
    assert severe.market.probability_fund_used_up == 0.0


def test_a_small_fund_decides_and_a_large_one_helps_while_there_are_bids() -> None:
    """With a tenth every gap uses it up; ten times of it end the calm ADL and leave the severe gap as it was."""
    poor, thin, rich = (PAGE.expose(each).cases for each in (PAGE.THIN_POOR, PAGE.THIN, PAGE.THIN_RICH))
    for case in poor:
        assert case.market.probability == case.market.probability_fund_used_up
    assert all(0.1 < case.market.probability < 0.145 for case in poor[::2])
    assert rich[0].market.probability == 0.0
    assert 0.55 < rich[2].market.probability / thin[2].market.probability < 0.65
    assert rich[4].market.probability == thin[4].market.probability
    for cases in (poor, rich):
        for gap, walk in zip(cases[::2], cases[1::2], strict=True):
            assert gap.market.probability > walk.market.probability or gap.market.probability == 0.0


def test_the_fund_carries_the_fall_unless_depth_is_gone() -> None:
    """No ADL with all of the depth or a quarter; with a hundredth most of what a gap liquidates."""
    for depth_left in (1.0, 0.25):
        assert adl_share(depth_left, gap=False) == adl_share(depth_left, gap=True) == 0.0
    assert 0.1 < liquidated_share(1.0, gap=True) < 1 / 8
    assert adl_share(0.01, gap=True) > 0.8 * liquidated_share(0.01, gap=True)
    assert crash(0.01, gap=True)[-1].fund.after > 0.85 * PAGE.CRASH.fund


def test_the_path_decides() -> None:
    """Ten steps end with a twentieth of the ADL of the gap; at twice the leverage with more than a third."""
    assert 1 / 25 < adl_share(0.01, gap=False) / adl_share(0.01, gap=True) < 1 / 18
    assert 0.33 < adl_share(0.01, gap=False, leverage=2.0) / adl_share(0.01, gap=True, leverage=2.0) < 0.5


def test_permanent_impact_runs_away_in_a_thin_order_book() -> None:
    """With a quarter of the depth five times as much is liquidated, and the gap empties the fund."""
    ratio = liquidated_share(0.25, gap=True, impact=0.67) / liquidated_share(0.25, gap=True)
    assert 4.5 < ratio < 5.5
    assert crash(0.25, gap=True, impact=0.67)[-1].fund.after < 1.0


def test_leverage_multiplies_more_than_itself() -> None:
    """Twice the leverage: 2.6 times the liquidations, and up to 28 times the ADL."""
    assert 2.55 < liquidated_share(0.01, gap=True, leverage=2.0) / liquidated_share(0.01, gap=True) < 2.65
    assert 27 < adl_share(0.01, gap=False, leverage=2.0) / adl_share(0.01, gap=False) < 29
