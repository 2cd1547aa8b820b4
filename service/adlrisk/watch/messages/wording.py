"""Names, numbers and times as messages have them: plain, and whole."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

_DIGITS: Final = 15  # of sizes and prices: what two floats differ by in the last place is not seen
_PRICE_DIGITS: Final = 8
_RATIO_DIGITS: Final = 3


def name_account(venue: str, account: str) -> str:
    """The account at its venue.

    >>> name_account("binance", "main"), name_account("binance", "binance")
    ('main on binance', 'binance')
    """
    return account if account == venue else f"{account} on {venue}"


def name_position(symbol: str, side: str | None) -> str:
    """The position by its contract and, where it is known, its side.

    >>> name_position("BTCUSDT", "long"), name_position("BTCUSDT", None)
    ('BTCUSDT long', 'BTCUSDT')
    """
    return symbol if side is None else f"{symbol} {side}"


def put_in_line(*texts: str) -> str:
    r"""The texts as one line, with neither line breaks nor other control characters, whatever a venue's names have.

    >>> put_in_line("main", "on\nbinance"), put_in_line("BTC\x1b[31mUSDT")
    ('main on binance', 'BTC [31mUSDT')
    """
    joined = " ".join(texts)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in joined).split())


def format_amount(value: float) -> str:
    """A size or a price, whole, never with an exponent.

    >>> [format_amount(value) for value in (64000.5, 0.1 + 0.2, 0.00001234, 3.0, 12345678901.5, -0.0)]
    ['64000.5', '0.3', '0.00001234', '3', '12345678901.5', '0']
    """
    if not math.isfinite(value):
        return "an unknown number"
    return format(Decimal(f"{value:.{_DIGITS}g}") + 0, "f")


def format_price(value: float) -> str:
    """A price with eight digits at most: those that are calculated have more than anybody reads.

    >>> format_price(2088.55721393035), format_price(64000.5), format_price(0.0000123456789)
    ('2088.5572', '64000.5', '0.000012345679')
    """
    return format_amount(float(f"{value:.{_PRICE_DIGITS}g}"))


def format_share(fraction: float, *, digits: int = _RATIO_DIGITS) -> str:
    """A fraction as a percentage with three digits, or as many as are asked for.

    >>> format_share(0.0468), format_share(0.0)
    ('4.68 %', '0 %')
    """
    return f"{format(Decimal(f'{fraction * 100.0:.{digits}g}') + 0, 'f')} %"


def format_contracts(size: float) -> str:
    """A size in contracts.

    >>> format_contracts(1.0), format_contracts(2.5)
    ('1 contract', '2.5 contracts')
    """
    return f"{format_amount(size)} contract{'' if size == 1.0 else 's'}"


def format_time(at: float) -> str:
    """A moment in seconds since 1970.

    >>> format_time(1795867265.9), format_time(1e18)
    ('2026-11-28 12:01:05 UTC', 'at an unknown time')
    """
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return "at an unknown time"


def list_words(words: Iterable[str], *, most: int = 8) -> str:
    """The words in a sentence, of many the first and how many there are besides.

    >>> list_words(["a"]), list_words(["a", "b", "c"]), list_words(["a", "b", "c"], most=2)
    ('a', 'a, b and c', 'a, b and 1 more')
    """
    known = list(words)
    if len(known) > most:
        known = [*known[:most], f"{len(known) - most} more"]
    return " and ".join([text for text in (", ".join(known[:-1]), *known[-1:]) if text])
