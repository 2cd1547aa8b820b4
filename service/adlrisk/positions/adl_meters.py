"""ADL meter readings of open positions, parsed from the venues' own fields and on their own scale.

ccxt's unified ``rank`` and ``percentage`` are not used: in Binance's hedge mode they are the other side's, KuCoin's
are multiplied by 100, and Phemex's differ by a factor of 1e8 between contracts.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

Raw = Mapping[str, Any]  # one object of a venue's answer, unchanged

_SCALE_OF_ER: Final = 1e8  # Phemex: the integer of a field whose name ends with Er is at this scale


def parse_number(value: object) -> float | None:
    """A number or its text as a finite float; ``None`` for anything else.

    >>> [parse_number(value) for value in ("0.5", 3, "", None, "nan", True)]
    [0.5, 3.0, None, None, None, None]
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def parse_position_reading(venue: str, raw: Raw) -> float | None:
    """The reading in the venue's row of the position; ``None`` if it is not there.

    >>> parse_position_reading("gate", {"adl_ranking": 1}), parse_position_reading("okx", {"adl": "0"})
    (1.0, 0.0)
    """
    read = _POSITION_READINGS.get(venue)
    return None if read is None else read(raw)


def parse_binance_reading(raw: Raw, quantiles: Raw | None) -> float | None:
    """The level in ``adlQuantile`` of the side that is held.

    One-way positions have the key BOTH. In hedge mode BOTH is 0 with isolated margin, and with cross margin the key is
    HEDGE instead; neither is a level then. Source: Binance, "Position ADL Quantile Estimation".

    >>> parse_binance_reading({"positionSide": "LONG"}, {"LONG": 3, "SHORT": 1, "BOTH": 0})
    3.0
    """
    side = raw.get("positionSide")
    if quantiles is None or side not in ("LONG", "SHORT", "BOTH"):
        return None
    if side == "BOTH" and "HEDGE" in quantiles:
        return None
    return parse_number(quantiles.get(side))


def parse_bitget_reading(rank: Raw | None) -> float | None:
    """The rank as a fraction: v2's ``rank``, or v3's ``adlRank``.

    v2 also has an ``adlRank``, deprecated and the complement of ``rank``: 0.2248 and 0.7752. An answer with ``rank`` is
    of v2; if it is empty there is no reading.

    >>> parse_bitget_reading({"adlRank": "0.2248", "rank": "0.7752"}), parse_bitget_reading({"adlRank": "0.9"})
    (0.7752, 0.9)
    """
    if rank is None:
        return None
    return parse_number(rank["rank"] if "rank" in rank else rank.get("adlRank"))


def parse_whitebit_reading(raw: Raw, side: str | None) -> float | None:
    """The grade of the side that is held; it is null on a side that is not.

    >>> parse_whitebit_reading({"long": 0, "short": 3}, "short"), parse_whitebit_reading({"long": 0, "short": 3}, None)
    (3.0, None)
    """
    return None if side not in ("long", "short") else parse_number(raw.get(side))


def _parse_field(name: str) -> Callable[[Raw], float | None]:
    return lambda raw: parse_number(raw.get(name))


def _parse_phemex(raw: Raw) -> float | None:
    for real in ("deleveragePercentileRr", "deleveragePercentile"):
        reading = parse_number(raw.get(real))
        if reading is not None:
            return reading
    scaled = parse_number(raw.get("deleveragePercentileEr"))
    return None if scaled is None else scaled / _SCALE_OF_ER


_POSITION_READINGS: Final[Mapping[str, Callable[[Raw], float | None]]] = {
    "bybit": _parse_field("adlRankIndicator"),
    "gate": _parse_field("adl_ranking"),
    "htx": _parse_field("adl_risk_percent"),
    "kraken": _parse_field("percentile"),
    "kucoin": _parse_field("delevPercentage"),
    "okx": _parse_field("adl"),
    "phemex": _parse_phemex,
}
