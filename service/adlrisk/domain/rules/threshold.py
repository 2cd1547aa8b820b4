"""Thresholds: comparisons with a tolerance for rounding, and their texts."""

from typing import Final

from msgspec import Struct

from adlrisk.domain.position.number_format import SENTENCE_DIGITS, NumberFormatter, format_distinct, format_number

_LAST_BITS: Final = 1e-9
_DIGITS: Final = 6  # of a threshold that does not fit into those of sentences
_NEAR: Final = 0.8  # within 20 % of the threshold: worth acting on before it fires


class Threshold(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A threshold with its bounds of comparison and its text, computed once.

    A value that differs from the threshold only by rounding counts as equal to it.
    """

    value: float
    reached_from: float  # the least value that counts as at or above
    exceeded_beyond: float  # the greatest value that does not count as above
    near_from: float
    text: str
    digits: int  # of values beside it
    formatter: NumberFormatter

    def format_distinct(self, value: float) -> str:
        """``value`` with enough digits to differ from the text of the threshold.

        >>> build_threshold(15.0).format_distinct(14.9999999), build_threshold(15.0).format_distinct(12.0)
        ('14.9999999', '12')
        """
        text = self.formatter(value, self.digits)
        # The fast path: few values have the same text as their threshold.
        return text if text != self.text else format_distinct(value, self.value, self.formatter, self.digits)


def build_threshold(value: float, formatter: NumberFormatter = format_number) -> Threshold:
    """The threshold at ``value``, whose texts ``formatter`` writes.

    >>> limit = build_threshold(15.0)
    >>> 15 * (1 - 1e-12) >= limit.reached_from, 14.999 >= limit.reached_from
    (True, False)
    >>> limit = build_threshold(0.03)
    >>> 0.03 * (1 + 1e-12) > limit.exceeded_beyond, 0.0301 > limit.exceeded_beyond
    (False, True)
    """
    short, text = formatter(value, SENTENCE_DIGITS), formatter(value)
    return Threshold(
        value=value,
        reached_from=_reached_from(value),
        exceeded_beyond=_exceeded_beyond(value),
        near_from=_reached_from(value * _NEAR),
        text=text,
        # A value rounded more than the threshold could seem to be on its other side.
        digits=SENTENCE_DIGITS if short == text else _DIGITS,
        formatter=formatter,
    )


def exceeds(value: float, threshold: float) -> bool:
    """Whether ``value`` is above ``threshold`` by more than rounding.

    >>> exceeds(0.5 * (1 + 1e-12), 0.5), exceeds(0.51, 0.5)
    (False, True)
    """
    return value > _exceeded_beyond(threshold)


def _exceeded_beyond(value: float) -> float:
    return value * (1.0 + _LAST_BITS)


def _reached_from(value: float) -> float:
    return value * (1.0 - _LAST_BITS)
