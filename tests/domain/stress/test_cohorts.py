"""A book made up of aggregates: what is held on each side, who is left out, and what splitting a cohort changes."""

from collections.abc import Mapping
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from adlrisk.domain.position.entries import Entry
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.leverage_mix import DEFAULT_LEVERAGE_MIX, LeverageShare
from adlrisk.domain.stress.cohort_book import CohortColumns, list_cohorts
from adlrisk.domain.stress.cohorts import Cohorts, KnownCohorts
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.simulation import Simulated, simulate
from adlrisk.domain.stress.terms import Terms
from support.builders import book_of, contracts, rules


def aggregates(
    entries: Mapping[float, float], leverage: Mapping[float, float], *, open_interest: float = 1000.0, rate: Any = 0.01
) -> KnownCohorts:
    return KnownCohorts(
        open_interest=open_interest,
        entries=tuple(Entry(price=price, share=share) for price, share in entries.items()),
        leverage=tuple(LeverageShare(leverage=each, share=share) for each, share in leverage.items()),
        maintenance_margin_rate=rate,
    )


def made_up(cohorts: KnownCohorts, **changed: Any) -> CohortColumns:
    usual: dict[str, Any] = {"mark_price": 100.0, "contract": "linear", "contract_size": 1.0, "lot_size": 1.0}
    return list_cohorts(cohorts, rules(), **{**usual, **changed})


def sizes(columns: CohortColumns) -> dict[str, float]:
    return dict(zip(columns.id, columns.size, strict=True))


def positions(columns: CohortColumns) -> list[Position]:
    return [
        Position(
            side=side, size=size, entry_price=entry, mark_price=100.0, leverage=leverage, maintenance_margin_rate=0.01
        )
        for side, size, entry, leverage in zip(
            columns.side, columns.size, columns.entry_price, columns.leverage, strict=True
        )
    ]


def test_a_cohort_has_the_product_of_its_shares() -> None:
    """Of 1,000 contracts, an entry of a fifth and a leverage of three tenths hold 60 on each side."""
    found = sizes(made_up(aggregates({100.0: 0.2, 101.0: 0.8}, {2.0: 0.3, 5.0: 0.7})))
    assert found == {
        "long:100:2": 60, "long:100:5": 140, "long:101:2": 240, "long:101:5": 560,
        "short:100:2": 60, "short:100:5": 140, "short:101:2": 240, "short:101:5": 560,
    }  # fmt: skip


def test_lots_go_by_largest_remainder() -> None:
    """Ten lots in thirds are four, three and three, the first of equal remainders first."""
    found = sizes(made_up(aggregates({100.0: 1.0}, {2.0: 1 / 3, 3.0: 1 / 3, 4.0: 1 / 3}, open_interest=10.0)))
    assert [found[f"long:100:{leverage}"] for leverage in (2, 3, 4)] == [4, 3, 3]


def test_cohorts_that_are_due_leave_their_share_to_the_others() -> None:
    """A long from 115 at 7× has 115/7 − 15 left at 100, if linear; inverse, 1/805 is less than 1/100 − 1/115."""
    found = sizes(made_up(aggregates({115.0: 1.0}, {2.0: 0.5, 10.0: 0.5})))
    assert found == {"long:115:2": 1000, "short:115:2": 500, "short:115:10": 500}


def test_a_cohort_at_its_maintenance_margin_is_due() -> None:
    """Bought at 100 with leverage 50, equity of 2 a contract is not above a maintenance margin of 2."""
    at_the_edge = aggregates({100.0: 1.0}, {50.0: 0.5, 2.0: 0.5}, rate=0.02)
    assert "long:100:50" not in sizes(made_up(at_the_edge))
    just_above = aggregates({100.0: 1.0}, {50.0: 0.5, 2.0: 0.5}, rate=0.0199)
    assert "long:100:50" in sizes(made_up(just_above))


def test_an_inverse_cohort_is_measured_in_the_base_currency() -> None:
    """A long from 115 at 7× has 115/7 − 15 left at 100 if linear; inverse, 1/805 is less than 1/100 − 1/115."""
    assert 115 / 7 - 15 > 1.0
    assert 1 / 805 < 1 / 100 - 1 / 115
    cohorts = aggregates({115.0: 1.0}, {2.0: 0.5, 7.0: 0.5})
    assert "long:115:7" in sizes(made_up(cohorts))
    assert set(sizes(made_up(cohorts, contract="inverse"))) == {"long:115:2", "short:115:2", "short:115:7"}


def test_a_side_without_anybody_is_refused() -> None:
    """Where all longs would be liquidated, no book can be made up."""
    with pytest.raises(RefusedError, match="All longs") as refused:
        made_up(aggregates({200.0: 1.0}, {10.0: 1.0}))
    assert (refused.value.problem, refused.value.path) == ("empty-book", ("cohorts", "entries"))


def test_a_missing_rate_is_refused() -> None:
    """Without a maintenance margin rate nobody knows who is liquidated."""
    with pytest.raises(RefusedError) as refused:
        made_up(aggregates({100.0: 1.0}, {2.0: 1.0}, rate=None))
    assert refused.value.path == ("cohorts", "maintenance_margin_rate")


@pytest.mark.parametrize(("open_interest", "lot_size"), [(0.5, 1.0), (1e12, 1e-8)])
def test_open_interest_that_lots_cannot_hold_is_refused(open_interest: float, lot_size: float) -> None:
    """Less than one lot, and more than 2^48."""
    with pytest.raises(RefusedError) as refused:
        made_up(aggregates({100.0: 1.0}, {2.0: 1.0}, open_interest=open_interest), lot_size=lot_size)
    assert refused.value.path == ("cohorts", "open_interest")


