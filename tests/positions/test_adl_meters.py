"""The venue's own ADL reading, past what is easily misread. Where ccxt misreads it, the test shows that it does.

Shapes and scales are those of the venues' documentation, as the rule cards name them.
"""

from typing import Any

import ccxt
import pytest

from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.library import catalogue
from adlrisk.positions.adl_meters import binance_reading, bitget_reading, told_in_position


def place(venue: str, reading: float | None) -> float | None:
    """The reading on one scale for all venues, by the venue's card: 1 is reduced first."""
    meter = catalogue()[venue].rules.meter
    assert meter is not None
    assert reading is not None
    return normalise_reading(reading, meter)


HEDGED_ISOLATED = {"LONG": 3, "SHORT": 1, "BOTH": 0}
HEDGED_CROSS = {"LONG": 2, "SHORT": 2, "HEDGE": 0}


@pytest.mark.parametrize("venue", ["binance", "binance_coinm"])
def test_binance_hedge_mode_reads_the_side_held(venue: str) -> None:
    """LONG is the long's and SHORT the short's; ccxt says 0 for both, the value of BOTH, which nobody holds."""
    row = {"symbol": "BTCUSDT", "adlQuantile": HEDGED_ISOLATED}
    assert ccxt.binanceusdm().parse_adl_rank(row)["rank"] == 0
    long = binance_reading({"positionSide": "LONG"}, HEDGED_ISOLATED)
    short = binance_reading({"positionSide": "SHORT"}, HEDGED_ISOLATED)
    assert (long, short) == (3, 1)
    assert (place(venue, long), place(venue, short)) == (0.75, 0.25)


def test_binance_hedge_carries_no_value() -> None:
    """With cross margin in hedge mode HEDGE stands where BOTH would: the sides have their levels, a one-way none."""
    assert binance_reading({"positionSide": "SHORT"}, HEDGED_CROSS) == 2
    assert binance_reading({"positionSide": "BOTH"}, HEDGED_CROSS) is None


def test_binance_one_way_mode_reads_both() -> None:
    """A one-way position has the key BOTH, whatever stands at LONG and SHORT, and 0 is a level."""
    assert binance_reading({"positionSide": "BOTH"}, {"LONG": 4, "SHORT": 4, "BOTH": 1}) == 1
    assert place("binance", binance_reading({"positionSide": "BOTH"}, {"LONG": 0, "SHORT": 0, "BOTH": 0})) == 0


@pytest.mark.parametrize(
    ("raw", "quantiles"), [({}, HEDGED_ISOLATED), ({"positionSide": "LONG"}, None), ({"positionSide": "LONG"}, {})]
)
def test_binance_without_a_side_or_a_key_is_unknown(raw: dict[str, Any], quantiles: dict[str, Any] | None) -> None:
    """Neither the highest level nor 0 is taken instead."""
    assert binance_reading(raw, quantiles) is None


def test_phemex_er_is_scaled_and_rr_is_not() -> None:
    """0.6 is 0.6 as Rr and 60,000,000 as Er; ccxt gives both as they are, 1e8 apart."""
    real, scaled = {"deleveragePercentileRr": "0.6"}, {"deleveragePercentileEr": 60_000_000}
    unified = [ccxt.phemex().parse_adl_rank({"symbol": "BTCUSD", **raw})["percentage"] for raw in (real, scaled)]
    assert unified == [0.6, 60_000_000]
    assert told_in_position("phemex", real) == told_in_position("phemex", scaled) == 0.6
    assert told_in_position("phemex", {**real, "deleveragePercentileEr": 0}) == 0.6
    assert (
        told_in_position("phemex", {"deleveragePercentile": "0.60000000", "deleveragePercentileEr": "60000000"}) == 0.6
    )


@pytest.mark.parametrize(("ranking", "expected"), [(1, 1.0), (3, 0.5), (5, 0.0), (6, None)])
def test_gate_is_reversed(ranking: int, expected: float | None) -> None:
    """1 is reduced first, 5 last, 6 has no rank: the raw reading goes on, the card turns it round."""
    reading = told_in_position("gate", {"adl_ranking": ranking})
    assert reading == ranking
    assert place("gate", reading) == expected


def test_kucoin_stays_a_fraction() -> None:
    """What ccxt gives is multiplied by 100, and 76 is no place in a queue of 0 to 1."""
    raw = {"symbol": "ETHUSDTM", "delevPercentage": 0.76}
    assert ccxt.kucoinfutures().parse_adl_rank(raw)["percentage"] == 76
    assert place("kucoin", told_in_position("kucoin", raw)) == 0.76


@pytest.mark.parametrize(("adl", "expected"), [("5", 1.0), ("4", 0.75), ("1", 0.0), ("0", 0.0)])
def test_okx_sends_text_from_0_to_5(adl: str, expected: float) -> None:
    """The text is a number; 0 counts as the lowest level, as 1 does."""
    assert place("okx", told_in_position("okx", {"adl": adl})) == expected


@pytest.mark.parametrize(("level", "expected"), [(5, 1.0), ("3", 0.5), (1, 0.0)])
def test_htx_percent_is_a_level(level: object, expected: float) -> None:
    """adl_risk_percent counts from 1 to 5 despite its name, as a number or as text."""
    assert place("htx", told_in_position("htx", {"adl_risk_percent": level})) == expected


def test_bitget_v2_rank_is_not_its_adl_rank() -> None:
    """In v2 the place is rank, and adlRank its complement; in v3 it is adlRank."""
    v2 = {"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.2248", "rank": "0.7752", "holdSide": "long"}
    v3 = {"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.7752", "holdSide": "long"}
    assert place("bitget", bitget_reading(v2)) == place("bitget", bitget_reading(v3)) == 0.7752
    assert bitget_reading({**v2, "rank": ""}) is None
    assert bitget_reading(None) is None


def test_bybit_0_is_no_rank() -> None:
    """0 says that the position is empty, which the card knows; it is not the last place."""
    assert place("bybit", told_in_position("bybit", {"adlRankIndicator": 0})) is None
    assert place("bybit", told_in_position("bybit", {"adlRankIndicator": 5})) == 1
    assert place("bybit", told_in_position("bybit", {"adlRankIndicator": 1})) == 0


@pytest.mark.parametrize("venue", ["bybit", "gate", "htx", "kucoin", "okx", "phemex"])
@pytest.mark.parametrize("nothing", ["", None, "n/a", [], True])
def test_what_is_no_number_is_no_reading(venue: str, nothing: object) -> None:
    """An empty, missing or odd field leaves the meter unknown."""
    meter = catalogue()[venue].rules.meter
    assert meter is not None
    assert told_in_position(venue, {meter.field: nothing}) is None
    assert told_in_position(venue, {}) is None


@pytest.mark.parametrize("venue", ["bybit", "gate", "htx", "kucoin", "okx", "phemex"])
def test_the_field_is_the_cards(venue: str) -> None:
    """What is read is what the venue's card names."""
    meter = catalogue()[venue].rules.meter
    assert meter is not None
    assert told_in_position(venue, {meter.field: "1"}) == 1
