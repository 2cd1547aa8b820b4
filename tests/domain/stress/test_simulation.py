"""The simulation beside its slow reading: exact fractions, plain loops, one lot block at a time."""

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import event, given, settings

from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.rules.card import Ranking
from adlrisk.domain.stress.depth import Depth, DepthLevel
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.simulation import simulate
from support.builders import a_position
from support.stress.compared import differences
from support.stress.scenes import Scene, scenes

_THIN = Depth(levels=(DepthLevel(offset=0.01, size=1.0), DepthLevel(offset=0.05, size=2.0)))


@given(scene=scenes(exact=True))
def test_the_simulation_reads_the_rules_as_the_slow_reading(scene: Scene) -> None:
    """Of numbers that are exact in doubles, every figure of every step and position is the same, ties included."""
    chain = scene.read_slowly()
    _tell(scene, chain.judge.close_calls)
    assert differences(scene, scene.simulate(), chain) == []


@settings(max_examples=60)
@given(scene=scenes(exact=True, impact=0.75, fund=Fund(balance=1e6)) | scenes(exact=True, impact=1.0))
def test_a_cascade_reads_the_rules_as_the_slow_reading(scene: Scene) -> None:
    """So is it where liquidations move the mark, round by round."""
    assert differences(scene, scene.simulate(), scene.read_slowly()) == []


@given(scene=scenes())
def test_any_simulation_differs_by_no_more_than_rounding(scene: Scene) -> None:
    """Of any decimals, linear or inverse, too, unless a decision was a tie that doubles cannot tell from none."""
    chain = scene.read_slowly()
    found = differences(scene, scene.simulate(), chain)
    _tell(scene, chain.judge.close_calls)
    assert found == [] or chain.judge.close_calls > 0


@settings(max_examples=30)
@given(scene=scenes(exact=True), policy=st.sampled_from(POLICIES))
def test_a_fall_through_a_crowd_reads_the_rules_as_the_slow_reading(scene: Scene, policy: Any) -> None:
    """Forty accounts of a few profiles, half of them due at once: the walk skips whom the fund cannot pay for."""
    crowd = [position for position in scene.held for _ in range(5)]
    large = scene.changed(held=crowd, policy=policy, depth=_deepen(scene.depth, 4.0))
    assert differences(large, large.simulate(), large.read_slowly()) == []


def test_a_cascade_ends_when_the_mark_stops() -> None:
    """κ 1: the first is closed a level below, where the second is due, and it finds nothing nearer: 2 rounds."""
    held = [a_position(size=1.0, margin=6.0), a_position(size=1.0, margin=7.5), a_position(side="short", size=9.0)]
    depth = Depth(levels=(DepthLevel(offset=0.015625, size=1.0),))
    scene = Scene(held=held, marks=[95.0], rate=0.015625, depth=depth, fund=Fund(balance=100.0), impact=1.0)
    (step,) = scene.simulate().steps
    assert (step.rounds, step.mark_after) == (2, 95.0 * (1.0 - 0.015625))
    assert (step.liquidated.accounts, step.market.size, step.left_over.depth) == (2, 1.0, 1.0)
    assert differences(scene, scene.simulate(), scene.read_slowly()) == []


def test_a_cascade_of_more_than_a_hundred_rounds_is_cut() -> None:
    """Each liquidation moves the mark to the next level and makes the next account due: the hundredth is the last."""
    levels = tuple(DepthLevel(offset=0.001 * (place + 1), size=1.0) for place in range(120))
    held = [a_position(size=1.0, margin=0.05 + 0.1 * place) for place in range(120)]
    scene = Scene(held=held, marks=[100.0], rate=0.001, depth=Depth(levels=levels), impact=1.0)
    (step,) = scene.simulate().steps
    assert (step.rounds, step.liquidated.accounts) == (100, 100)
    assert differences(scene, scene.simulate(), scene.read_slowly()) == []


def test_levels_refill_between_steps_and_not_within() -> None:
    """Two accounts that are due in one step share a level; in two steps each has it for itself."""
    held = [a_position(size=1.0, margin=4.0), a_position(size=1.0, margin=8.0), a_position(side="short", size=9.0)]
    depth = Depth(levels=(DepthLevel(offset=0.01, size=1.0),))
    scene = Scene(held=held, marks=[90.0], rate=0.01, depth=depth)
    assert [step.left_over.depth for step in scene.simulate().steps] == [1.0]
    assert [step.left_over.depth for step in scene.changed(marks=[96.0, 90.0]).simulate().steps] == [0.0, 0.0]


def test_all_that_were_touched_are_told_first_touched_first() -> None:
    """Without ids asked for, those liquidated or reduced in the first step come before those of the second."""
    held = [
        a_position(side="short", size=4.0, margin=400.0),
        a_position(size=1.0, margin=9.0),
        a_position(side="short", size=1.0, margin=800.0),  # never touched
        a_position(size=1.0, margin=4.0),
    ]
    scene = Scene(held=held, marks=[96.0, 90.0], rate=0.01, depth=_THIN, fund=Fund(balance=0.0))
    told = simulate(scene.book, scene.terms, scene.marks, ids=["s", "l9", "far", "l4"]).positions
    assert ([position.id for position in told], [position.step for position in told]) == (["l4", "s", "l9"], [0, 0, 1])


