"""How numbers are written in sentences."""


def number(value: float) -> str:
    """Six significant digits, no needless zeros.

    >>> number(2079.2079), number(6.0), number(-200)
    ('2079.21', '6', '-200')
    """
    return f"{value:.6g}"


def percent(fraction: float) -> str:
    """A fraction as a percentage.

    >>> percent(0.03), percent(0.0012)
    ('3 %', '0.12 %')
    """
    return f"{fraction * 100.0:.6g} %"
