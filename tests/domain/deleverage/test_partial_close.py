"""Partial close: the worked example, documented settlements, and the laws between size, margin and PnL."""

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import assume, given

from adlrisk.domain.deleverage.partial_close import PartialClose, close_part
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from support.builders import a_position, positions, rules

SHORT = a_position(
    side="short", size=10.0, entry_price=2000.0, mark_price=1800.0, margin=1000.0, maintenance_margin_rate=0.01
)
RATIOS = (
    "pnl_to_notional", "return_on_entry", "return_on_margin", "profit_share", "effective_leverage",
    "bankruptcy_price", "liquidation_price", "liquidation_distance",
)  # fmt: skip


def closed(position: Position, **given: Any) -> PartialClose:
    """``position`` after a close, by default of half of it at mark with isolated margin."""
    half: dict[str, Any] = {
        "size": None, "fraction": None if "size" in given else 0.5, "fill_price": None, "margin_mode": "isolated",
        "lot_size": None, "scenario_prices": (), "rules": rules(),
    }  # fmt: skip
    return close_part(position, **{**half, **given})


def test_worked_example_is_reproduced() -> None:
    """domain.md: 4 of 10 ETH closed at 1,800 leave 6 with +1,200, realize +800; at 1,700 then 400 are missed."""
    found = closed(SHORT, size=4.0, scenario_prices=(1700.0,))
    assert (found.closed_size, found.fill_price, found.realized_pnl) == (4.0, 1800.0, 800.0)
    assert found.exposure_removed == pytest.approx(0.4)
    assert (found.after.size, found.after.unrealized_pnl) == (6.0, 1200.0)
    (scenario,) = found.scenarios
    assert (scenario.pnl_without_adl, scenario.pnl_with_adl, scenario.missed_profit) == (3000.0, 2600.0, 400.0)
    assert scenario.price == 1700.0


@pytest.mark.parametrize(("entry", "pnl"), [(100_000.0, 12_000.0), (88_900.0, 900.0), (87_000.0, -1_000.0)])
def test_kucoin_settlement_is_reproduced(entry: float, pnl: float) -> None:
    """KuCoin, article 26686471898009: shorts closed at 88,000; one entered at 87,000 ends in a loss."""
    short = a_position(side="short", size=1.0, entry_price=entry, mark_price=86_000.0, leverage=5.0)
    found = closed(short, fraction=1.0, fill_price=88_000.0)
    assert found.realized_pnl == pnl
    assert found.before.unrealized_pnl > 0.0


def test_inverse_positions_realize_in_the_base_currency() -> None:
    """Long 1,000 USD from 8,000, half closed at 10,000: 500 · (1/8,000 − 1/10,000) = 0.0125."""
    inverse = a_position(
        size=1000.0, entry_price=8000.0, mark_price=10_000.0, margin=0.05, contract="inverse", contract_size=1.0
    )
    found = closed(inverse, scenario_prices=(16_000.0,))
    assert found.realized_pnl == pytest.approx(0.0125)
    assert found.after.unrealized_pnl == pytest.approx(0.0125)
    (scenario,) = found.scenarios
    assert scenario.pnl_without_adl == pytest.approx(0.0625)
    assert scenario.pnl_with_adl == pytest.approx(0.0125 + 0.03125)
    assert scenario.missed_profit == pytest.approx(0.01875)


def test_cross_margin_stays_and_adds_realized_pnl() -> None:
    """4 of 10 closed at 1,850: 1,000 of margin and 600 realized back the remaining 6."""
    found = closed(SHORT, size=4.0, fill_price=1850.0, margin_mode="cross")
    assert (found.realized_pnl, found.after.margin, found.after.equity) == (600.0, 1600.0, 2800.0)
    assert found.after.effective_leverage == pytest.approx(10_800 / 2800)
    assert found.after.bankruptcy_price == pytest.approx(2000 + 1600 / 6)


def test_a_fill_can_use_up_cross_margin() -> None:
    """A fill far beyond the entry uses up all margin: ratios to it are undefined, and the position is insolvent."""
    found = closed(SHORT, size=5.0, fill_price=2400.0, margin_mode="cross")
    assert (found.realized_pnl, found.after.margin, found.after.equity) == (-2000.0, -1000.0, 0.0)
    assert found.after.return_on_margin is None
    assert found.after.effective_leverage is None
    nothing = closed(SHORT, size=5.0, fill_price=2200.0, margin_mode="cross")
    assert (nothing.after.margin, nothing.after.equity, nothing.after.return_on_margin) == (0.0, 1000.0, None)


