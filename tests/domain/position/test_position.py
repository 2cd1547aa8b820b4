"""Laws and documented values of a single position."""

import math
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import assume, given

from adlrisk.domain.position.maintenance import resolve_maintenance
from adlrisk.domain.position.position import Position
from support.builders import CONTRACTS, SIDES, a_position, positions, state_of

RATIOS = ("pnl_to_notional", "return_on_entry", "return_on_margin", "profit_share", "effective_leverage")
MONEY = ("notional", "entry_notional", "unrealized_pnl", "margin", "equity")


def test_worked_example_is_reproduced() -> None:
    """The worked example of the design: short 10 ETH from 2,000 at 1,800 with 1,000 of margin."""
    state = state_of(a_position(side="short", size=10, entry_price=2000, mark_price=1800, margin=1000), 0.01)
    expected = {
        "notional": 18_000,
        "entry_notional": 20_000,
        "unrealized_pnl": 2_000,
        "equity": 3_000,
        "effective_leverage": 6,
        "pnl_to_notional": 0.111_111_111_1,
        "return_on_entry": 0.1,
        "return_on_margin": 2,
        "profit_share": 0.666_666_666_7,
        "bankruptcy_price": 2_100,
        "liquidation_price": 2_079.207_920_8,
    }
    for name, value in expected.items():
        assert getattr(state, name) == pytest.approx(value, rel=1e-9), name


# Figures from the venues' own pages; "shown" is how many decimals the page shows.
DOCUMENTED_PRICES: dict[str, tuple[dict[str, Any], float | None, str, dict[str, float]]] = {
    "Bybit inverse long, help 900000031623: entry·leverage/(leverage+1)": (
        {"contract": "inverse", "size": 5000, "entry_price": 7890.08, "mark_price": 7890.08, "leverage": 50},
        None,
        "entry",
        {"bankruptcy_price": 7735.372549},
    ),
    "Bybit inverse short, isolated UTA, help centre: quantity/(value − (IM − MM))": (
        {
            "side": "short",
            "contract": "inverse",
            "size": 60000,
            "entry_price": 50000,
            "mark_price": 50000,
            "leverage": 10,
        },
        0.005,
        "entry",
        {"entry_notional": 1.2, "margin": 0.12, "liquidation_price": 55248.6188},
    ),
    "Kraken Futures inverse long, 360022835671: 7,481 and 7,407 after rounding down": (
        {"contract": "inverse", "size": 1000, "entry_price": 8000, "mark_price": 8000, "margin": 0.01},
        0.01,
        "mark",
        {"entry_notional": 0.125, "liquidation_price": 7481.481481, "bankruptcy_price": 7407.407407},
    ),
    "KuCoin linear long, 35084312224281": (
        {"size": 5, "contract_size": 0.1, "entry_price": 200, "mark_price": 220, "margin": 50},
        None,
        "mark",
        {"return_on_entry": 0.1},
    ),
    "KuCoin linear short, 35084312224281: 9.09 %": (
        {"side": "short", "size": 5, "contract_size": 0.1, "entry_price": 220, "mark_price": 200, "margin": 50},
        None,
        "mark",
        {"return_on_entry": 0.090909},
    ),
    "KuCoin inverse short, 35084312224281: 3.33 %": (
        {
            "side": "short",
            "contract": "inverse",
            "size": 10,
            "entry_price": 62000,
            "mark_price": 60000,
            "leverage": 10,
        },
        None,
        "mark",
        {"return_on_entry": 0.033333},
    ),
    "BitMEX linear long, support 18589621443357: bankruptcy 90": (
        {"entry_price": 100, "mark_price": 110, "margin": 10},
        None,
        "mark",
        {"return_on_entry": 0.1, "effective_leverage": 5.5, "bankruptcy_price": 90},
    ),
    "BitMEX inverse long, support 18589621443357: bankruptcy 54,545.45": (
        {"contract": "inverse", "entry_price": 60000, "mark_price": 62000, "leverage": 10},
        None,
        "mark",
        {"return_on_entry": 0.03225806, "effective_leverage": 7.3170681, "bankruptcy_price": 54545.4545},
    ),
}


