"""Laws of simulations and exposures: lots and the fund are conserved, and probabilities are sums of weights."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from support.fuzz.layouts import listed_in, rows_of
from support.fuzz.near import assert_near, sum_of

Request = Mapping[str, Any]
Content = Mapping[str, Any]

_DEFAULT_CASES: Final = ("calm", "typical", "severe")
_NEAR: Final = 1e-9


def check_simulation(request: Request, answer: Content) -> None:
    """Each step adds up and begins with the fund of the one before; each position is one of the book."""
    lot = request.get("lot_size", 1e-8)
    assert [step["mark_price"] for step in answer["steps"]] == list(request["marks"])
    balance = request["fund"]["balance"]
    for step in answer["steps"]:
        assert step["fund"]["before"] == balance
        check_step(step, lot=lot, floor=floor_of(request["fund"]))
        if not request.get("permanent_impact"):
            assert step["mark_after"] == step["mark_price"]
            assert step["rounds"] <= 1
        balance = step["fund"]["after"]
    told = listed_in(answer, "positions")
    if "cohorts" in request:
        assert answer["confidence"] == "approximation"
        assert all(position["id"].startswith(("long:", "short:")) for position in told)
    else:
        held = {row["id"]: round(row["size"] / lot) for row in rows_of(request)}
        for position in told:
            check_position(position, held=held[position["id"]], lot=lot, steps=len(answer["steps"]))
    if request.get("ids") is not None:
        assert [position["id"] for position in told] == request["ids"]
    else:
        check_touched(told, answer["steps"], lot=lot)


def check_touched(told: Sequence[Content], steps: Sequence[Content], *, lot: float) -> None:
    """Where no position is named, those told of account for all that happened, the first touched first."""
    assert len({position["id"] for position in told}) == len(told)
    touched = [position["step"] for position in told]
    assert None not in touched
    assert touched == sorted(touched)
    closed = sum(round(position["closed"] / lot) for position in told)
    assert_same_lots(closed, sum(round(step["adl"]["size"] / lot) for step in steps))
    liquidated = sum(position["outcome"] == "liquidated" for position in told)
    assert liquidated == sum(step["liquidated"]["accounts"] for step in steps)


def check_step(step: Content, *, lot: float, floor: float) -> None:
    """What was liquidated was closed, taken over, deleveraged or stays uncovered, to the lot; the fund adds up."""
    market, fund, adl = step["market"], step["fund"], step["adl"]
    left = round(step["left_over"]["fund"] / lot) + round(step["left_over"]["depth"] / lot)
    assert_same_lots(round(step["liquidated"]["size"] / lot), round(market["size"] / lot) + left)
    assert_same_lots(left, sum(round(part / lot) for part in (fund["taken_over"], adl["size"], adl["uncovered"])))
    paid, received = market["paid_by_fund"], market["received_by_fund"]
    after = Fraction(fund["before"]) - Fraction(paid) + Fraction(received)
    assert_near(fund["after"], after, of=Fraction(max(abs(fund["before"]), paid, received)), within=_NEAR)
    assert fund["after"] >= min(fund["before"], floor)
    assert min(paid, received, adl["haircut"], step["unpaid"], step["liquidated"]["notional"]) >= 0.0
    assert (market["mean_price"] is None) == (market["size"] == 0.0)
    assert (step["rounds"] == 0) == (step["liquidated"]["accounts"] == 0)
    assert (adl["accounts"] == 0) == (adl["size"] == 0.0)


def check_position(position: Content, *, held: int, lot: float, steps: int) -> None:
    """Outcome, step and sizes agree."""
    outcome, step = position["outcome"], position["step"]
    closed, remaining = round(position["closed"] / lot), round(position["remaining"] / lot)
    assert (step is None) == (outcome == "untouched")
    assert step is None or 0 <= step < steps
    assert 0 <= closed <= held
    assert position["haircut"] >= 0.0
    if outcome == "liquidated":
        assert remaining == 0
        assert position["effective_leverage"] is None
    else:
        assert closed + remaining == held
        assert outcome == ("untouched" if closed == 0 else "closed" if remaining == 0 else "reduced")


def check_exposure(request: Request, answer: Content) -> None:
    """Both paths of every case, probabilities that are sums of weights, and a range that holds them all."""
    names = list(request.get("liquidity") or _DEFAULT_CASES)
    cases = answer["cases"]
    assert [(case["leverage_mix"], case["case"], case["path"]) for case in cases] == [
        (mix, name, path)
        for mix in request.get("leverage_mixes") or [None]
        for name in names
        for path in ("gap", "walk")
    ]
    asked = [*(["you"] if request.get("position") else []), *(request.get("ids") or [])]
    ids = list(dict.fromkeys(asked))
    for case in cases:
        check_curve(case["curve"], request["moves"])
        check_odds(case)
        assert [position["id"] for position in case["positions"]] == ids
        for position in case["positions"]:
            check_exposed(position, case)
    assert [ranged["id"] for ranged in answer["range"]] == ids
    for place, ranged in enumerate(answer["range"]):
        check_range(ranged, [case["positions"][place] for case in cases])


def check_curve(curve: Sequence[Content], moves: Request) -> None:
    """The moves are those of the request, or rise; their weights are a probability."""
    if moves.get("moves") is not None:
        assert [point["move"] for point in curve] == list(moves["moves"])
        assert [point["weight"] for point in curve] == list(moves["weights"])
    else:
        assert len(curve) == (moves.get("points") or 101)
        assert [point["move"] for point in curve] == sorted(point["move"] for point in curve)
        assert_near(sum_of(point["weight"] for point in curve), Fraction(1), within=_NEAR)
    assert all(0.0 <= point["weight"] <= 1.0 for point in curve)
    assert all(0.0 < point["depth_left"] <= 1.0 for point in curve)


def check_odds(case: Content) -> None:
    """Probabilities and expected values of the contract are sums over the curve."""
    curve, market = case["curve"], case["market"]
    assert_adds_up(market["probability"], [point["weight"] for point in curve if point["adl_size"] > 0.0])
    used_up = [point["weight"] for point in curve if point["left_over"]["fund"] > 0.0]
    assert_adds_up(market["probability_fund_used_up"], used_up)
    assert_adds_up(market["expected_adl_size"], [point["weight"] * point["adl_size"] for point in curve])
    assert_adds_up(market["expected_haircut"], [point["weight"] * point["haircut"] for point in curve])


def check_exposed(position: Content, case: Content) -> None:
    """Those of a position are too, and are no larger than those of the contract; the worst is reached."""
    closed = [(point["weight"], point["closed"][position["id"]]) for point in case["curve"]]
    assert_adds_up(position["probability"], [weight for weight, size in closed if size > 0.0])
    assert_adds_up(position["expected_closed"], [weight * size for weight, size in closed])
    assert 0.0 <= position["probability"] <= case["market"]["probability"] + _NEAR <= 1.0 + 2.0 * _NEAR
    assert 0.0 <= position["probability_liquidated"] <= 1.0
    assert 0.0 <= position["expected_closed_share"] <= 1.0
    worst, nearest = position["worst"], position["nearest"]
    assert (0.0 if worst is None else worst["closed"]) == max(size for _, size in closed)
    assert nearest["down"] is None or nearest["down"] <= 0.0
    assert nearest["up"] is None or nearest["up"] >= 0.0
    if worst is not None:
        reached = nearest["down"] if worst["move"] < 0.0 else nearest["up"]
        assert reached is not None
        assert abs(reached) <= abs(worst["move"])


def check_range(ranged: Content, positions: Sequence[Content]) -> None:
    """The least and the most are those of a case each, and no case is nearer than the nearest."""
    chances = [position["probability"] for position in positions]
    assert ranged["probability"] == {"least": min(chances), "most": max(chances)}
    for name in ("down", "up"):
        found = [position["nearest"][name] for position in positions if position["nearest"][name] is not None]
        assert ranged["nearest"][name] == (min(found, key=abs) if found else None)


def floor_of(fund: Request) -> float:
    """The floor of a fund; the venue's own fall is taken as none, which makes it no higher."""
    floor = float(fund.get("floor", 0.0))
    if fund.get("peak") is None or fund.get("drawdown") is None:
        return floor
    return max(floor, float(fund["peak"]) * (1.0 - float(fund["drawdown"])))


def assert_adds_up(value: float, parts: Sequence[float]) -> None:
    """Assert that it is the sum of parts that are not negative."""
    assert_near(value, sum_of(parts), within=_NEAR)


def assert_same_lots(found: int, expected: int) -> None:
    """Assert that they are equal, up to the last digit of the doubles that they were read from."""
    assert abs(found - expected) <= max(found, expected) * 2**-50
