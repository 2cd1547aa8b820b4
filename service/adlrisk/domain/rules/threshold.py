"""A threshold that values are held against: comparisons that forgive the last bits, and its text."""

from typing import Final

from msgspec import Struct

from adlrisk.domain.position.number_format import Writer, beside, format_number

_LAST_BITS: Final = 1e-9
_NEAR: Final = 0.8  # within 20 % of the threshold: worth acting on before it fires


class Threshold(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A threshold with what every comparison and sentence needs of it: it stays, the values change.

    A value that misses the threshold or exceeds it by rounding alone counts as equal to it.
    """

    value: float
    reached_from: float  # the least value that counts as at or above
    exceeded_beyond: float  # the greatest value that does not count as above
    near_from: float
    text: str
    write: Writer

    def beside(self, value: float) -> str:
        """``value`` in as many digits as tell it from the threshold.

        >>> threshold(15.0).beside(14.9999999), threshold(15.0).beside(12.0)
        ('14.9999999', '12')
        """
        text = self.write(value)
        # Few values look like their threshold, so the rest of the question is seldom asked.
        return text if text != self.text else beside(value, self.value, self.write)


def threshold(value: float, write: Writer = format_number) -> Threshold:
    """The threshold ``value``, written by ``write``.

    >>> 15 * (1 - 1e-12) >= threshold(15.0).reached_from, 14.999 >= threshold(15.0).reached_from
    (True, False)
    >>> 0.03 * (1 + 1e-12) > threshold(0.03).exceeded_beyond, 0.0301 > threshold(0.03).exceeded_beyond
    (False, True)
    """
    return Threshold(
        value=value,
        reached_from=_reached_from(value),
        exceeded_beyond=value * (1.0 + _LAST_BITS),
        near_from=_reached_from(value * _NEAR),
        text=write(value),
        write=write,
    )


def _reached_from(value: float) -> float:
    return value * (1.0 - _LAST_BITS)
