"""The record built from observations: its fields, when it was observed, and how long it lasts."""

import math
from datetime import UTC, datetime

import pytest

from adlrisk.collect.adapters.observation import FundReading, InsurancePool, Observation
from adlrisk.collect.record.history import MarketHistory
from adlrisk.collect.record.market_record import MarketRecordBuilder
from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.overrides import UnreadableError

NOON = 1_795_003_200.0


def new_builder() -> MarketRecordBuilder:
    return MarketRecordBuilder(MarketKey("okx", "BTC-USDT-SWAP"), "BTC/USDT:USDT", history=MarketHistory(Conditions()))


def test_observations_of_all_calls_make_one_record() -> None:
    """Each call adds its fields, and the record is as old as the oldest of its fast calls."""
    builder = new_builder()
    builder.add("contract", Observation(market=MarketRecord(contract="linear", contract_size=0.01)), now=NOON - 1000.0)
    builder.add("funding", Observation(market=MarketRecord(funding_rate=0.0003)), now=NOON - 20.0)
    builder.add("mark", Observation(market=MarketRecord(mark_price=100.0)), now=NOON - 5.0)
    record = builder.build(now=NOON)
    assert record is not None
    assert record.market == MarketRecord(contract="linear", contract_size=0.01, funding_rate=0.0003, mark_price=100.0)
    assert record.observed_at == datetime.fromtimestamp(NOON - 20.0, UTC)
    assert record.expires_at == datetime.fromtimestamp(NOON + 45.0, UTC)
    assert record.source == "collector"


def test_no_observation_makes_no_record() -> None:
    """Without any field there is no record; an empty one would claim that all is calm."""
    builder = new_builder()
    assert builder.build(now=NOON) is None
    builder.add("funding", Observation(), now=NOON)
    assert builder.build(now=NOON) is None


def test_field_expires_when_its_call_stops_answering() -> None:
    """A field is used for three of its intervals and then left out, even if other calls still answer."""
    builder = new_builder()
    builder.add("funding", Observation(market=MarketRecord(funding_rate=0.0003)), now=NOON)
    builder.add("mark", Observation(market=MarketRecord(mark_price=100.0)), now=NOON)
    held = builder.build(now=NOON + 30.0)
    assert held is not None
    assert held.market.mark_price == 100.0
    later = builder.build(now=NOON + 31.0)
    assert later is not None
    assert later.market == MarketRecord(funding_rate=0.0003)
    assert builder.build(now=NOON + 91.0) is None


def test_newer_answer_without_a_field_removes_it() -> None:
    """A field that is missing from the latest answer is not filled from an earlier one."""
    builder = new_builder()
    builder.add("funding", Observation(market=MarketRecord(funding_rate=0.0003, funding_cap=0.003)), now=NOON)
    builder.add("funding", Observation(market=MarketRecord(funding_cap=0.003)), now=NOON + 1.0)
    record = builder.build(now=NOON + 2.0)
    assert record is not None
    assert record.market == MarketRecord(funding_cap=0.003)


def test_latest_mark_price_is_used() -> None:
    """A mark price comes with funding too; the latest one is in the record."""
    for first, second in (("mark", "funding"), ("funding", "mark")):
        builder = new_builder()
        builder.add(first, Observation(market=MarketRecord(mark_price=100.0)), now=NOON)  # type: ignore[arg-type]
        builder.add(second, Observation(market=MarketRecord(mark_price=101.0)), now=NOON + 1.0)  # type: ignore[arg-type]
        record = builder.build(now=NOON + 1.0)
        assert record is not None
        assert record.market.mark_price == 101.0
        builder.add(first, Observation(market=MarketRecord(mark_price=102.0)), now=NOON + 2.0)  # type: ignore[arg-type]
        record = builder.build(now=NOON + 2.0)
        assert record is not None
        assert record.market.mark_price == 102.0


def test_conditions_are_judged_when_the_record_is_built() -> None:
    """Spike, thin book and trigger are judged at the time of the record, and absent while unknown."""
    builder = new_builder()
    for slot in range(13):
        builder.add("depth", Observation(depths={100: 100.0}), now=NOON - 4_000.0 + slot * 300.0)
    builder.add("depth", Observation(depths={100: 40.0}), now=NOON)
    builder.history.add_liquidations(Observation(covered_since=datetime.fromtimestamp(NOON - 600.0, UTC)), now=NOON)
    builder.add("adl", Observation(pool=InsurancePool(balance=0.0)), now=NOON)
    record = builder.build(now=NOON)
    assert record is not None
    assert record.market == MarketRecord(thin_liquidity=True, liquidation_spike=False, adl_trigger=True)
    unknown = new_builder()
    unknown.add("depth", Observation(depths={100: 40.0}), now=NOON)
    unknown.add("adl", Observation(pool=InsurancePool(balance=5.0)), now=NOON)
    assert unknown.build(now=NOON) is None


