"""The ADL reading of one open position, in the venue's own scale, out of the venue's own words.

ccxt's unified ``rank`` and ``percentage`` are not used: for a position in Binance's hedge mode they are another
side's, KuCoin's are multiplied by 100, and Phemex's differ by a factor of 1e8 from one contract to the next.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

Raw = Mapping[str, Any]  # one object of a venue's answer, as it came

_SCALE_OF_ER: Final = 1e8  # Phemex: a field's name ends with Er where the number is an integer at this scale


def parse_number(value: object) -> float | None:
    """A number as venues write them, also as text; ``None`` for what is none.

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


def told_in_position(venue: str, raw: Raw) -> float | None:
    """The reading that stands in the position itself; ``None`` where it does not.

    >>> told_in_position("gate", {"adl_ranking": 1}), told_in_position("okx", {"adl": "0"})
    (1.0, 0.0)
    """
    read = _IN_POSITION.get(venue)
    return None if read is None else read(raw)


def binance_reading(raw: Raw, quantiles: Raw | None) -> float | None:
    """The level of the side that is held, of ``adlQuantile``.

    One-way positions have the key BOTH. In hedge mode BOTH is 0 with isolated margin, and HEDGE stands in its place
    with cross margin; neither says anything then. Source: Binance, "Position ADL Quantile Estimation".

    >>> binance_reading({"positionSide": "LONG"}, {"LONG": 3, "SHORT": 1, "BOTH": 0})
    3.0
    """
    side = raw.get("positionSide")
    if quantiles is None or side not in ("LONG", "SHORT", "BOTH"):
        return None
    if side == "BOTH" and "HEDGE" in quantiles:
        return None
    return parse_number(quantiles.get(side))


def bitget_reading(rank: Raw | None) -> float | None:
    """The fraction: v2's ``rank``, or v3's ``adlRank``.

    v2 has an ``adlRank`` as well, which is deprecated and the complement of ``rank``: 0.2248 beside 0.7752. An answer
    of v2 is told by its ``rank``; one that carries it empty gives no reading.

    >>> bitget_reading({"adlRank": "0.2248", "rank": "0.7752"}), bitget_reading({"adlRank": "0.9"})
    (0.7752, 0.9)
    """
    if rank is None:
        return None
    return parse_number(rank["rank"] if "rank" in rank else rank.get("adlRank"))


def _field(name: str) -> Callable[[Raw], float | None]:
    return lambda raw: parse_number(raw.get(name))


def _phemex(raw: Raw) -> float | None:
    for real in ("deleveragePercentileRr", "deleveragePercentile"):
        reading = parse_number(raw.get(real))
        if reading is not None:
            return reading
    scaled = parse_number(raw.get("deleveragePercentileEr"))
    return None if scaled is None else scaled / _SCALE_OF_ER


_IN_POSITION: Final[Mapping[str, Callable[[Raw], float | None]]] = {
    "bybit": _field("adlRankIndicator"),
    "gate": _field("adl_ranking"),
    "htx": _field("adl_risk_percent"),
    "kucoin": _field("delevPercentage"),
    "okx": _field("adl"),
    "phemex": _phemex,
}
