"""Completing a request from a market record: which fields are filled in, and which never are."""

from typing import Any

import pytest

from adlrisk.domain.position.entries import Entry
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import MaintenanceTier, Market, MarketRecord, check_tiers, complete_request
from support.builders import a_position, scored

TIERS = (
    MaintenanceTier(up_to_notional=1000.0, rate=0.01),
    MaintenanceTier(up_to_notional=5000.0, rate=0.02, amount=10.0),
)


def test_omitted_fields_come_from_the_record() -> None:
    """All four conditions and the tier are filled in, and listed."""
    record = MarketRecord(
        funding_rate=0.002, funding_interval_hours=4.0, liquidation_spike=True, thin_liquidity=False,
        maintenance_tiers=TIERS,
    )  # fmt: skip
    found = complete_request(a_position(), Market(), record)
    assert found.market == Market(
        funding_rate=0.002, funding_interval_hours=4.0, liquidation_spike=True, thin_liquidity=False
    )
    assert (found.position.maintenance_margin_rate, found.position.maintenance_amount) == (0.01, 0.0)
    assert found.filled == {
        "funding_rate", "funding_interval_hours", "liquidation_spike", "thin_liquidity", "maintenance_margin_rate"
    }  # fmt: skip


def test_given_fields_stay() -> None:
    """The request takes precedence over the record, even with false and zero."""
    given = Market(funding_rate=0.0, funding_interval_hours=8.0, liquidation_spike=False, thin_liquidity=False)
    position = a_position(maintenance_margin_rate=0.5)
    record = MarketRecord(
        funding_rate=0.002, funding_interval_hours=4.0, liquidation_spike=True, thin_liquidity=True,
        maintenance_tiers=TIERS, mark_price=1.0,
    )  # fmt: skip
    found = complete_request(position, given, record)
    assert (found.position, found.market, found.filled) == (position, given, frozenset())


@pytest.mark.parametrize(
    ("size", "tier"),
    [(9.99, (0.01, 0.0)), (10.0, (0.01, 0.0)), (10.01, (0.02, 10.0)), (50.0, (0.02, 10.0)), (50.01, (None, 0.0))],
)
def test_the_tier_is_that_of_the_notional(size: float, tier: tuple[float | None, float]) -> None:
    """A notional at the limit is in the tier; above the last tier nothing is known."""
    found = complete_request(
        a_position(size=size, margin=1e6), Market(), MarketRecord(maintenance_tiers=TIERS)
    ).position
    assert (found.maintenance_margin_rate, found.maintenance_amount) == tier


def test_a_tier_without_limit_covers_the_rest() -> None:
    """Null as the last limit means no limit; inverse notionals are in the base currency."""
    record = MarketRecord(maintenance_tiers=(*TIERS, MaintenanceTier(rate=0.1)))
    assert complete_request(a_position(size=1e9), Market(), record).position.maintenance_margin_rate == 0.1
    inverse = a_position(size=100_000.0, contract="inverse")  # 1,000 of the base at 100
    assert complete_request(inverse, Market(), record).position.maintenance_margin_rate == 0.01
    small = a_position(size=100.0, contract_size=0.1)  # 10 of the base, 1,000 at 100
    assert complete_request(small, Market(), record).position.maintenance_margin_rate == 0.01


@pytest.mark.parametrize(
    ("record", "field"), [({"contract": "inverse"}, "contract"), ({"contract_size": 0.01}, "contract_size")]
)
def test_a_contract_mismatch_is_refused(record: dict[str, Any], field: str) -> None:
    """Contract and contract size are never filled in, and a mismatch is an error, even with defaults."""
    with pytest.raises(RefusedError) as refused:
        complete_request(a_position(), Market(), MarketRecord(**record))
    assert (refused.value.problem, refused.value.path) == ("contract-mismatch", ("position", field))
    assert refused.value.detail.startswith(f"The record of the symbol says {field} {record[field]}, the request ")
    same = MarketRecord(contract="linear", contract_size=1.0)
    assert complete_request(a_position(), Market(), same).filled == frozenset()


