"""Check of a position against the venue's own figures: a mistake of scale is refused, not scored."""

from typing import Final

import msgspec

from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Contract, Position

# More than a mark price moves between two calls to a venue, and less than any mistake of scale.
_SHARE: Final = 0.05
_OF_NOTIONAL: Final = 0.002
# Contract sizes are mostly round. One that is not is shown with these digits.
_ROUND: Final = (1.0, 2.0, 5.0)
_DIGITS: Final = 3
# Closer figures differ for another reason than the size of a contract.
_SCALED: Final = 3.0
_PERCENT: Final = 100.0

Path = tuple[str | int, ...]


def check_figures(position: Position, *, within: Path = ("position",)) -> None:
    """Compare `notional` and `unrealized_pnl` with what size, prices and contract make of them.

    Each may be off by 5 % of the computed figure and 0.2 % of the notional. A notional counts without its sign, which
    some venues take from the side. ``within`` is the path of the position in the request.

    Raises:
        RefusedError: one is further off (``figures-disagree``); the detail names both figures and the likely cause.

    >>> check_figures(Position(side="long", size=5, entry_price=60, mark_price=80, leverage=5, notional=4))
    Traceback (most recent call last):
    ...
    adlrisk.domain.position.errors.RefusedError: is 4, but the other fields make it 400; contract_size 0.01 would fit
    """
    if position.notional is not None:
        _check_notional(position, position.notional, (*within, "notional"))
    if position.unrealized_pnl is not None:
        _check_pnl(position, position.unrealized_pnl, (*within, "unrealized_pnl"))


def _check_notional(position: Position, given: float, path: Path) -> None:
    computed = _notional(position)
    if not _agree(abs(given), computed, position):
        raise _disagreement(given, computed, _explain_notional(position, abs(given)), path)


def _check_pnl(position: Position, given: float, path: Path) -> None:
    computed = _pnl(position)
    if not _agree(given, computed, position):
        raise _disagreement(given, computed, _explain_pnl(position, given), path)


def _explain_notional(position: Position, given: float) -> str:
    """The likely cause of a notional, without its sign, that does not fit."""
    quantity = position.size * position.contract_size
    inverse = position.contract == "inverse"
    if given == 0.0:
        return "0 is no open position"
    if _agree(given, _notional(_other_kind(position)), _other_kind(position)):
        return f"contract {_other_kind(position).contract} would fit"
    if _near(given, notional_value(quantity, position.entry_price, inverse=inverse)):
        return "it fits entry_price: give the value at mark, and check that the two prices are not swapped"
    if _near(given, quantity):
        return f"it is in {'quote' if inverse else 'base'} currency; give it in the settlement currency"
    return _explain_ratio(position, given / _notional(position))


def _explain_pnl(position: Position, given: float) -> str:
    """The likely cause of a PnL that does not fit."""
    computed = _pnl(position)
    if _agree(-given, computed, position):
        return "the other sign would fit: is the side right, or are entry_price and mark_price swapped?"
    if _agree(given, _pnl(_other_kind(position)), _other_kind(position)):
        return f"contract {_other_kind(position).contract} would fit"
    if any(_near(given, ratio) or _near(given, ratio * _PERCENT) for ratio in _returns(position)):
        return "it is a return, as a fraction or in percent; give the amount in the settlement currency"
    if position.contract == "inverse" and any(
        _near(given, computed * price) for price in (position.mark_price, position.entry_price)
    ):
        return "it is in quote currency; give it in the settlement currency"
    if given and computed and (given > 0.0) == (computed > 0.0):
        return _explain_ratio(position, given / computed)
    return "do entry_price and mark_price belong to it?"


def _explain_ratio(position: Position, ratio: float) -> str:
    """The likely cause of a figure that is ``ratio`` times the computed one, ``ratio`` above 0."""
    if 1.0 / _SCALED < ratio < _SCALED:
        return "are size and prices of the same moment, and of the whole position?"
    fitting = position.contract_size * ratio
    if not SMALLEST_POSITIVE <= fitting <= LARGEST:
        return "check the units of size and prices"
    round_size = _nearest_round(fitting)
    shown = format_number(round_size) if _near(fitting, round_size) else format_number(fitting, _DIGITS)
    return f"contract_size {shown} would fit"


def _agree(given: float, computed: float, position: Position) -> bool:
    return abs(given - computed) <= _SHARE * abs(computed) + _OF_NOTIONAL * _notional(position)


def _near(given: float, figure: float) -> bool:
    return abs(given - figure) <= _SHARE * abs(figure) and figure != 0.0


def _notional(position: Position) -> float:
    quantity = position.size * position.contract_size
    value: float = notional_value(quantity, position.mark_price, inverse=position.contract == "inverse")
    return value


def _pnl(position: Position) -> float:
    entry, mark = position.entry_price, position.mark_price
    gain = price_gain(sign_of(position.side), entry, mark)
    quantity, inverse = position.size * position.contract_size, position.contract == "inverse"
    pnl: float = unrealized_pnl(quantity, gain, entry=entry, mark=mark, inverse=inverse)
    return pnl


def _other_kind(position: Position) -> Position:
    other: Contract = "linear" if position.contract == "inverse" else "inverse"
    return msgspec.structs.replace(position, contract=other)


def _returns(position: Position) -> tuple[float, ...]:
    """The ratios that venues call return: on entry notional, and on margin where it is known."""
    pnl = _pnl(position)
    quantity, inverse = position.size * position.contract_size, position.contract == "inverse"
    entry_notional = notional_value(quantity, position.entry_price, inverse=inverse)
    on_entry = pnl / entry_notional
    if position.margin is not None:
        return on_entry, pnl / position.margin
    return (on_entry,) if position.leverage is None else (on_entry, on_entry * position.leverage)


def _nearest_round(size: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten."""
    power = float(f"1e{f'{size:e}'.partition('e')[2]}")
    return min((step * power for step in (*_ROUND, 10.0)), key=lambda step: abs(step - size))


def _disagreement(given: float, computed: float, cause: str, path: Path) -> RefusedError:
    detail = f"is {format_number(given)}, but the other fields make it {format_number(computed)}; {cause}"
    return RefusedError(problem="figures-disagree", path=path, detail=detail)