@pytest.mark.parametrize("case", DOCUMENTED_PRICES)
def test_documented_values_are_reproduced(case: str) -> None:
    """Prices and ratios that venues publish with their inputs are reproduced."""
    fields, rate, basis, expected = DOCUMENTED_PRICES[case]
    state = state_of(a_position(**fields), rate, basis)
    for name, value in expected.items():
        assert getattr(state, name) == pytest.approx(value, rel=2e-5), name


@given(position=positions())
def test_equity_is_zero_at_the_bankruptcy_price(position: Position) -> None:
    """Marked at its bankruptcy price, a position has no equity left."""
    price = state_of(position).bankruptcy_price
    assume(price is not None)
    state = state_of(msgspec.structs.replace(position, mark_price=price))
    assert abs(state.equity) <= 1e-6 * max(state.margin, state.notional, state.entry_notional)


@given(position=positions(), rate=st.floats(min_value=1e-4, max_value=0.5), basis=st.sampled_from(("mark", "entry")))
def test_equity_meets_maintenance_at_the_liquidation_price(position: Position, rate: float, basis: Any) -> None:
    """Marked at its liquidation price, a position's equity is its maintenance margin, at least 0."""
    bare = msgspec.structs.replace(position, maintenance_margin=None)
    price = state_of(bare, rate, basis).liquidation_price
    assume(price is not None)
    moved = msgspec.structs.replace(bare, mark_price=price)
    state = state_of(moved, rate, basis)
    due = resolve_maintenance(
        moved, notional=state.notional, entry_notional=state.entry_notional, rate=rate, basis=basis
    ).total
    assert due is not None
    assert abs(state.equity - due) <= 1e-6 * max(
        state.margin, state.notional, state.entry_notional, moved.maintenance_amount
    )


@given(position=positions(), rate=st.floats(min_value=1e-4, max_value=0.5), basis=st.sampled_from(("mark", "entry")))
def test_liquidation_never_comes_after_bankruptcy(position: Position, rate: float, basis: Any) -> None:
    """A long's liquidation price is at or above its bankruptcy price, a short's at or below; unless it is due."""
    state = state_of(position, rate, basis)
    assume(position.maintenance_margin is None or state.equity > position.maintenance_margin)
    assume(state.bankruptcy_price is not None)
    assert state.liquidation_price is not None
    assert state.bankruptcy_price is not None
    ahead = state.liquidation_price - state.bankruptcy_price
    assert (ahead if position.side == "long" else -ahead) >= 0.0


@given(position=positions(contract="inverse"))
def test_an_inverse_long_is_a_linear_short_of_reciprocal_prices(position: Position) -> None:
    """Every ratio of an inverse position equals that of the opposite linear one at (1/E, 1/M)."""
    mirrored = msgspec.structs.replace(
        position,
        contract="linear",
        side="short" if position.side == "long" else "long",
        entry_price=1.0 / position.entry_price,
        mark_price=1.0 / position.mark_price,
    )
    ours, theirs = state_of(position), state_of(mirrored)
    assume(abs(ours.equity) > 1e-6 * ours.margin)
    for name in RATIOS:
        mine, mirror = getattr(ours, name), getattr(theirs, name)
        assert (mine is None) == (mirror is None), name
        assert mine is None or mine == pytest.approx(mirror, rel=1e-6, abs=1e-9), name