@pytest.mark.parametrize("limits", [(2.0, 1.0), (1.0, 1.0), (None, 1.0), (None, None)])
def test_tiers_must_rise(limits: tuple[float | None, ...]) -> None:
    """Limits that fall, stay equal, or follow one without limit are refused."""
    tiers = tuple(MaintenanceTier(up_to_notional=limit, rate=0.1) for limit in (0.5, *limits))
    with pytest.raises(RefusedError) as refused:
        check_tiers(MarketRecord(maintenance_tiers=tiers))
    assert (refused.value.problem, refused.value.path) == (
        "tiers-out-of-order", ("maintenance_tiers", 2, "up_to_notional"),
    )  # fmt: skip
    assert refused.value.detail == ("Each tier reaches further than the one before; null, without limit, is the last")
    check_tiers(MarketRecord(maintenance_tiers=(*TIERS, MaintenanceTier(rate=0.1))))


def test_signals_name_the_record_as_source() -> None:
    """Funding and stress based on the record have the source `cache`, fired or calm."""
    record = MarketRecord(funding_rate=0.002, liquidation_spike=False)
    for filled, source in ((frozenset({"funding_rate", "liquidation_spike"}), "cache"), (frozenset(), "request")):
        market = complete_request(a_position(), Market(), record).market
        by_name = {signal.signal: signal for signal in scored(a_position(), market, cached=filled).signals}
        assert (by_name["funding"].fired, by_name["funding"].source) == (True, source)
        assert (by_name["market_stress"].fired, by_name["market_stress"].source) == (False, source)
    spiking = scored(a_position(), Market(liquidation_spike=True), cached=frozenset({"liquidation_spike"}))
    assert spiking.signals[3].source == "cache"
    thin = scored(a_position(), Market(thin_liquidity=True), cached=frozenset({"thin_liquidity"}))
    assert (thin.signals[3].source, thin.signals[3].fired) == ("cache", True)
    calm = Market(liquidation_spike=False, thin_liquidity=False)
    assert scored(a_position(), calm, cached=frozenset({"thin_liquidity"})).signals[3].source == "cache"


def test_rate_and_deduction_are_filled_in_together() -> None:
    """Rate and deduction are filled in together or not at all."""
    position = a_position(maintenance_amount=0.2)
    assert complete_request(position, Market(), MarketRecord(maintenance_tiers=TIERS)).position == position


def test_what_is_known_of_all_positions_completes_no_request() -> None:
    """Open interest, its entries, depth and volatility are no part of the market that a score goes by."""
    record = MarketRecord(
        open_interest=5.0,
        entries=(Entry(price=90.0, share=1.0),),
        entries_seen=1.0,
        size_for_one_percent=7.0,
        volatility=0.8,
    )
    found = complete_request(a_position(), Market(), record)
    assert (found.market, found.filled) == (Market(), frozenset())


WITH_FUND = MarketRecord(
    adl_trigger=False, insurance_fund=90.0, fund_peak=100.0, adl_rating="low", settles_at="2026-12-01T08:00:00Z",
    open_interest_high=True,
)  # fmt: skip


def test_what_is_known_of_the_trigger_comes_from_the_record() -> None:
    """All six fields are filled in and listed, for a request that says nothing and for one that says something else."""
    names = {"adl_trigger", "insurance_fund", "fund_peak", "adl_rating", "settles_at", "open_interest_high"}
    for market in (Market(), Market(funding_rate=0.001)):
        found = complete_request(a_position(), market, WITH_FUND)
        assert found.filled == names
        assert {name: getattr(found.market, name) for name in names} == {
            name: getattr(WITH_FUND, name) for name in names
        }
        assert found.market.funding_rate == market.funding_rate


@pytest.mark.parametrize(
    "own", [{"insurance_fund": 5.0}, {"fund_peak": 7.0}, {"insurance_fund": 5.0, "fund_peak": 7.0}]
)
def test_fund_and_peak_are_filled_in_together(own: dict[str, Any]) -> None:
    """The balance of one observer below the peak of another would be a fall that nobody has seen."""
    found = complete_request(a_position(), Market(**own), WITH_FUND)
    assert {"insurance_fund", "fund_peak"}.isdisjoint(found.filled)
    assert (found.market.insurance_fund, found.market.fund_peak) == (own.get("insurance_fund"), own.get("fund_peak"))
    assert "adl_rating" in found.filled


def test_completing_one_request_leaves_the_next_alone() -> None:
    """What a record fills in is kept with it, and is the same for every request."""
    first = complete_request(a_position(), Market(), WITH_FUND)
    assert complete_request(a_position(), Market(adl_trigger=True), WITH_FUND).market.adl_trigger is True
    assert complete_request(a_position(), Market(), WITH_FUND) == first