def test_asked_positions_are_told_in_the_order_asked() -> None:
    """Touched or not."""
    held = [a_position(size=1.0), a_position(size=2.0), a_position(side="short", size=3.0)]
    scene = Scene(held=held, marks=[99.0], rate=0.01)
    told = simulate(scene.book, scene.terms, scene.marks, ids=["a", "b", "c"], watched=[2, 0]).positions
    assert [(position.id, position.remaining) for position in told] == [("c", 3.0), ("a", 1.0)]


def test_at_most_a_thousand_are_told() -> None:
    """Of 1,200 liquidated accounts the first thousand; the steps count all."""
    scene = Scene(held=[a_position(size=1.0, margin=1.0)] * 1200, marks=[50.0], rate=0.01)
    found = simulate(scene.book, scene.terms, scene.marks, ids=scene.ids)
    assert (len(found.positions), found.steps[0].liquidated.accounts) == (1000, 1200)


@pytest.mark.parametrize("touched", [[], [1]])
def test_a_missing_maintenance_margin_is_refused_by_index(touched: list[int]) -> None:
    """Neither position, request nor venue has a rate: the first such position is named, due or not."""
    held = [a_position(maintenance_margin=1.0), a_position(size=2.0)]
    scene = Scene(held=held, marks=[100.0])
    with pytest.raises(RefusedError) as refused:
        simulate(scene.book, scene.terms, scene.marks, ids=scene.ids, watched=touched)
    assert refused.value.problem == "maintenance-margin-required"
    assert refused.value.path == (1, "maintenance_margin_rate")


def test_the_rate_of_the_request_stands_in_before_that_of_the_venue() -> None:
    """A position's own rate counts first, then the request's, then the card's: 4 of equity at a mark of 94."""
    own = a_position(margin=10.0, maintenance_margin_rate=0.01)
    without = a_position(margin=10.0)
    scene = Scene(held=[own, without], marks=[94.0])
    for rate, card, due in ((0.05, 0.01, 1), (0.01, 0.05, 0), (None, 0.05, 1), (None, 0.01, 0)):
        found = scene.changed(rate=rate, card={"maintenance_margin_rate": card}).simulate()
        assert found.steps[0].liquidated.accounts == due
        assert found.positions[0].outcome == "untouched"


def test_a_size_of_no_whole_lots_is_refused_by_index() -> None:
    """Also of a position that nothing touches."""
    held = [a_position(size=1.0), a_position(size=1.5)]
    with pytest.raises(RefusedError) as refused:
        Scene(held=held, marks=[100.0], rate=0.01).simulate()
    assert (refused.value.problem, refused.value.path) == ("not-a-lot-multiple", (1, "size"))


def test_a_venue_without_a_queue_is_refused_for_ranked_policies() -> None:
    """Under `venue` and `pro_rata_score` there is nothing to rank by; the others work."""
    card: dict[str, Any] = {"mechanism": "socialised", "mechanism_note": "Shared.", "ranking": Ranking()}
    held = [a_position(margin=4.0), a_position(side="short")]
    scene = Scene(held=held, marks=[90.0], rate=0.01, card=card, fund=Fund(balance=0.0))
    for policy in POLICIES:
        if policy not in ("venue", "pro_rata_score"):
            assert scene.changed(policy=policy).simulate().steps[0].liquidated.accounts == 1
            continue
        with pytest.raises(RefusedError) as refused:
            scene.changed(policy=policy).simulate()
        assert refused.value.problem == "venue-has-no-queue"


def test_the_pulse_stops_the_work_at_every_step() -> None:
    """It is called at least once a step, and what it raises comes through."""
    scene = Scene(held=[a_position()], marks=[100.0, 99.0, 98.0], rate=0.01)
    calls: list[None] = []

    def stop_at_third() -> None:
        calls.append(None)
        if len(calls) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        simulate(scene.book, scene.terms, scene.marks, ids=scene.ids, pulse=stop_at_third)


def test_the_book_that_was_given_stays_as_it_was() -> None:
    """A simulation changes none of the columns: the same call gives the same answer."""
    held = [a_position(margin=4.0), a_position(side="short", wallet_balance=3.0)]
    scene = Scene(held=held, marks=[90.0, 80.0], rate=0.01, fund=Fund(balance=0.0))
    book = scene.book
    before = {name: np.array(getattr(book, name)) for name in ("size", "margin", "wallet_balance", "entry_price")}
    first, second = (simulate(book, scene.terms, scene.marks, ids=scene.ids) for _ in range(2))
    assert first == second
    for name, column in before.items():
        np.testing.assert_array_equal(getattr(book, name), column)


def _deepen(depth: Depth, factor: float) -> Depth:
    """Without a way to scale one percent's size: a book of levels stays one."""

    def scale(levels: Any) -> Any:
        if not isinstance(levels, tuple):
            return levels
        return tuple(DepthLevel(offset=level.offset, size=level.size * factor) for level in levels)

    return Depth(
        levels=scale(depth.levels),
        bids=scale(depth.bids),
        asks=scale(depth.asks),
        size_for_one_percent=depth.size_for_one_percent,
        shape=depth.shape,
        depth_left=depth.depth_left,
    )


def _tell(scene: Scene, close_calls: int) -> None:
    """For ``--hypothesis-show-statistics``."""
    event(f"{scene.contract}, {'ties' if close_calls else 'no ties'}")