def test_peak_and_open_interest_are_judged_when_the_record_is_built() -> None:
    """Both appear once their history is long enough, and go when their call no longer answers."""
    builder = new_builder()
    for hour in range(32 * 24, -1, -1):
        at = NOON - hour * 3600.0
        fund = FundReading(at=datetime.fromtimestamp(at, UTC), contracts=9)
        balance = 90.0 if hour == 5 else 60.0
        builder.add("insurance", Observation(market=MarketRecord(insurance_fund=balance), fund=fund), now=at)
        builder.add("open_interest", Observation(open_interest=10.0 if hour else 11.0), now=at)
    record = builder.build(now=NOON)
    assert record is not None
    assert record.market == MarketRecord(insurance_fund=60.0, fund_peak=90.0, open_interest_high=True)
    assert builder.build(now=NOON + 181.0) is None
    unknown = new_builder()
    unknown.add("open_interest", Observation(open_interest=11.0), now=NOON)
    assert unknown.build(now=NOON) is None


def test_balance_without_a_time_gives_no_peak() -> None:
    """A fund whose venue does not say when a balance held is in the record, and has no peak."""
    builder = new_builder()
    for hour in range(10, -1, -1):
        builder.add("insurance", Observation(market=MarketRecord(insurance_fund=60.0)), now=NOON - hour * 3600.0)
    record = builder.build(now=NOON)
    assert record is not None
    assert record.market == MarketRecord(insurance_fund=60.0)


def test_trails_are_in_the_record_while_their_calls_answer() -> None:
    """Entries, depth and volatility go with open interest, book and mark, which say that they still hold."""
    builder = new_builder()
    for minute in range(-25 * 60, 1):
        at, is_odd = NOON + 60.0 * minute, minute % 2
        builder.add("mark", Observation(market=MarketRecord(mark_price=100.0 + is_odd)), now=at)
        contracts = 1_020.0 if is_odd else 1_000.0
        observed = Observation(market=MarketRecord(open_interest=contracts / 2.0), open_interest=contracts)
        builder.add("open_interest", observed, now=at)
        builder.add("depth", Observation(depths={30: 9e9}, depth_sizes={30: 700.0}), now=at)
    found = builder.build(now=NOON)
    assert found is not None
    market = found.market
    assert market.open_interest == 500.0
    assert [entry.price for entry in market.entries] == [100.0, 101.0]
    assert market.entries_seen is not None
    assert market.entries_seen > 0.99
    assert market.size_for_one_percent == pytest.approx(700.0 / 0.3**1.16, rel=1e-5)
    # An odd minute out and back within each five: 1 % in half of the steps.
    assert market.volatility == pytest.approx(math.log(1.01) * math.sqrt(105_120.0), rel=0.01)
    for seconds, gone in ((31.0, "volatility"), (91.0, "size_for_one_percent"), (181.0, "open_interest")):
        later = builder.build(now=NOON + seconds)
        assert getattr(later.market if later else MarketRecord(), gone) is None
    assert builder.build(now=NOON + 181.0) is None


def test_book_that_cannot_be_read_has_no_size() -> None:
    """A look that found no depth is not filled from the one before."""
    builder = new_builder()
    builder.add("depth", Observation(depths={100: 9e9}, depth_sizes={100: 700.0}), now=NOON)
    builder.add("mark", Observation(market=MarketRecord(mark_price=100.0)), now=NOON)
    builder.add("depth", Observation(), now=NOON + 1.0)
    record = builder.build(now=NOON + 1.0)
    assert record is not None
    assert record.market == MarketRecord(mark_price=100.0)


@pytest.mark.parametrize(
    "found",
    [
        MarketRecord(funding_rate=2e15),
        MarketRecord(mark_price=-1.0),
        MarketRecord(
            maintenance_tiers=(
                MaintenanceTier(up_to_notional=2.0, rate=0.01),
                MaintenanceTier(up_to_notional=1.0, rate=0.02),
            )
        ),
    ],
)
def test_value_out_of_bounds_makes_no_record(found: MarketRecord) -> None:
    """A value outside the bounds of a record raises here, not in the readers of the record."""
    builder = new_builder()
    builder.add("funding", Observation(market=found), now=NOON)
    with pytest.raises(UnreadableError):
        builder.build(now=NOON)
