"""ADL meter readings, with the venues' pitfalls. Where ccxt misreads one, the test shows that it does.

Shapes and scales are those of the venues' documentation, as the rule cards name them.
"""

from typing import Any

import ccxt
import pytest

from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.library import catalogue
from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import Raw, Row


def read(venue: str, raw: Raw, extra: Raw | None = None) -> float | None:
    """The reading in the venue's row of a position, or in what else it was asked for."""
    return READERS[venue].read(Row(raw={"currentQty": 1, **raw}, market={}, extra=extra or {})).adl_meter


def normalise(venue: str, reading: float | None) -> float | None:
    """The reading normalised by the venue's card: 1 is reduced first."""
    meter = catalogue()[venue].rules.meter
    assert meter is not None
    assert reading is not None
    return normalise_reading(reading, meter)


HEDGED_ISOLATED = {"LONG": 3, "SHORT": 1, "BOTH": 0}
HEDGED_CROSS = {"LONG": 2, "SHORT": 2, "HEDGE": 0}


@pytest.mark.parametrize("venue", ["binance", "binance_coinm"])
def test_binance_hedge_mode_reads_the_side_held(venue: str) -> None:
    """A long has the level of LONG and a short that of SHORT; ccxt returns 0 for both, the value of BOTH."""
    row = {"symbol": "BTCUSDT", "adlQuantile": HEDGED_ISOLATED}
    assert ccxt.binanceusdm().parse_adl_rank(row)["rank"] == 0
    long = read("binance", {"positionSide": "LONG"}, {"adlQuantile": HEDGED_ISOLATED})
    short = read("binance", {"positionSide": "SHORT"}, {"adlQuantile": HEDGED_ISOLATED})
    assert (long, short) == (3, 1)
    assert (normalise(venue, long), normalise(venue, short)) == (0.75, 0.25)


def test_binance_hedge_key_is_no_reading() -> None:
    """With cross margin in hedge mode HEDGE replaces BOTH: each side has its level, a one-way position none."""
    assert read("binance", {"positionSide": "SHORT"}, {"adlQuantile": HEDGED_CROSS}) == 2
    assert read("binance", {"positionSide": "BOTH"}, {"adlQuantile": HEDGED_CROSS}) is None


def test_binance_one_way_mode_reads_both() -> None:
    """A one-way position has the level of BOTH, whatever LONG and SHORT are, and 0 is a level."""
    assert read("binance", {"positionSide": "BOTH"}, {"adlQuantile": {"LONG": 4, "SHORT": 4, "BOTH": 1}}) == 1
    assert (
        normalise(
            "binance", read("binance", {"positionSide": "BOTH"}, {"adlQuantile": {"LONG": 0, "SHORT": 0, "BOTH": 0}})
        )
        == 0
    )


@pytest.mark.parametrize(
    ("raw", "quantiles"), [({}, HEDGED_ISOLATED), ({"positionSide": "LONG"}, None), ({"positionSide": "LONG"}, {})]
)
def test_binance_without_a_side_or_a_key_is_unknown(raw: dict[str, Any], quantiles: dict[str, Any] | None) -> None:
    """Neither the highest level nor 0 is used instead."""
    assert read("binance", raw, {"adlQuantile": quantiles}) is None


def test_phemex_er_is_scaled_and_rr_is_not() -> None:
    """0.6 is 0.6 as Rr and 60,000,000 as Er; ccxt returns both unscaled, a factor of 1e8 apart."""
    real, scaled = {"deleveragePercentileRr": "0.6"}, {"deleveragePercentileEr": 60_000_000}
    unified = [ccxt.phemex().parse_adl_rank({"symbol": "BTCUSD", **raw})["percentage"] for raw in (real, scaled)]
    assert unified == [0.6, 60_000_000]
    assert read("phemex", real) == read("phemex", scaled) == 0.6
    assert read("phemex", {**real, "deleveragePercentileEr": 0}) == 0.6
    assert read("phemex", {"deleveragePercentile": "0.60000000", "deleveragePercentileEr": "60000000"}) == 0.6


