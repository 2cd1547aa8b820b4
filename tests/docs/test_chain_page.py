"""docs/chain.md against the code: every figure of its worked example, its tables, its defaults and its pictures."""

import re
from typing import Any, Final

import msgspec
import pytest

from adlrisk import ExposureAnswer, ExposureRequest, SimulateAnswer, SimulateRequest, exposure
from adlrisk.api.endpoints.stress.effort import MAX_EVALUATIONS, MAX_WALK_STEPS
from adlrisk.api.endpoints.stress.inputs import DEFAULT_LOT_SIZE
from adlrisk.domain.stress.depth import MAX_LEVELS, Depth
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.likelihood import (
    ExposedPosition,
    ExposureCase,
    ExposureRange,
    MarketOdds,
)
from adlrisk.domain.stress.moves import Moves, depth_left_at, weigh_moves
from adlrisk.domain.stress.simulation import MAX_TOLD
from adlrisk.domain.stress.steps import Deleveraging, FundChange, Step
from figures.chain.worked_example import (
    POOR_FUND,
    RICH_FUND,
    equity_at,
    expose_example,
    fates_in,
    key_at,
    request_of,
    score_at,
    simulate_example,
)
from support.running import ROOT, example

PAGE = (ROOT / "docs" / "chain.md").read_text()
TEXT = " ".join(PAGE.split())
GAP: Final = "gap"
WALK: Final = "walk"