@given(position=positions(leverage=None, margin=7.0), factor=st.sampled_from((2.0**-20, 0.5, 4.0, 2.0**30)))
def test_scaling_changes_only_amounts(position: Position, factor: float) -> None:
    """Scaling size, margin and maintenance together scales amounts and leaves ratios and prices unchanged."""
    scaled = msgspec.structs.replace(
        position,
        size=position.size * factor,
        margin=7.0 * factor,
        maintenance_amount=position.maintenance_amount * factor,
        maintenance_margin=position.maintenance_margin and position.maintenance_margin * factor,
    )
    ours, theirs = state_of(position, 0.01), state_of(scaled, 0.01)
    for name in (*RATIOS, "bankruptcy_price", "liquidation_price", "liquidation_distance"):
        assert getattr(theirs, name) == getattr(ours, name), name
    for name in MONEY:
        assert getattr(theirs, name) == getattr(ours, name) * factor, name


@given(position=positions(), more=st.floats(min_value=1e-6, max_value=1e6))
def test_more_margin_never_raises_effective_leverage(position: Position, more: float) -> None:
    """While equity is positive, adding margin lowers effective leverage or leaves it unchanged."""
    before = state_of(position)
    assume(before.equity > 0.0)
    after = state_of(msgspec.structs.replace(position, margin=before.margin + more))
    assert before.effective_leverage is not None
    assert after.effective_leverage is not None
    assert after.effective_leverage <= before.effective_leverage


def test_margin_overrides_leverage() -> None:
    """If both are given, leverage is ignored."""
    assert state_of(a_position(margin=10.0, leverage=2.0)) == state_of(a_position(margin=10.0))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_insolvent_position_has_no_leverage(side: str, contract: str) -> None:
    """At equity 0 and below, effective leverage is undefined and the profit share is 0."""
    mark = 80.0 if side == "long" else 130.0
    state = state_of(a_position(side=side, contract=contract, entry_price=100.0, mark_price=mark, leverage=10.0))
    assert state.equity < 0.0
    assert state.effective_leverage is None
    assert state.profit_share == 0.0


def test_prices_out_of_reach_are_undefined() -> None:
    """A long with more margin than value, and such an inverse short, cannot become bankrupt."""
    covered = state_of(a_position(margin=100.0), 0.01)
    assert covered.bankruptcy_price is None
    assert covered.liquidation_price is None
    assert covered.liquidation_distance is None
    inverse = state_of(a_position(side="short", contract="inverse", margin=0.01), 0.01)
    assert inverse.bankruptcy_price is None
    assert inverse.liquidation_price is None


def test_a_deduction_cannot_push_liquidation_beyond_bankruptcy() -> None:
    """If the tier deduction outweighs the rate, the position is liquidated at bankruptcy."""
    state = state_of(a_position(margin=10.0, maintenance_amount=50.0), 0.01)
    assert state.bankruptcy_price == 90.0
    assert state.liquidation_price == 90.0


def test_without_equity_margin_and_leverage_only_the_prices_are_known() -> None:
    """Notional, PnL and returns follow from the prices; all that depends on what backs the position is unknown."""
    state = state_of(Position(side="long", size=2.0, entry_price=100.0, mark_price=110.0), 0.01)
    known = {name: value for name, value in msgspec.structs.asdict(state).items() if value is not None}
    assert known == {
        "notional": 220.0,
        "entry_notional": 200.0,
        "unrealized_pnl": 20.0,
        "pnl_to_notional": pytest.approx(20.0 / 220.0),
        "return_on_entry": 0.1,
    }


def test_a_loser_has_no_profit_share_whatever_backs_it() -> None:
    """Without profit its share of the equity is 0, also while the equity is unknown."""
    state = state_of(Position(side="long", size=2.0, entry_price=100.0, mark_price=90.0))
    assert (state.equity, state.profit_share) == (None, 0.0)


def test_without_a_rate_there_is_no_liquidation_price() -> None:
    """Without a maintenance margin rate the liquidation price is unknown, but the bankruptcy price is known."""
    state = state_of(a_position(margin=10.0))
    assert state.liquidation_price is None
    assert state.bankruptcy_price == 90.0


