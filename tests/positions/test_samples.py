"""Every documented account mode of every venue, answered to the real ccxt, is read as the facts of its sample say."""

import pytest

from adlrisk.positions import leg_from_ccxt
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.every import READERS
from support.positions.reading import NOT_IN_CCXT, SAMPLES, THROUGH_CCXT, read, read_named
from support.positions.samples.sample import Equity, Facts, Sample


def describe(one: OpenPosition, like: Facts) -> dict[str, object]:
    """What was read of a position, by the names of its facts; notional and PnL only do not contradict it."""
    position = one.position
    assert position is not None, one.not_scored_reason
    assert one.contradiction is None, one.contradiction
    return {
        "symbol": one.symbol,
        "side": position.side,
        "size": position.size,
        "contract": position.contract,
        "contract_size": position.contract_size,
        "entry_price": position.entry_price,
        "mark_price": position.mark_price,
        "margin_mode": one.margin_mode,
        "margin": position.margin,
        "maintenance": position.maintenance_margin if like.margin_mode == "isolated" else None,
        "rate": position.maintenance_margin_rate,
        "liquidation_price": one.liquidation_price,
        "adl_meter": position.adl_meter,
    }


def expect(facts: Facts) -> dict[str, object]:
    """The same of the facts; a cross position's own maintenance margin is expressed as a rate of its value."""
    isolated = facts.margin_mode == "isolated"
    return {
        "symbol": facts.symbol,
        "side": facts.side,
        "size": near(facts.size),
        "contract": facts.contract,
        "contract_size": near(facts.contract_size),
        "entry_price": near(facts.entry_price),
        "mark_price": near(facts.mark_price),
        "margin_mode": facts.margin_mode,
        "margin": near(facts.margin),
        "maintenance": near(facts.maintenance_margin) if isolated else None,
        "rate": near(facts.maintenance_rate if isolated else rate_of(facts), rel=1e-4),  # amounts are rounded
        "liquidation_price": near(facts.liquidation_price),
        "adl_meter": facts.adl_meter,
    }


def near(value: float | None, rel: float = 1e-6) -> object:
    """The figure as far as venues write it: to eight decimals of a coin."""
    return None if value is None else pytest.approx(value, rel=rel, abs=1e-8)


def rate_of(facts: Facts) -> float | None:
    if facts.maintenance_margin is None or not (facts.size and facts.mark_price):
        return facts.maintenance_rate
    quantity = facts.size * facts.contract_size
    value = quantity / facts.mark_price if facts.contract == "inverse" else quantity * facts.mark_price
    return facts.maintenance_margin / value


def is_readable(facts: Facts) -> bool:
    return None not in (facts.side, facts.size, facts.entry_price, facts.mark_price)


@pytest.mark.parametrize("sample", THROUGH_CCXT, ids=lambda sample: f"{sample.venue}: {sample.mode}")
def test_positions_are_read_as_the_facts_say(sample: Sample) -> None:
    """Side, size, prices, margin, maintenance, liquidation price and meter; what is unknown stays so, and is listed."""
    _, held = read(sample)
    assert len(held) == len(sample.positions)
    for one, facts in zip(held, sample.positions, strict=True):
        if is_readable(facts):
            assert describe(one, facts) == expect(facts)
        else:
            assert (one.symbol, one.position, one.adl_meter) == (facts.symbol, None, facts.adl_meter)
            assert one.not_scored_reason


@pytest.mark.parametrize("sample", THROUGH_CCXT, ids=lambda sample: f"{sample.venue}: {sample.mode}")
def test_equity_is_read_as_the_facts_say(sample: Sample) -> None:
    """What backs the cross positions that settle in a currency, without isolated margin; what cannot be had is none."""
    account, _ = read(sample)
    for facts in sample.equities:
        found = account.fetch_equity(facts.settle)
        assert (None if found is None else found.amount) == near(facts.amount), facts.settle
        if found is not None:
            assert found.wallet_balance == near(facts.wallet_balance)
            assert found.maintenance_margin == near(facts.maintenance_margin)
            assert found.in_dollars == facts.in_dollars


ANSWERED_BY_SETTLEMENT = {"bybit"}  # its samples do not answer a list of one contract


@pytest.mark.parametrize(
    "sample",
    [sample for sample in THROUGH_CCXT if sample.venue not in ANSWERED_BY_SETTLEMENT],
    ids=lambda sample: f"{sample.venue}: {sample.mode}",
)
def test_positions_are_found_by_the_name_of_their_contract(sample: Sample) -> None:
    """Whatever a contract settles in, asking for it finds all that is held of it, and nothing else."""
    names = {market.get("baseName", market["id"]): market["symbol"] for market in sample.markets}
    for symbol in dict.fromkeys(facts.symbol for facts in sample.positions):
        found = read_named(sample, names[symbol])
        assert [one.symbol for one in found] == [facts.symbol for facts in sample.positions if facts.symbol == symbol]


@pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if sample.venue in NOT_IN_CCXT], ids=lambda sample: sample.mode
)
def test_position_of_an_older_ccxt_is_a_leg(sample: Sample) -> None:
    """Where the present ccxt has no such exchange, a position at hand is read by the same reader."""
    markets = {market["symbol"]: market for market in sample.markets}
    for position, facts in zip(sample.answers["unified"], sample.positions, strict=True):
        leg = leg_from_ccxt(position, market=markets[position["symbol"]], exchange=sample.venue)
        assert (leg.symbol, leg.side, leg.margin_mode, leg.contract) == (
            facts.symbol,
            facts.side,
            facts.margin_mode,
            facts.contract,
        )
        assert (leg.size, leg.contract_size) == (facts.size, facts.contract_size)
        assert (leg.entry_price, leg.mark_price, leg.adl_meter) == (
            facts.entry_price,
            facts.mark_price,
            facts.adl_meter,
        )
        assert leg.margin == near(facts.margin)
        own = leg.maintenance_margin if leg.margin_mode == "isolated" else None
        assert own == near(facts.maintenance_margin if leg.margin_mode == "isolated" else None)


def test_every_reader_has_samples() -> None:
    """An exchange is listed as read only with documented answers that it was tested with."""
    assert {*READERS} == {sample.venue for sample in SAMPLES}


def test_equities_name_each_settlement_of_a_cross_position() -> None:
    """A sample with a cross position says what backs it, or that this is not known."""
    for sample in SAMPLES:
        settles = {market.get("baseName", market["id"]): market["settle"] for market in sample.markets}
        needed = {settles[facts.symbol] for facts in sample.positions if facts.margin_mode == "cross"}
        assert needed <= {equity.settle for equity in sample.equities}, (sample.venue, sample.mode)
        assert all(isinstance(equity, Equity) for equity in sample.equities)
