"""The exposure beside its slow reading, and its own laws."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import assume, given, settings

from adlrisk.domain.rules.card import Ranking
from adlrisk.domain.stress.depth import Depth, DepthLevel
from adlrisk.domain.stress.exposure import expose
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.likelihood import CurvePoint, Exposure, ExposureCase
from adlrisk.domain.stress.moves import Moves, WeightedMoves, depth_left_at, weigh_moves
from adlrisk.domain.stress.simulation import simulate
from support.builders import a_position
from support.stress.exposed import Course, Exposed
from support.stress.scenes import Scene, scenes

_CASES = {"calm": 1.0, "severe": 0.25}

# Multiples of 2⁻⁵, so that with marks and offsets of the exact scenes nothing is rounded.
_EXACT_MOVES = st.lists(
    st.sampled_from((-0.25, -0.125, -0.0625, -0.03125, 0.0, 0.03125, 0.0625, 0.125, 0.5)),
    min_size=1,
    max_size=4,
    unique=True,
)
_WEIGHTS = st.sampled_from((0.0, 0.0625, 0.125, 0.25))
_STEPS = st.sampled_from((0.03125, 0.046875, 0.125))


@st.composite
def own_moves(draw: st.DrawFn) -> WeightedMoves:
    moves = draw(_EXACT_MOVES)
    return WeightedMoves(
        moves=tuple(moves),
        weights=tuple(draw(_WEIGHTS) for _ in moves),
        deviation=draw(st.sampled_from((0.03125, 0.125))),
        step=draw(_STEPS),
    )


@settings(max_examples=40)
@given(scene=scenes(exact=True), moves=own_moves())
def test_the_exposure_reads_the_rules_as_the_slow_reading(scene: Scene, moves: WeightedMoves) -> None:
    """Every figure of both paths is the same, in every case of liquidity."""
    assume(scene.held)
    found = run(scene, moves)
    differing: list[str] = []
    for told in found.cases:
        exposed = Exposed(scene.book, scene.terms, moves, least=told.depth_left, path=told.path)
        differing += [f"{told.case} {told.path} {line}" for line in differences_of(scene, told, exposed)]
    assert differing == []


def test_a_grid_reads_the_rules_as_the_slow_reading() -> None:
    """The same on a Student-t grid with a book of twelve on both sides."""
    held = [
        a_position(side=side, size=float(size), margin=float(margin * size))
        for side in ("long", "short")
        for size, margin in ((3, 4), (2, 9), (5, 14), (1, 21), (2, 33), (4, 50))
    ]
    scene = Scene(
        held=held,
        marks=[100.0],
        rate=0.01,
        fund=Fund(balance=11.0),
        depth=Depth(levels=(DepthLevel(offset=0.013, size=2.0), DepthLevel(offset=0.031, size=3.0))),
    )
    moves = weigh_moves(Moves(volatility=1.1, horizon_hours=48, points=11, step=0.03))
    found = run(scene, moves)
    for told in found.cases:
        exposed = Exposed(scene.book, scene.terms, moves, least=told.depth_left, path=told.path)
        assert list(differences_of(scene, told, exposed)) == []
    assert any(position.probability > 0.0 for told in found.cases for position in told.positions)
    assert {told.path for told in found.cases} == {"gap", "walk"}


@settings(max_examples=50)
@given(scene=scenes(), moves=own_moves())
def test_the_gap_is_the_weighted_sum_of_one_step_simulations(scene: Scene, moves: WeightedMoves) -> None:
    """Each point of the curve is a simulation of one step at its mark with what the case leaves of the depth."""
    assume(scene.held)
    ids = scene.ids
    for told in run(scene, moves).cases:
        if told.path == "walk":
            continue
        runs = [one_step(scene, move, least=told.depth_left, deviation=moves.deviation) for move in moves.moves]
        for point, move, weight, (left, found) in zip(told.curve, moves.moves, moves.weights, runs, strict=True):
            (step,) = found.steps
            closed = dict(zip(ids, (position.closed for position in found.positions), strict=True))
            assert (point.move, point.weight, point.depth_left) == (move, weight, left)
            assert (point.liquidated_size, point.adl_size) == (step.liquidated.size, step.adl.size)
            assert (point.left_over, point.fund_after, point.closed) == (step.left_over, step.fund.after, closed)
            assert point.haircut == step.adl.haircut
        assert told.market.expected_adl_size == pytest.approx(
            math.fsum(weight * found.steps[0].adl.size for weight, (_, found) in zip(moves.weights, runs, strict=True)),
            rel=1e-12,
        )
        for place, position in enumerate(told.positions):
            each = [found.positions[place] for _, found in runs]
            weighed = list(zip(moves.weights, each, strict=True))
            assert position.probability == math.fsum(weight for weight, one in weighed if one.closed > 0.0)
            assert position.probability_liquidated == math.fsum(
                weight for weight, one in weighed if one.outcome == "liquidated"
            )
            closed_ = math.fsum(weight * one.closed for weight, one in weighed)
            assert position.expected_closed == pytest.approx(closed_, rel=1e-12)
            assert position.expected_haircut == pytest.approx(
                math.fsum(weight * one.haircut for weight, one in weighed), rel=1e-12
            )


@settings(max_examples=50)
@given(scene=scenes(), moves=own_moves())
def test_the_range_spans_all_cases_and_paths(scene: Scene, moves: WeightedMoves) -> None:
    """The least and the most probable, and the nearest move of each sign that any of them has."""
    assume(scene.held)
    found = run(scene, moves)
    assert {(told.case, told.path) for told in found.cases} == {
        (case, path) for case in _CASES for path in ("gap", "walk")
    }
    for place, span in enumerate(found.range):
        told = [case.positions[place] for case in found.cases]
        assert {position.id for position in told} == {span.id}
        assert span.probability.least == min(position.probability for position in told)
        assert span.probability.most == max(position.probability for position in told)
        down = [position.nearest.down for position in told if position.nearest.down is not None]
        up = [position.nearest.up for position in told if position.nearest.up is not None]
        assert span.nearest.down == (max(down) if down else None)
        assert span.nearest.up == (min(up) if up else None)


_FARTHEST = 0.3


@settings(max_examples=60)
@given(
    scene=scenes(impact=0.0, policy="venue", fill_price="mark"),
    side=st.sampled_from(("long", "short")),
    entry=st.sampled_from((80.0, 97.3, 100.0, 130.0)),
    more=st.sampled_from((1.01, 1.5, 4.0)),
)
def test_a_higher_own_key_never_makes_adl_less_probable(scene: Scene, side: Any, entry: float, more: float) -> None:
    """Of an account that is never due and that no fill would bankrupt: with less margin it is nearer to the front."""
    scene = scene.changed(
        held=[msgspec.structs.replace(position, mark_price=100.0) for position in scene.held],
        mark=100.0,
        card={"ranking": Ranking(formula="pnl_leverage")},
    )
    moves = WeightedMoves(
        moves=(-_FARTHEST, -0.1, -0.03, 0.02, 0.1, _FARTHEST),
        weights=(0.05, 0.1, 0.2, 0.25, 0.15, 0.05),
        deviation=0.1,
        step=0.05,
    )
    size = 3.0 * scene.lot_size
    # Enough for any loss on the way, twice, beside a maintenance margin of 5 % at the most.
    units = size * scene.contract_size
    value = units / 50.0 if scene.contract == "inverse" else units * 130.0
    own = {"side": side, "size": size, "entry_price": entry, "maintenance_margin_rate": 0.01}
    low, high = (a_position(**own, margin=margin * 2.0 * value) for margin in (more, 1.0))
    before, after = (run(scene.changed(held=[*scene.held, you]), moves, only=len(scene.held)) for you in (low, high))
    for one, other in zip(before.cases, after.cases, strict=True):
        assert one.positions[0].probability_liquidated == other.positions[0].probability_liquidated == 0.0
        assert one.positions[0].probability <= other.positions[0].probability + 1e-12


def test_the_walk_is_milder_where_the_fund_pays_for_the_overshoot_only_of_a_gap() -> None:
    """A long with 9 of margin: closed on the way above its bankruptcy price; in one jump to −20 % there is no fund."""
    held = [a_position(size=4.0, margin=36.0), a_position(side="short", size=9.0, margin=900.0)]
    scene = Scene(
        held=held,
        marks=[100.0],
        rate=0.02,
        fund=Fund(balance=0.0),
        depth=Depth(levels=(DepthLevel(offset=0.001, size=9.0),)),
    )
    moves = WeightedMoves(moves=(-0.2,), weights=(0.25,), deviation=0.1, step=0.01)
    gap, walk = (next(told for told in run(scene, moves).cases if told.path == path) for path in ("gap", "walk"))
    assert (gap.positions[1].probability, walk.positions[1].probability) == (0.25, 0.0)
    assert (gap.positions[0].probability_liquidated, walk.positions[0].probability_liquidated) == (0.25, 0.25)
    assert (gap.market.probability_fund_used_up, walk.market.probability_fund_used_up) == (0.25, 0.0)
    assert (gap.positions[1].expected_closed, gap.positions[1].expected_closed_share) == (1.0, 1.0 / 9.0)
    # The empty fund pays for nothing beyond the bankruptcy price of 91, which the level reaches at 91/0.999.
    nearest = gap.positions[1].nearest
    assert nearest.up is None
    assert nearest.down is not None
    assert -1e-4 <= nearest.down - (91.0 / 99.9 - 1.0) <= 0.0


def test_what_is_closed_without_a_move_is_nearest_at_zero() -> None:
    """Somebody is bankrupt now: both nearest moves are 0, also where 0 is not among the moves."""
    held = [a_position(size=4.0, margin=1.0, entry_price=110.0), a_position(side="short", size=9.0, margin=900.0)]
    scene = Scene(held=held, marks=[100.0], rate=0.01, fund=Fund(balance=0.0))
    for moves in ((0.1,), (-0.1, 0.0)):
        weighed = WeightedMoves(moves=moves, weights=(0.1,) * len(moves), deviation=0.1, step=0.05)
        for told in run(scene, weighed).cases:
            assert (told.positions[1].nearest.down, told.positions[1].nearest.up) == (0.0, 0.0)


def test_the_worst_of_equal_moves_is_the_first_listed() -> None:
    """Most closed, then the largest haircut, then the order of the moves."""
    held = [a_position(size=4.0, margin=5.0), a_position(side="short", size=4.0, margin=900.0)]
    scene = Scene(held=held, marks=[100.0], rate=0.01, fund=Fund(balance=0.0), fill_price=95.0)
    for moves, worst in (((-0.1, -0.2), -0.2), ((-0.2, -0.1), -0.2), ((-0.002, -0.001), None)):
        weighed = WeightedMoves(moves=moves, weights=(0.1, 0.1), deviation=0.1, step=0.5)
        gap = next(told for told in run(scene, weighed).cases if told.path == "gap")
        found = gap.positions[1].worst
        assert (None if found is None else found.move) == worst
    level = scene.changed(fill_price="mark")
    weighed = WeightedMoves(moves=(-0.2, -0.1), weights=(0.1, 0.1), deviation=0.1, step=0.5)
    found = next(told for told in run(level, weighed).cases if told.path == "gap").positions[1].worst
    assert found is not None
    assert (found.move, found.closed, found.haircut) == (-0.2, 4.0, 0.0)


def test_the_pulse_stops_an_exposure() -> None:
    """What it raises comes through."""
    scene = Scene(held=[a_position()], marks=[100.0], rate=0.01)
    moves = WeightedMoves(moves=(-0.1, 0.1), weights=(0.1, 0.1), deviation=0.1, step=0.05)

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        expose(scene.book, scene.terms, moves, _CASES, watched={}, pulse=stop)


def run(scene: Scene, moves: WeightedMoves, *, only: int | None = None) -> Exposure:
    watched = {name: place for place, name in enumerate(scene.ids) if only in (None, place)}
    return expose(scene.book, scene.terms, moves, _CASES, watched=watched)


def one_step(scene: Scene, move: float, *, least: float, deviation: float) -> Any:
    left = depth_left_at(move, least=least, deviation=deviation)
    terms = scene.changed(depth=msgspec.structs.replace(scene.depth, depth_left=left)).terms
    found = simulate(scene.book, terms, [scene.mark * (1.0 + move)], ids=scene.ids, watched=range(len(scene.held)))
    return left, found


def differences_of(scene: Scene, told: ExposureCase, exposed: Exposed) -> Iterator[str]:
    """What one case on one path tells otherwise than its slow reading."""
    lot = Fraction(scene.lot_size)
    courses = exposed.courses
    for point, course in zip(told.curve, courses, strict=True):
        yield from _of_point(scene, point, course)
    adl = [course.adl_lots for course in courses]
    yield from _near("probability", told.market.probability, exposed.expect([Fraction(lots > 0) for lots in adl]))
    used_up = [Fraction(course.left_for_fund > 0) for course in courses]
    yield from _near("probability_fund_used_up", told.market.probability_fund_used_up, exposed.expect(used_up))
    yield from _near("expected_adl_size", told.market.expected_adl_size, exposed.expect([lots * lot for lots in adl]))
    haircuts = exposed.expect([course.total_haircut for course in courses])
    yield from _near("expected_haircut", told.market.expected_haircut, haircuts)
    for index, position in enumerate(told.positions):
        yield from (f"{position.id} {line}" for line in _of_position(position, exposed, index, lot=lot))


def _of_point(scene: Scene, point: CurvePoint, course: Course) -> Iterator[str]:
    lot = Fraction(scene.lot_size)
    name = f"at {course.move}:"
    yield from _near(f"{name} weight", point.weight, course.weight)
    yield from _near(f"{name} depth_left", point.depth_left, course.depth_left)
    yield from _near(f"{name} liquidated_size", point.liquidated_size, course.liquidated_lots * lot)
    yield from _near(f"{name} left_over.fund", point.left_over.fund, course.left_for_fund * lot)
    yield from _near(f"{name} left_over.depth", point.left_over.depth, course.left_for_depth * lot)
    yield from _near(f"{name} adl_size", point.adl_size, course.adl_lots * lot)
    yield from _near(f"{name} haircut", point.haircut, course.total_haircut)
    yield from _near(f"{name} fund_after", point.fund_after, course.chain.fund.balance)
    for index, told in enumerate(scene.ids):
        yield from _near(f"{name} closed {told}", point.closed[told], course.closed(index) * lot)


def _of_position(told: Any, exposed: Exposed, index: int, *, lot: Fraction) -> Iterator[str]:
    courses = exposed.courses
    closed = [course.closed(index) * lot for course in courses]
    size = (courses[0].chain.accounts[index].lots + courses[0].closed(index)) * lot
    yield from _near("probability", told.probability, exposed.expect([Fraction(lots > 0) for lots in closed]))
    liquidated = [Fraction(course.is_liquidated(index)) for course in courses]
    yield from _near("probability_liquidated", told.probability_liquidated, exposed.expect(liquidated))
    yield from _near("expected_closed", told.expected_closed, exposed.expect(closed))
    yield from _near("expected_closed_share", told.expected_closed_share, exposed.expect(closed) / size)
    haircuts = exposed.expect([course.haircut(index) for course in courses])
    yield from _near("expected_haircut", told.expected_haircut, haircuts)
    worst = exposed.worst(index)
    if worst is None or told.worst is None:
        if told.worst is not None or worst is not None:
            yield f"worst {told.worst}, not {worst}"
    else:
        yield from _near("worst.closed", told.worst.closed, worst.closed(index) * lot)
        yield from _near("worst.haircut", told.worst.haircut, worst.haircut(index))
    for sign, nearest in ((-1, told.nearest.down), (1, told.nearest.up)):
        expected = exposed.nearest(index, sign=sign)
        if nearest is None or expected is None:
            if nearest is not expected:
                yield f"nearest {sign} {nearest}, not {expected}"
        else:
            yield from _near(f"nearest {sign}", nearest, Fraction(expected))


def _near(name: str, told: float, exact: Fraction) -> Iterator[str]:
    if abs(told - float(exact)) > 1e-9 * max(1.0, abs(float(exact))):
        yield f"{name} {told}, not {float(exact)}"