@pytest.mark.parametrize(
    ("size", "entry", "fill", "margin"),
    [
        ("12.626", "51077.13", "50912.42", "2079.62846"),
        ("2.6", "200.3", "200.1", "0.52"),
        ("0.3", "1.7", "1.4", "0.09"),
    ],
)
def test_margin_used_up_by_the_fill_is_exactly_zero(size: str, entry: str, fill: str, margin: str) -> None:
    """If the realized loss equals the margin, in decimals, exactly 0 is left, and no return on margin."""
    assert Decimal(size) * (Decimal(entry) - Decimal(fill)) == Decimal(margin)
    twice = a_position(
        size=2.0 * float(size), entry_price=float(entry), mark_price=2.0 * float(entry), margin=float(margin)
    )
    found = closed(twice, size=float(size), fill_price=float(fill), margin_mode="cross")
    assert (found.after.margin, found.after.return_on_margin) == (0.0, None)
    assert found.after.equity == found.after.unrealized_pnl


def test_a_position_insolvent_at_every_price_has_no_liquidation_price() -> None:
    """A short whose realized loss exceeds its largest gain, with or without a deduction; also an inverse long."""
    short = a_position(side="short", size=1.0, margin=10.0, maintenance_margin_rate=0.01, maintenance_amount=50.0)
    after = closed(short, fill_price=300.0, margin_mode="cross").after
    assert (after.margin, after.equity) == (-90.0, -90.0)
    assert (after.bankruptcy_price, after.liquidation_price, after.liquidation_distance) == (None, None, None)
    inverse = a_position(
        size=1000.0, margin=0.1, contract="inverse", maintenance_margin_rate=0.005, maintenance_amount=50.0
    )
    after = closed(inverse, fill_price=4.0, margin_mode="cross").after
    assert after.equity < -100.0
    assert (after.bankruptcy_price, after.liquidation_price) == (None, None)
    deducted = msgspec.structs.replace(inverse, maintenance_amount=500.0)
    after = closed(deducted, fill_price=4.0, margin_mode="cross").after
    assert (after.bankruptcy_price, after.liquidation_price) == (None, None)


@pytest.mark.parametrize("fraction", [0.5, 0.9, 0.99, 0.999])
def test_zero_equity_stays_zero_when_closed_at_mark(fraction: float) -> None:
    """Closing at mark leaves equity as it is: rounding does not make an insolvent position solvent."""
    ruined = a_position(size=28.334, entry_price=2529.43, mark_price=2216.76, margin=8859.19178)
    found = closed(ruined, fraction=fraction, margin_mode="cross")
    assert (found.before.equity, found.after.equity) == (0.0, 0.0)
    assert found.after.effective_leverage is None


@pytest.mark.parametrize(
    ("card", "liquidation"),
    [
        ({"maintenance_margin_rate": 0.02}, (2000 + 100) / 1.02),
        ({"maintenance_margin_rate": 0.02, "maintenance_basis": "entry"}, 2000 + (1000 - 0.02 * 20_000) / 10),
    ],
)
def test_the_venue_rate_and_basis_are_defaults(card: dict[str, Any], liquidation: float) -> None:
    """Without its own rate a position uses the venue's, on the venue's maintenance basis."""
    found = closed(msgspec.structs.replace(SHORT, maintenance_margin_rate=None), rules=rules(**card))
    assert found.before.liquidation_price == pytest.approx(liquidation)
    assert found.after.liquidation_price == pytest.approx(liquidation)


def test_the_position_rate_overrides_the_venue_rate() -> None:
    """Liquidation at (2,000 + 100) / 1.01, whatever rate the venue has for others."""
    for card in ({}, {"maintenance_margin_rate": 0.02}):
        found = closed(SHORT, rules=rules(**card))
        assert found.before.liquidation_price == pytest.approx(2100 / 1.01)
        assert found.after.liquidation_price == pytest.approx(2100 / 1.01)


@pytest.mark.parametrize("lot_size", [None, 1.0])
def test_a_fraction_of_zero_closes_nothing(lot_size: float | None) -> None:
    """0 is a valid fraction: the position stays as it is."""
    found = closed(SHORT, fraction=0.0, lot_size=lot_size)
    assert (found.closed_size, found.realized_pnl, found.exposure_removed) == (0.0, 0.0, 0.0)
    assert found.after == found.before