def test_a_flat_short_shows_no_negative_zero() -> None:
    """A PnL of zero is 0.0 on both sides, never −0.0."""
    state = state_of(a_position(side="short"))
    for name in ("unrealized_pnl", "pnl_to_notional", "return_on_entry", "return_on_margin"):
        assert math.copysign(1.0, getattr(state, name)) == 1.0, name


@pytest.mark.parametrize("leverage", [3.0, 7.0, 10.0, 20.0, 33.0, 125.0])
@pytest.mark.parametrize("entry", [0.3, 27086.87, 1.1e-5, 98765.43])
def test_a_position_at_its_bankruptcy_price_is_insolvent(leverage: float, entry: float) -> None:
    """Exactly at the price where margin and loss are equal, rounding does not keep a position solvent."""
    for side, mark in (("long", entry * (1.0 - 1.0 / leverage)), ("short", entry * (1.0 + 1.0 / leverage))):
        state = state_of(a_position(side=side, size=6.341, entry_price=entry, mark_price=mark, leverage=leverage))
        assert str(state.equity) == "0.0"  # and not −0.0
        assert state.effective_leverage is None


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_unlevered_position_has_no_liquidation_price_at_any_rate(side: str, contract: str) -> None:
    """A position that no price bankrupts has no liquidation price, not even one made of rounding."""
    state = state_of(
        a_position(side=side, contract=contract, size=0.2243722066642203, entry_price=65308.845012028345, leverage=1.0),
        0.9999999999999999,
    )
    if state.bankruptcy_price is None:
        assert state.liquidation_price is None


@pytest.mark.parametrize("entry", [1e-10, 1e-6, 1.0, 1e6, 1e10])
@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("side", SIDES)
def test_reach_is_measured_against_the_entry(side: str, contract: str, entry: float) -> None:
    """At 4× a long is bankrupt a quarter below its entry (a fifth, inverse), whatever the price of the contract is."""
    moves = {
        ("long", "linear"): 3 / 4,
        ("short", "linear"): 5 / 4,
        ("long", "inverse"): 4 / 5,
        ("short", "inverse"): 4 / 3,
    }
    position = a_position(side=side, contract=contract, entry_price=entry, mark_price=entry, leverage=4.0)
    state = state_of(position, 0.01)
    assert state.bankruptcy_price == pytest.approx(entry * moves[side, contract])
    assert state.liquidation_price is not None


@pytest.mark.parametrize(("side", "contract"), [("long", "linear"), ("short", "inverse")])
def test_rounding_creates_no_liquidation_price(side: str, contract: str) -> None:
    """A fully backed position cannot become bankrupt; a rounding residue of its margin, over 1 − rate, is no price."""
    for size in range(1, 300):
        for entry in (65308.845012028345, 0.3, 1.1e-5):
            position = a_position(side=side, contract=contract, size=size / 7, entry_price=entry, leverage=1.0)
            state = state_of(position, 0.9999999999999999)
            assert (state.bankruptcy_price, state.liquidation_price) == (None, None), position


def test_maintenance_margin_is_never_negative() -> None:
    """A deduction larger than value times rate leaves 0.0, never −0.0."""
    position = a_position(maintenance_amount=5.0)
    due = resolve_maintenance(position, notional=100.0, entry_notional=100.0, rate=0.01, basis="mark").total
    assert str(due) == "0.0"


@pytest.mark.parametrize(("side", "mark"), [("long", 90.0), ("short", 110.0)])
def test_the_distance_is_zero_at_the_liquidation_price(side: str, mark: float) -> None:
    """Entered at 100 with margin 11, of which 1 is maintenance: 10 away on either side, and there 0.0, never −0.0."""
    state = state_of(a_position(side=side, mark_price=mark, margin=11.0), 0.01, "entry")
    assert (state.liquidation_price, str(state.liquidation_distance)) == (mark, "0.0")