def section(heading: str) -> str:
    """The page from a heading to the next one of its level or above."""
    level, _, _ = heading.partition(" ")
    _, _, after = PAGE.partition(f"\n{heading}\n")
    assert after, heading
    return re.split(rf"^#{{2,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of the tables in ``text``, heads and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {place for place, row in enumerate(cells) if set(row[0]) == {"-"}}
    return [row for place, row in enumerate(cells) if place not in rules and place + 1 not in rules]


def with_minus(number: float) -> str:
    """``number`` with a typographer's minus."""
    return f"{number:g}".replace("-", "−")


@pytest.fixture(scope="module")
def rich() -> SimulateAnswer:
    """The worked example with a fund of 20."""
    return simulate_example(fund=RICH_FUND)


@pytest.fixture(scope="module")
def poor() -> SimulateAnswer:
    """The worked example with a fund of 8."""
    return simulate_example(fund=POOR_FUND)


@pytest.fixture(scope="module")
def exposed() -> ExposureAnswer:
    """The worked example over 8 hours."""
    return expose_example()


def test_the_accounts_of_the_page_are_those_of_the_example() -> None:
    """Sizes and margins are the request's; equity and bankruptcy price those of the score, and of sums by hand."""
    table = {row[0]: row[1:] for row in rows(section("## Step by step"))[:3]}
    request = request_of()
    (mark,) = request["marks"]
    for position in request["positions"]:
        state = score_at(position["id"], mark).state
        equity = with_minus(equity_at(position["id"], mark))
        figures = [f"{position['size']}", f"{position['margin']}", equity, f"{state.bankruptcy_price:g}"]
        assert table[f"{position['id']}, {position['side']}"] == figures
    assert [table[name][2] for name in table] == ["−10", "156", "424"]  # 50 − 10·6, 120 + 6·6, 400 + 4·6
    assert [table[name][3] for name in table] == ["95", "120", "200"]  # 100 − 50/10, 100 + 120/6, 100 + 400/4


def test_the_price_from_which_the_long_is_due_is_on_the_page() -> None:
    """It is that of the score, and of the equation of equity and maintenance margin."""
    due_at = score_at("a", 100.0).state.liquidation_price
    assert due_at == pytest.approx(950 / 9.9)  # 50 − 10·(100 − P) = 0.01·10·P
    assert f"The long is due from {due_at:.2f} on." in TEXT
    assert f"The long is due from a fall of {100 * (1 - 950 / 990):.2f} % on. A smaller fall does nothing." in TEXT


def test_what_the_order_book_takes_is_on_the_page(rich: SimulateAnswer) -> None:
    """With a fund of 20 the cost is the sum of both levels; nothing is there for the last 2."""
    (step,) = rich.steps
    first, second = 95 - 94 * (1 - 0.005), 95 - 94 * (1 - 0.01)
    assert step.market.paid_by_fund == pytest.approx(4 * first + 4 * second)
    assert f"4 × {first:.2f} + 4 × {second:.2f} = {step.market.paid_by_fund:.2f} for 8 contracts" in TEXT
    assert (step.market.size, step.left_over.depth, step.left_over.fund) == (8.0, 2.0, 0.0)
    assert f"A fund of 20 has {step.fund.after:.2f} left." in TEXT


def test_where_a_fund_of_8_stops_is_on_the_page(poor: SimulateAnswer) -> None:
    """What is left after the first level buys a part of the second; the rest is left over for lack of money."""
    (step,) = poor.steps
    rest = 8 - 4 * 1.47
    assert step.market.size == pytest.approx(4 + rest / 1.94, abs=1e-8)
    sentence = (
        f"its last {rest:.2f} buy {step.market.size - 4:.7f} of the second. For the other {step.left_over.fund:.7f}"
    )
    assert sentence in TEXT
    assert step.left_over.fund == pytest.approx(6 - rest / 1.94, abs=1e-8)
    assert step.left_over.depth == 0.0


def test_whom_adl_closes_is_on_the_page() -> None:
    """Closed sizes and haircuts of both shorts, with either fund and under both policies, are the code's."""
    table = [row for row in rows(section("### 4. ADL")) if row[0] in {"20", "8"}]
    assert len(table) == 3
    for fund, policy, *shown in table:
        answer = simulate_example(fund={"balance": float(fund)}, policy=policy.strip("`"))
        fates = fates_in(answer)
        assert shown == [f"{fates[id_].closed:.8g}, {fates[id_].haircut:.8g}" for id_ in ("b", "c")]
        for id_ in ("b", "c"):
            assert fates[id_].haircut == pytest.approx(fates[id_].closed * (95 - 94))


def test_the_keys_of_the_shorts_are_on_the_page() -> None:
    """They are those of the score, and of the formula by hand: return times leverage."""
    keys = [key_at(account, 94.0) for account in ("b", "c")]
    assert keys == pytest.approx([0.06 * 6 * 94 / 156, 0.06 * 4 * 94 / 424])
    assert f"The key of b is {keys[0]:.3f}, that of c is {keys[1]:.3f}" in TEXT


def test_the_readers_table_is_that_of_the_exposure(exposed: ExposureAnswer) -> None:
    """Each row of the short's cases has the figures of the code, to the digits shown."""
    shown = rows(section("### One answer read by a trader"))
    expected = []
    for case in exposed.cases:
        (short,) = [position for position in case.positions if position.id == "c"]
        worst = short.worst
        expected.append(
            [
                case.case,
                case.path,
                f"{100 * short.probability:.2f} %" if short.probability else "0 %",
                f"{100 * short.expected_closed_share:.2f} %" if short.expected_closed_share else "0 %",
                "–" if worst is None else f"{worst.closed:.2f}, {round(worst.haircut, 2):.4g}",
                "–" if short.nearest.down is None else f"{-100 * short.nearest.down:.2f} %",
            ]
        )
    assert shown == expected


def test_what_the_reading_says_of_the_range_is_true(exposed: ExposureAnswer) -> None:
    """Least, most, the worst haircut and the probability of the short in front are those of the code."""
    front, own = exposed.range
    least, most = (f"{100 * value:.2f}" for value in (own.probability.least, own.probability.most))
    assert (front.id, own.id, least) == ("b", "c", "0.00")
    assert f"between 0 % and {most} %" in TEXT
    assert front.probability.least == front.probability.most == own.probability.most
    assert f"b has the same probability, {most} %, in every row" in TEXT
    assert f"So a probability of {most} % is not a forecast." in TEXT
    worst = max(position.worst.haircut for case in exposed.cases for position in case.positions[1:] if position.worst)
    assert f"The haircut is {worst:.2f} at worst, and 0 on a walk" in TEXT
    assert all(case.market.expected_haircut == 0.0 for case in exposed.cases if case.path == WALK)
    closes_front = [point.closed["b"] > 0 for case in exposed.cases for point in case.curve if point.adl_size]
    assert all(closes_front)  # "b is ahead of you in every row"


def test_what_the_page_says_of_the_exposures_picture_is_true(exposed: ExposureAnswer) -> None:
    """The calm gap takes 2 until the fund runs dry, the calm walk 2 throughout, and the severe case more than 8."""
    curves = {(case.case, case.path): [point for point in case.curve if point.adl_size] for case in exposed.cases}
    runs_dry = 1 - (760 - 20) / 7.94 / 100  # 4·(95 − 0.995·P) + 4·(95 − 0.99·P) = 20
    assert f"beyond a fall of {100 * runs_dry:.1f} % it takes more" in TEXT
    for point in curves["calm", GAP]:
        assert (point.adl_size > 2.0) == (-point.move > runs_dry)
    assert {point.adl_size for point in curves["calm", WALK]} == {2.0}
    last = min(curves["calm", WALK], key=lambda point: point.move)
    mark, bankruptcy = 100 * (1 - 0.0425), 95
    gain = 4 * (mark * (1 - 0.005) - bankruptcy) + 4 * (mark * (1 - 0.01) - bankruptcy)
    assert last.fund_after - 20 == pytest.approx(gain)
    prices = f"at {mark:.2f}, into bids at {mark * (1 - 0.005):.2f} and {mark * (1 - 0.01):.2f}"
    assert f"{prices}, and the fund ends with {gain:.2f} more than before" in TEXT
    assert min(point.adl_size for path in (GAP, WALK) for point in curves["severe", path]) > 8.0


def test_the_standard_deviation_and_the_grid_are_on_the_page() -> None:
    """Volatility times the root of the horizon in years, on so many moves to so many deviations."""
    moves = weigh_moves(Moves(volatility=0.8, horizon_hours=8))
    assert moves.deviation == pytest.approx(0.8 * (8 / 8760) ** 0.5)
    assert f"a standard deviation of {100 * moves.deviation:.2f} % in 8 hours" in TEXT
    assert f"on a grid of {len(moves.moves)} moves out to five standard deviations" in TEXT
    assert max(moves.moves) == pytest.approx(5 * moves.deviation)


def test_the_defaults_of_the_page_are_those_of_the_code() -> None:
    """Each default in the table of their origins is the one that a request without the field gets."""
    table = {name: value for name, value, _ in rows(section("## Where the default figures come from"))}
    grid = weigh_moves(Moves(volatility=0.8, horizon_hours=8))
    bare = {name: value for name, value in example("adl-exposure.request").items() if name != "liquidity"}
    request = msgspec.convert(bare, ExposureRequest)
    defaults: dict[str, str] = {
        "`depth.shape`": f"{Depth(size_for_one_percent=1.0).shape:g}",
        **{f"`liquidity.{case}`": f"{share:g}" for case, share in request.liquidity.items()},
        "`points`, `reach`": f"{len(grid.moves)}, {max(grid.moves) / grid.deviation:g}",
        "`step`": f"{100 * grid.step:g} %",
        "`permanent_impact`": f"{request.permanent_impact:g}",
        "`fund.takes_over`": f"{Fund(balance=1.0).takes_over:g}",
        "`lot_size`": "1e-8",
    }
    assert {name: table[name] for name in defaults} == defaults
    three = weigh_moves(Moves(volatility=0.8, horizon_hours=8, degrees_of_freedom=float(table["`degrees_of_freedom`"])))
    assert three == grid
    assert DEFAULT_LOT_SIZE == 1e-8
    assert list(request.liquidity.values()) == [1.0, round(1 / 3.4, 2), round(1 / 17, 2)]
    assert depth_left_at(0.02, least=0.2, deviation=0.02) == pytest.approx(0.6)  # half way to two deviations
    assert depth_left_at(0.05, least=0.2, deviation=0.02) == 0.2


def fields_named(text: str) -> list[str]:
    """The fields that the first cells of a table name."""
    return [name for row in rows(text) for name in re.findall(r"`([\w.\[\]]+)`", row[0])]


def test_the_table_of_steps_has_every_part_of_a_step() -> None:
    """Each field of a step is in the table or in the words below it, and each name of the table is a field."""
    text = section("## What an answer of `/adl/simulate` means")
    named = fields_named(text)
    parts: dict[str, Any] = {"": Step, "fund": FundChange, "adl": Deleveraging}
    for name in named:
        part, _, field = name.rpartition(".")
        assert field in parts[part].__struct_fields__, name
    assert {name.partition(".")[0] for name in named} | {"rounds"} == set(Step.__struct_fields__)
    assert "`rounds` counts" in PAGE


def test_the_table_of_the_exposure_names_fields_that_exist() -> None:
    """Each name leads to a field of the answer; those of a position are all there but for its id and contracts."""
    named = fields_named(section("### The answer"))
    parts: dict[str, Any] = {"market": MarketOdds, "positions[]": ExposedPosition, "range[]": ExposureRange}
    found = set()
    for name in named:
        part, _, field = name.rpartition(".")
        known = parts[part].__struct_fields__ if part else (*ExposedPosition.__struct_fields__, "curve")
        assert field in known, name
        found.add(field)
    assert "curve" in ExposureCase.__struct_fields__
    assert set(ExposedPosition.__struct_fields__) - found == {"id", "expected_closed"}


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    """Work, steps, marks, moves, cases, ids, levels and positions that are told of."""
    limits = " ".join(section("## Limits").split())
    schemas = msgspec.json.schema_components([SimulateRequest, ExposureRequest, Moves])[1]
    names = ("SimulateRequest", "ExposureRequest", "Moves")
    simulated, exposed, moves = (schemas[name]["properties"] for name in names)
    most_moves, most_ids = (
        next(part["maxItems"] for part in field["anyOf"] if "maxItems" in part)
        for field in (moves["moves"], simulated["ids"])
    )
    assert f"moves × cases × positions: at most {MAX_EVALUATIONS:,} each" in limits
    assert f"at most {MAX_WALK_STEPS:,} steps to the furthest move" in limits
    counts = f"At most {most_ids} `ids`, {simulated['marks']['maxItems']:,} marks, {most_moves} moves"
    assert f"{counts}, {exposed['liquidity']['maxProperties']} cases, {MAX_LEVELS:,} levels a side" in limits
    assert f"the first {MAX_TOLD:,} positions" in limits


def test_what_the_page_says_of_the_second_command_is_true() -> None:
    """The range of one's own position, the nearest fall and the weights are those of the example's answer."""
    request = example("adl-exposure.request")
    answer = exposure(request)
    own = answer.range[0]
    assert own.id == "you"
    weights = [f"{100 * weight:g} %" for weight in request["moves"]["weights"] if weight]
    falls = [f"{-100 * move:g} %" for move in request["moves"]["moves"] if move < 0]
    assert f"a fall by {falls[0]} weighs {weights[0]}, one by {falls[1]} {weights[1]}" in TEXT
    least, most = 100 * own.probability.least, 100 * own.probability.most
    assert f"`range` says {least:g} % to {most:g} % for `you`" in TEXT
    used_up = {(case.case, case.path): case.market.probability_fund_used_up for case in answer.cases}
    anybody = {(case.case, case.path): case.market.probability for case in answer.cases}
    first, second = request["moves"]["weights"][:2]
    assert list(anybody.values()) == pytest.approx([first, 0.0, first + second, first + second])
    assert used_up == {key: first if key == ("calm", GAP) else 0.0 for key in anybody}


def test_the_pages_example_of_a_larger_fall_that_spares_is_true() -> None:
    """In the cohorts' bold mix a walk weighs more than a gap, which closes at one fall, not at a larger, and again."""
    cases = {
        (each.case, each.path, each.leverage_mix): each
        for each in exposure(example("adl-exposure-cohorts.request")).cases
    }
    gap, walk = cases["calm", GAP, "bold"], cases["calm", WALK, "bold"]
    odds = [100 * case.positions[0].probability for case in (walk, gap)]
    assert odds[0] > odds[1]
    assert f"`you` has {odds[0]:.2f} % on a walk and {odds[1]:.2f} % in a gap" in TEXT
    falls = [(100 * p.move, p.closed["you"] > 0) for p in reversed(gap.curve) if -0.1 < p.move < -0.06]
    assert [closed for _, closed in falls] == [True, False, True]
    first, spared, again = (f"{fall:.1f}".replace("-", "−") for fall, _ in falls)
    assert f"closes it at {first} %, not at {spared} %, and again at {again} %" in TEXT


def test_the_request_behind_the_traders_table_is_the_worked_example() -> None:
    """The file to paste is what the table and the picture are computed from."""
    path = ROOT / "docs" / "examples" / "exposure-of-the-shorts.request.json"
    assert exposure(msgspec.json.decode(path.read_bytes())) == expose_example()


PICTURES = {
    "chain-due.svg": ["due from 95.96 on", "bankrupt at 95", "equity at 94: −10"],
    "chain-order-book.svg": [
        "4 × 1.47 = 5.88",
        "4 × 1.94 = 7.76",
        "closing 8 of 10 costs the fund (20) 13.64",
        "for the last 2:",
    ],
    "chain-fund.svg": ["−5.88", "−7.76", "6.36", "−2.12", "1.09 of 4 bids"],
    "chain-adl.svg": ["closed 2", "closed 4.907", "closed 2.944", "closed 1.963", "key 0.217"],
    "chain-exposure.svg": ["severe: 0.06 of the depth left", "gap: the price jumps there"],
}


@pytest.mark.parametrize("name", PICTURES)
def test_each_step_has_its_picture(name: str) -> None:
    """The page shows it, and its labels have the figures of the worked example."""
    assert f"]({name})" in PAGE
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", (ROOT / "docs" / name).read_text())
    assert [label for label in PICTURES[name] if label not in texts] == []