def test_almost_all_is_not_a_full_close() -> None:
    """A remaining millionth remains; with lots, a full close closes the size to its last bit."""
    assert closed(SHORT, size=10.0 - 1e-6).after.size == pytest.approx(1e-6)
    odd = a_position(size=0.1 + 0.2)
    assert closed(odd, fraction=1.0, lot_size=0.1).closed_size == 0.1 + 0.2


@pytest.mark.parametrize("given_", [{"fraction": 1.0}, {"size": 10.0}, {"size": 10.0 * (1 + 1e-13)}])
@pytest.mark.parametrize("mode", ["isolated", "cross"])
@pytest.mark.parametrize("lot_size", [None, 0.1])
def test_a_full_close_leaves_nothing(given_: dict[str, float], mode: str, lot_size: float | None) -> None:
    """Amounts are 0, ratios and prices are null, and the whole size is closed to the last bit."""
    found = closed(SHORT, margin_mode=mode, lot_size=lot_size, **given_)
    after = msgspec.structs.asdict(found.after)
    assert [after.pop(name) for name in RATIOS] == [None] * len(RATIOS)
    assert set(after.values()) == {0.0}
    assert (found.closed_size, found.exposure_removed, found.realized_pnl) == (10.0, 1.0, 2000.0)


@pytest.mark.parametrize(
    ("fraction", "lots"),
    [(0.5, 5.0), (0.3, 3.0), (0.7, 7.0), (0.57, 5.0), (0.59999, 5.0), (0.6, 6.0), (0.05, 0.0), (1.0, 10.0)],
)
def test_fractions_are_rounded_down_to_whole_lots(fraction: float, lots: float) -> None:
    """Half a lot is rounded to none; 60 % of 10 lots are 6, however 0.6 rounds."""
    found = closed(SHORT, fraction=fraction, lot_size=1.0)
    assert (found.closed_size, found.after.size) == (lots, 10.0 - lots)


def test_rounding_does_not_lose_a_whole_lot() -> None:
    """57 % of 100 lots are 57, though 0.57 · 100 is 56.99999999999999."""
    assert closed(a_position(size=100.0), fraction=0.57, lot_size=1.0).closed_size == 57.0


def test_a_fraction_below_one_lot_changes_nothing() -> None:
    """The position stays as it was, with nothing realized."""
    losing = msgspec.structs.replace(SHORT, mark_price=2050.0)
    found = closed(losing, fraction=0.05, lot_size=1.0)
    assert found.after == found.before
    assert str(found.realized_pnl) == "0.0"


def test_closing_no_lot_keeps_the_size_as_given() -> None:
    """A size slightly above one lot is not trimmed to it when nothing is closed."""
    found = closed(a_position(size=1.0000009, mark_price=110.0), fraction=0.5, lot_size=1.0)
    assert found.closed_size == 0.0
    assert found.after == found.before


def test_fractions_of_many_lots_are_rounded_down() -> None:
    """30 % of 9,999,999,999,999 lots are 2,999,999,999,999 and 0.7 of one."""
    found = closed(a_position(size=9_999_999_999_999.0), fraction=0.3, lot_size=1.0)
    assert (found.closed_size, found.after.size) == (2_999_999_999_999.0, 7_000_000_000_000.0)


def test_lots_leave_no_dust() -> None:
    """0.3 less 0.1 in lots of 0.1 is 0.2, not 0.19999999999999998."""
    found = closed(a_position(size=0.3), size=0.1, lot_size=0.1)
    assert (found.closed_size, found.after.size) == (0.1, 0.2)


@pytest.mark.parametrize(
    ("given_", "problem", "path"),
    [
        ({"size": 10.5}, "close-exceeds-position", ("close", "size")),
        ({"size": 11.0, "lot_size": 1.0}, "close-exceeds-position", ("close", "size")),
        ({"size": 2.5, "lot_size": 1.0}, "not-a-lot-multiple", ("close", "size")),
        ({"fraction": 0.5, "lot_size": 3.0}, "not-a-lot-multiple", ("position", "size")),
    ],
)
def test_an_impossible_close_is_refused_by_path(given_: dict[str, Any], problem: str, path: tuple[str, ...]) -> None:
    """More than the position holds, and sizes that are not whole lots."""
    with pytest.raises(RefusedError) as refused:
        closed(SHORT, **given_)
    assert (refused.value.problem, refused.value.path) == (problem, path)
    if problem == "close-exceeds-position":
        assert refused.value.detail == f"{given_['size']:g} cannot be closed: the position holds 10"