@pytest.mark.parametrize(("ranking", "expected"), [(1, 1.0), (3, 0.5), (5, 0.0), (6, None)])
def test_gate_is_reversed(ranking: int, expected: float | None) -> None:
    """1 is reduced first, 5 last, 6 has no rank: the reading is unchanged, and the card reverses it."""
    reading = read("gate", {"adl_ranking": ranking})
    assert reading == ranking
    assert normalise("gate", reading) == expected


def test_kucoin_stays_a_fraction() -> None:
    """Ccxt multiplies it by 100, and 76 is no rank between 0 and 1."""
    raw = {"symbol": "ETHUSDTM", "delevPercentage": 0.76}
    assert ccxt.kucoinfutures().parse_adl_rank(raw)["percentage"] == 76
    assert normalise("kucoin", read("kucoin", raw)) == 0.76


@pytest.mark.parametrize(("adl", "expected"), [("5", 1.0), ("4", 0.75), ("1", 0.0), ("0", 0.0)])
def test_okx_sends_text_from_0_to_5(adl: str, expected: float) -> None:
    """The text is parsed as a number; 0 counts as the lowest level, as 1 does."""
    assert normalise("okx", read("okx", {"adl": adl})) == expected


@pytest.mark.parametrize(("level", "expected"), [(5, 1.0), ("3", 0.5), (1, 0.0)])
def test_htx_percent_is_a_level(level: object, expected: float) -> None:
    """adl_risk_percent counts from 1 to 5 despite its name, as a number or as text."""
    assert normalise("htx", read("htx", {"adl_risk_percent": level})) == expected


def test_bitget_v2_rank_is_not_its_adl_rank() -> None:
    """In v2 the reading is rank, and adlRank its complement; in v3 the reading is adlRank. Each side has its own."""
    v2 = {"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.2248", "rank": "0.7752", "holdSide": "long"}
    v3 = {"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.7752", "holdSide": "long"}
    row = {"symbol": "BTCUSDT", "holdSide": "long"}
    assert normalise("bitget", read("bitget", row, {"ranks": {"long": v2}})) == 0.7752
    assert normalise("bitget", read("bitget", {"posSide": "long"}, {"ranks": {"long": v3}})) == 0.7752
    assert read("bitget", row, {"ranks": {"long": {**v2, "rank": ""}}}) is None
    assert read("bitget", row, {"ranks": {"long": {"adlRank": "0.2248"}}}) is None
    assert read("bitget", row, {"ranks": {"short": v2}}) is None
    assert read("bitget", row) is None


def test_bybit_0_is_no_rank() -> None:
    """0 means that the position is empty, by the venue's card, and not the last rank."""
    assert normalise("bybit", read("bybit", {"adlRankIndicator": 0})) is None
    assert normalise("bybit", read("bybit", {"adlRankIndicator": 5})) == 1
    assert normalise("bybit", read("bybit", {"adlRankIndicator": 1})) == 0


@pytest.mark.parametrize("venue", ["bybit", "gate", "htx", "kucoin", "okx", "phemex"])
@pytest.mark.parametrize("nothing", ["", None, "n/a", [], True])
def test_non_number_is_no_reading(venue: str, nothing: object) -> None:
    """An empty, missing or odd field leaves the meter unknown."""
    meter = catalogue()[venue].rules.meter
    assert meter is not None
    assert read(venue, {meter.field: nothing}) is None
    assert read(venue, {}) is None


@pytest.mark.parametrize("venue", ["bybit", "gate", "htx", "kucoin", "okx", "phemex"])
def test_reading_is_the_field_on_the_card(venue: str) -> None:
    """The reading is the field that the venue's card names."""
    meter = catalogue()[venue].rules.meter
    assert meter is not None
    assert read(venue, {meter.field: "1"}) == 1
