"""Who is due at a mark, and in which order, in the slow reading."""

from collections.abc import Iterable
from fractions import Fraction

from support.stress.account import Account
from support.stress.judge import Judge

_SAME_KEY = Fraction(1, 10**12)
_EQUITY_ROUNDS = Fraction(1, 2**50)
_TINY = Fraction(1, 10**300)


def find_due(accounts: Iterable[Account], *, mark: Fraction, judge: Judge) -> list[Account]:
    """The accounts that are due, worst first: by equity over maintenance, then the larger, then as listed."""
    due = [account for account in accounts if account.alive and account.is_due(mark, judge)]
    without = [account for account in due if account.maintenance(mark) == 0]
    others = [account for account in due if account.maintenance(mark) > 0]
    by_equity = {account.index: account.equity(mark) for account in without}
    by_ratio = {account.index: account.equity(mark) / account.maintenance(mark) for account in others}
    return [
        *_order(without, keys=by_equity, mark=mark, judge=judge),
        *_order(others, keys=by_ratio, mark=mark, judge=judge),
    ]


def _order(accounts: list[Account], *, keys: dict[int, Fraction], mark: Fraction, judge: Judge) -> list[Account]:
    ordered: list[Account] = []
    tied: list[Account] = []
    for account in sorted(accounts, key=lambda account: keys[account.index]):
        key = keys[account.index]
        if tied and not judge.is_same(keys[tied[-1].index], key, width=_width(account, key, mark=mark)):
            ordered += _by_size(tied)
            tied = []
        tied.append(account)
    return ordered + _by_size(tied)


def _by_size(tied: list[Account]) -> list[Account]:
    return sorted(tied, key=lambda account: (-account.lots, account.index))


def _width(account: Account, key: Fraction, *, mark: Fraction) -> Fraction:
    """The difference below which another key is the same, as in the venue's queue."""
    equity = max(abs(account.equity(mark)), _TINY)
    return abs(key) * max(_SAME_KEY, _EQUITY_ROUNDS * account.equity_terms(mark) / equity)