@pytest.mark.parametrize("name", ["entries", "leverage"])
def test_shares_that_are_not_all_are_refused(name: str) -> None:
    """Shares sum to 1 within 1e-9; the message names the field."""
    parts: Any = {
        "entries": tuple(Entry(price=price, share=0.4) for price in (1.0, 2.0)),
        "leverage": (LeverageShare(leverage=2.0, share=1.0 - 1e-8),),
    }
    with pytest.raises(ValueError, match=f"`{name}`"):
        Cohorts(**{name: parts[name]})


def test_the_default_mix_is_complete() -> None:
    """Its shares sum to 1, and half of the open interest is at 3× or more, as log-normal with median 3 has it."""
    assert sum(each.share for each in DEFAULT_LEVERAGE_MIX) == pytest.approx(1.0, abs=1e-12)
    below = sum(each.share for each in DEFAULT_LEVERAGE_MIX if each.leverage < 3.0)
    at_three = next(each.share for each in DEFAULT_LEVERAGE_MIX if each.leverage == 3.0)
    assert below < 0.5 < below + at_three


prices = st.integers(80, 120).map(float)
leverages = st.sampled_from([1.0, 2.0, 3.0, 5.0, 10.0])


@st.composite
def drawn_aggregates(draw: st.DrawFn) -> KnownCohorts:
    """Entries and leverages with drawn shares; those of 1× at the mark price are never due."""

    def spread(values: list[float]) -> dict[float, float]:
        weights = [draw(st.integers(1, 9)) for _ in values]
        return {value: weight / sum(weights) for value, weight in zip(values, weights, strict=True)}

    entries = draw(st.lists(prices, min_size=1, max_size=4, unique=True))
    return aggregates(
        spread([*(price for price in entries if price != 100.0), 100.0]),
        spread([1.0, *draw(st.lists(leverages.filter(lambda each: each != 1.0), max_size=3, unique=True))]),
        open_interest=float(draw(st.integers(1, 5000))),
    )


@given(drawn_aggregates(), contracts)
def test_both_sides_hold_the_open_interest(cohorts: KnownCohorts, contract: Any) -> None:
    """In whole lots, whoever is left out."""
    found = made_up(cohorts, contract=contract)
    for side in ("long", "short"):
        held = [size for size, of in zip(found.size, found.side, strict=True) if of == side]
        assert sum(held) == cohorts.open_interest
        assert min(held) >= 1.0


@given(drawn_aggregates())
def test_listing_a_share_in_two_parts_changes_nothing(cohorts: KnownCohorts) -> None:
    """Two entries of one price are one cohort."""
    halves = tuple(Entry(price=entry.price, share=entry.share / 2) for entry in cohorts.entries for _ in range(2))
    split = KnownCohorts(
        open_interest=cohorts.open_interest,
        entries=halves,
        leverage=cohorts.leverage,
        maintenance_margin_rate=cohorts.maintenance_margin_rate,
    )
    assert made_up(split) == made_up(cohorts)


def simulated(held: list[Position], policy: Any) -> Simulated:
    terms = Terms(
        rules=rules(),
        depth=Depth(size_for_one_percent=300.0),
        fund=Fund(balance=500.0),
        fill_price="bankruptcy",
        lot_size=1.0,
        policy=policy,
    )
    marks = [97.0, 90.0, 104.0]
    return simulate(book_of(held), terms, marks, ids=[str(each) for each in range(len(held))])


@given(drawn_aggregates(), st.data(), st.sampled_from(["venue", "pro_rata_size"]))
def test_splitting_a_cohort_changes_nothing_beyond_a_lot(
    cohorts: KnownCohorts, data: st.DataObject, policy: Any
) -> None:
    """Held by two cohorts of one entry and leverage, a position is liquidated and closed as before, but for a lot."""
    held = positions(made_up(cohorts))
    place = data.draw(st.integers(0, len(held) - 1))
    whole = held[place]
    if whole.size < 2.0:
        return
    part = float(data.draw(st.integers(1, int(whole.size) - 1)))
    pieces = [replaced(whole, part), replaced(whole, whole.size - part)]
    before, after = simulated(held, policy), simulated([*held[:place], *pieces, *held[place + 1 :]], policy)
    for one, two in zip(before.steps, after.steps, strict=True):
        assert one.liquidated.size == pytest.approx(two.liquidated.size, abs=3.0)
        assert one.market.size == pytest.approx(two.market.size, abs=3.0)
        assert one.adl.size == pytest.approx(two.adl.size, abs=3.0)
        assert one.adl.haircut == pytest.approx(two.adl.haircut, abs=60.0)


def replaced(position: Position, size: float) -> Position:
    return Position(
        side=position.side,
        size=size,
        entry_price=position.entry_price,
        mark_price=position.mark_price,
        leverage=position.leverage,
        maintenance_margin_rate=position.maintenance_margin_rate,
    )


def test_a_made_up_book_starts_with_nobody_due() -> None:
    """At the mark price that it was made up for, nothing happens."""
    held = positions(made_up(aggregates({90.0: 0.5, 112.0: 0.5}, {1.0: 0.5, 8.0: 0.5})))
    terms = Terms(
        rules=rules(), depth=Depth(size_for_one_percent=1.0), fund=Fund(balance=0.0), fill_price="mark", lot_size=1.0
    )
    (step,) = simulate(book_of(held), terms, [100.0], ids=["x"] * len(held)).steps
    assert (step.rounds, step.liquidated.accounts) == (0, 0)
    assert np.isfinite(step.fund.after)
