"""The record that findings make: what holds, since when, and for how long."""

from datetime import UTC, datetime

import pytest

from adlrisk.collect.adapters.observation import Finding, Pool
from adlrisk.collect.record.history import Trail
from adlrisk.collect.record.market_record import MarketState
from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.overrides import UnreadableError

NOON = 1_795_003_200.0


def state() -> MarketState:
    return MarketState(MarketKey("okx", "BTC-USDT-SWAP"), "BTC/USDT:USDT", trail=Trail(Conditions()))


def test_findings_make_one_record() -> None:
    """Each call adds its fields, and the record is as old as the oldest of the fast ones."""
    market = state()
    market.take("contract", Finding(market=MarketRecord(contract="linear", contract_size=0.01)), now=NOON - 1000.0)
    market.take("funding", Finding(market=MarketRecord(funding_rate=0.0003)), now=NOON - 20.0)
    market.take("mark", Finding(market=MarketRecord(mark_price=100.0)), now=NOON - 5.0)
    record = market.record(now=NOON)
    assert record is not None
    assert record.market == MarketRecord(contract="linear", contract_size=0.01, funding_rate=0.0003, mark_price=100.0)
    assert record.observed_at == datetime.fromtimestamp(NOON - 20.0, UTC)
    assert record.expires_at == datetime.fromtimestamp(NOON + 45.0, UTC)
    assert record.source == "collector"


def test_nothing_found_is_no_record() -> None:
    """Without a single field there is no record; a calm record of nothing would say that all is known."""
    market = state()
    assert market.record(now=NOON) is None
    market.take("funding", Finding(), now=NOON)
    assert market.record(now=NOON) is None


def test_a_field_goes_when_its_call_stops_answering() -> None:
    """A field is used for three of its intervals and then left out, whatever else still answers."""
    market = state()
    market.take("funding", Finding(market=MarketRecord(funding_rate=0.0003)), now=NOON)
    market.take("mark", Finding(market=MarketRecord(mark_price=100.0)), now=NOON)
    held = market.record(now=NOON + 30.0)
    assert held is not None
    assert held.market.mark_price == 100.0
    later = market.record(now=NOON + 31.0)
    assert later is not None
    assert later.market == MarketRecord(funding_rate=0.0003)
    assert market.record(now=NOON + 91.0) is None


def test_an_answer_without_a_field_takes_it_back() -> None:
    """What the venue no longer says is not said from the answer before."""
    market = state()
    market.take("funding", Finding(market=MarketRecord(funding_rate=0.0003, funding_cap=0.003)), now=NOON)
    market.take("funding", Finding(market=MarketRecord(funding_cap=0.003)), now=NOON + 1.0)
    record = market.record(now=NOON + 2.0)
    assert record is not None
    assert record.market == MarketRecord(funding_cap=0.003)


def test_the_later_of_two_mark_prices_counts() -> None:
    """A mark price comes with funding too; the one found last is on record."""
    for first, second in (("mark", "funding"), ("funding", "mark")):
        market = state()
        market.take(first, Finding(market=MarketRecord(mark_price=100.0)), now=NOON)  # type: ignore[arg-type]
        market.take(second, Finding(market=MarketRecord(mark_price=101.0)), now=NOON + 1.0)  # type: ignore[arg-type]
        record = market.record(now=NOON + 1.0)
        assert record is not None
        assert record.market.mark_price == 101.0
        market.take(first, Finding(market=MarketRecord(mark_price=102.0)), now=NOON + 2.0)  # type: ignore[arg-type]
        record = market.record(now=NOON + 2.0)
        assert record is not None
        assert record.market.mark_price == 102.0


def test_conditions_are_judged_when_the_record_is_made() -> None:
    """A spike, a thin book and a trigger are what they are now, and absent while unknown."""
    market = state()
    for slot in range(13):
        market.take("depth", Finding(depths={100: 100.0}), now=NOON - 4_000.0 + slot * 300.0)
    market.take("depth", Finding(depths={100: 40.0}), now=NOON)
    market.trail.heard(Finding(covered_since=datetime.fromtimestamp(NOON - 600.0, UTC)), now=NOON)
    market.take("adl", Finding(pool=Pool(balance=0.0)), now=NOON)
    record = market.record(now=NOON)
    assert record is not None
    assert record.market == MarketRecord(thin_liquidity=True, liquidation_spike=False, adl_trigger=True)
    unknown = state()
    unknown.take("depth", Finding(depths={100: 40.0}), now=NOON)
    unknown.take("adl", Finding(pool=Pool(balance=5.0)), now=NOON)
    assert unknown.record(now=NOON) is None


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
def test_what_nobody_may_read_is_not_made(found: MarketRecord) -> None:
    """A value outside the bounds of a record stops the record, not its readers."""
    market = state()
    market.take("funding", Finding(market=found), now=NOON)
    with pytest.raises(UnreadableError):
        market.record(now=NOON)