FRACTIONS = st.floats(min_value=0.001, max_value=0.999)


def within_reach(price: float | None, position: Position) -> float:
    """A price as a multiple of the entry; 0 if it is negligible or infinite."""
    multiple = (price or 0.0) / position.entry_price
    return multiple if 1e-5 < multiple < 1e5 else 0.0


@given(position=positions(maintenance_amount=0.0), fraction=FRACTIONS)
def test_isolated_margin_keeps_the_ratios_of_the_rest(position: Position, fraction: float) -> None:
    """Margin is released in proportion, so without a tier deduction no ratio and no price changes."""
    assume(abs(position.entry_price / position.mark_price - 1.0) > 1e-6)
    found = closed(position, fraction=fraction)
    before, after = msgspec.structs.asdict(found.before), msgspec.structs.asdict(found.after)
    assume(abs(before["equity"]) > 1e-6 * before["margin"])  # else rounding decides about solvency
    for name in RATIOS:
        ends = [state[name] for state in (before, after)]
        if name.endswith("_price"):
            assert within_reach(ends[1], position) == pytest.approx(within_reach(ends[0], position), rel=1e-6), name
        elif name == "liquidation_distance":
            continue  # it follows from the price, and rounding decides whether that is within reach
        else:
            assert (ends[1] is None) == (ends[0] is None), name
            assert ends[1] == (ends[0] if ends[0] is None else pytest.approx(ends[0], rel=1e-6)), name
    assert after["equity"] == pytest.approx(before["equity"] * (1.0 - fraction), rel=1e-6)


@given(position=positions(), fraction=FRACTIONS, fill=st.floats(min_value=0.5, max_value=2.0))
def test_realized_and_unrealized_pnl_add_up_at_the_fill(position: Position, fraction: float, fill: float) -> None:
    """At the fill price, total PnL is the same with and without the close."""
    price = position.mark_price * fill
    found = closed(position, fraction=fraction, fill_price=price, scenario_prices=(price,))
    (scenario,) = found.scenarios
    assert scenario.missed_profit == 0.0
    assert scenario.pnl_with_adl == pytest.approx(scenario.pnl_without_adl, rel=1e-9)


@given(
    position=positions(),
    fraction=FRACTIONS,
    fill=st.floats(min_value=0.5, max_value=2.0),
    end=st.floats(min_value=0.5, max_value=2.0),
)
def test_missed_profit_is_the_difference(position: Position, fraction: float, fill: float, end: float) -> None:
    """Missed profit is PnL without the close less PnL with it, at all prices."""
    prices = (position.mark_price * end,)
    found = closed(position, fraction=fraction, fill_price=position.mark_price * fill, scenario_prices=prices)
    (scenario,) = found.scenarios
    scale = max(abs(scenario.pnl_without_adl), abs(scenario.pnl_with_adl), abs(found.realized_pnl))
    difference = scenario.pnl_without_adl - scenario.pnl_with_adl
    assert scenario.missed_profit == pytest.approx(difference, rel=1e-6, abs=1e-9 * scale)


@given(position=positions(), fraction=FRACTIONS)
def test_closing_at_mark_lowers_cross_leverage(position: Position, fraction: float) -> None:
    """The same equity backs less exposure."""
    found = closed(position, fraction=fraction, margin_mode="cross")
    assert found.after.equity == pytest.approx(found.before.equity, rel=1e-6, abs=1e-9 * found.before.margin)
    if found.before.effective_leverage is not None and found.after.effective_leverage is not None:
        assert found.after.effective_leverage <= found.before.effective_leverage * (1.0 - fraction) * (1.0 + 1e-6)


@given(position=positions(), fraction=FRACTIONS)
def test_closed_and_remaining_size_add_up(position: Position, fraction: float) -> None:
    """The closed size, the rest and the removed share agree."""
    found = closed(position, fraction=fraction)
    assert found.closed_size + found.after.size == pytest.approx(position.size, rel=1e-12)
    assert found.exposure_removed == pytest.approx(found.closed_size / position.size, rel=1e-12)
