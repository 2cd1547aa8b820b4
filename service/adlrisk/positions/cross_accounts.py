"""Margin accounts of open positions: which cross positions share one, what backs them, and what is not known of it.

An account is described in the currency of its positions. What it holds besides, in a form that cannot be added to them,
is ``hidden``: it must not be quietly left out.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from adlrisk.api.endpoints.account.unreadable import own_group
from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.readers.reader import AccountEquity

EquityOf = Callable[[str], AccountEquity | None]  # by settlement currency

_DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})
_ACCOUNT_IN_DOLLARS: Final = "USD"
_NO_CURRENCY: Final = "of an unknown currency"
_DOLLAR_TOKENS: Final = (
    "the account's equity is in dollars: a dollar token is taken as one dollar, and what the account holds is taken to "
    "keep its worth while prices move"
)
_MAX_NAMED: Final = 3  # in an assumption
_NO_EQUITY: Final = (
    "the account's equity is not known, so leverage, share of profit, prices and queue key of its positions are unknown"
)


class Hidden(NamedTuple):
    """Something in an account whose size is not known in its currency."""

    reason: str
    symbol: str | None  # the venue's id of the contract that it moves with; None: it could be any


NOT_REQUESTED: Final = Hidden("the positions that were not requested", own_group("not requested"))


class CrossAccount(Struct, frozen=True, kw_only=True):
    """Cross positions that share a margin account, and the account's figures in their settlement currency."""

    name: str  # the settlement currency; USD if dollar tokens count as dollars
    positions: tuple[OpenPosition, ...]  # all can be scored
    backing: AccountEquity | None  # None: unknown
    hidden: tuple[Hidden, ...] = ()
    assumptions: tuple[str, ...] = ()


def group_positions(
    held: Sequence[OpenPosition], *, equity_of: EquityOf, not_listed: Hidden | None
) -> tuple[CrossAccount, ...]:
    """The margin accounts of the cross positions among ``held``; none if none of these was requested.

    ``not_listed`` are positions that the account may have besides ``held``.
    """
    cross = [
        one for one in held if one.position is not None and one.margin_mode == "cross" and one.contradiction is None
    ]
    if not any(one.is_requested for one in cross):
        return ()
    views: dict[_View, list[OpenPosition]] = defaultdict(list)
    equities: dict[_View, AccountEquity | None] = {}
    for one in cross:
        settle = _settlement(one)
        equity = equity_of(settle) if settle is not None and one.separate_account is None else None
        view = _find_view(one, settle, equity)
        views[view].append(one)
        equities[view] = equities.get(view) or equity
    return tuple(
        _describe(view, positions, equities[view], _list_hidden(view, positions, held, not_listed))
        for view, positions in views.items()
    )


def without_backing(account: CrossAccount, reason: str) -> CrossAccount:
    """``account`` with its equity unknown, for ``reason``."""
    return msgspec.structs.replace(account, backing=None, assumptions=(*account.assumptions, reason, _NO_EQUITY))


class _View(NamedTuple):
    """An account as seen in one currency: its name, which settlement currencies share it, and the kind of contract."""

    name: str
    separate: str | None
    settle: str | None  # None: positions of any settlement may share it
    inverse: bool


def _find_view(one: OpenPosition, settle: str | None, equity: AccountEquity | None) -> _View:
    inverse = one.position is not None and one.position.contract == "inverse"
    if equity is not None and equity.in_dollars:
        name = _ACCOUNT_IN_DOLLARS if settle in _DOLLARS else settle
        return _View(name or _NO_CURRENCY, None, None, inverse)
    name = settle or _NO_CURRENCY
    if one.separate_account is not None:
        name = f"{name} ({one.separate_account})"
    return _View(name, one.separate_account, settle, inverse)


def _list_hidden(
    view: _View, positions: Sequence[OpenPosition], held: Sequence[OpenPosition], not_listed: Hidden | None
) -> tuple[Hidden, ...]:
    mine = {id(one) for one in positions}
    others = [
        Hidden(one.name, one.symbol if one.currencies else None)
        for one in held
        if id(one) not in mine and _may_share(view, one)
    ]
    if view.separate is not None:
        # Only the main account's positions are listed without naming them.
        others.append(NOT_REQUESTED)
    return (*others, *(() if not_listed is None else (not_listed,)))


def _may_share(view: _View, one: OpenPosition) -> bool:
    """Whether the position is, or may be, in the account, though it is not among those of the view."""
    if one.margin_mode == "isolated" or one.separate_account != view.separate:
        return False
    settle = _settlement(one)
    return view.settle is None or settle is None or settle == view.settle


def _describe(
    view: _View, positions: Sequence[OpenPosition], equity: AccountEquity | None, hidden: tuple[Hidden, ...]
) -> CrossAccount:
    backing, assumption = (None, _NO_EQUITY) if equity is None else _express(equity, positions[0])
    if equity is not None and equity.in_dollars and view.inverse:
        # Dollars seen from the coin are a position that moves against it, of a size that is not known.
        hidden = (*hidden, Hidden("what the account holds in other currencies", positions[0].symbol))
    return CrossAccount(
        name=view.name,
        positions=tuple(positions),
        backing=backing,
        hidden=hidden,
        assumptions=tuple(text for text in (assumption, _name_hidden(hidden)) if text is not None),
    )


def _express(equity: AccountEquity, one: OpenPosition) -> tuple[AccountEquity | None, str | None]:
    """``equity`` in the settlement currency of ``one``, and what that assumes."""
    if not equity.in_dollars:
        return _scale(equity, 1.0), None
    if one.position is None or one.currencies is None or one.currencies.quote not in _DOLLARS:
        return None, _NO_EQUITY
    if one.position.contract == "inverse":
        assumption = f"the account's equity is in dollars, converted into {one.currencies.settle} at the mark price"
        return _scale(equity, 1.0 / one.position.mark_price), assumption
    return _scale(equity, 1.0), _DOLLAR_TOKENS


def _scale(equity: AccountEquity, unit: float) -> AccountEquity | None:
    """``equity`` in a currency of which a unit of its own is worth ``unit``; ``None`` beyond what can be scored."""
    amount, wallet = equity.amount * unit, (equity.wallet_balance or 0.0) * unit
    if max(abs(amount), abs(wallet)) > LARGEST:
        return None
    maintenance = (equity.maintenance_margin or 0.0) * unit
    return AccountEquity(
        amount=amount,
        wallet_balance=None if equity.wallet_balance is None else wallet,
        maintenance_margin=maintenance if SMALLEST_POSITIVE <= maintenance <= LARGEST else None,
    )


def _name_hidden(hidden: Sequence[Hidden]) -> str | None:
    if not hidden:
        return None
    names = list(dict.fromkeys(one.reason for one in hidden))
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return f"its sums are unknown without {', '.join(names[:_MAX_NAMED])}{more}"


def _settlement(one: OpenPosition) -> str | None:
    return None if one.currencies is None else one.currencies.settle
