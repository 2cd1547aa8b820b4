"""Forced fills of an account as they are told: with what is left of the position, and orders that are now too large."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.positions.account import Account
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.fills.forced import ForcedClose
from adlrisk.positions.requests.venue_calls import AccountError, Retries
from adlrisk.watch.reading.observed import ForcedFill, OversizedOrder
from adlrisk.watch.reading.remaining import Remaining

if TYPE_CHECKING:
    from adlrisk.domain.position.position import Side

_SAME: Final = 1e-9  # of a size: sums of decimals


class FoundFills(Struct, frozen=True, kw_only=True):
    """The forced fills that a reading found."""

    account: AccountReading | None = None  # the account, where it was read again
    fills: tuple[ForcedFill, ...] = ()
    until: float | None = None  # by the venue's clock: all until then are known; None: not all were read
    unread: tuple[str, ...] = ()  # lists that could not be read
    problems: tuple[str, ...] = ()


class _Told(Struct, frozen=True, kw_only=True):
    """What a reading found that was told."""

    complete: Mapping[str, float | None] = {}  # sizes of the closes whose orders are not asked for again, by id
    account: AccountReading | None = None

    def subtract(self, closes: Sequence[ForcedClose]) -> Iterator[ForcedClose]:
        """Those of ``closes`` that were not told; of an order that went on filling, what came since."""
        for close in closes:
            told = self.complete.get(close.id)
            if close.id not in self.complete:
                yield close
            elif told is not None and close.size is not None and close.size > told:
                yield replace(close, size=close.size - told)


class ForcedFills:
    """Forced fills of one account, over its readings."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._told = _Told()
        self._found: tuple[float | None, _Told] = (None, _Told())  # since when the last reading asked, and its own

    def read(self, reading: AccountReading, *, since: float | None, wall: float, retries: Retries) -> FoundFills:
        """Those since ``since``, by the venue's clock; ``wall`` is the time by this machine's.

        Where some are new, which needs a ``since``, the account is read again: they may be younger than ``reading``.
        Their orders are asked for, until what is left is known.
        """
        self._note_taken(since)
        found = self._account.read_forced_fills(since, wall=wall, retries=retries)
        new = () if since is None else tuple(self._told.subtract(found.closes))
        account = self._read_again(retries) if new else reading
        before = [one for one in (self._told.account, reading) if one is not None]
        remaining = Remaining(now=account, before=before, at=found.at)
        fills = self._describe_all(found.closes, new, remaining, retries)
        complete = _list_complete(found.closes, fills, remaining)
        self._found = (since, _Told(complete=complete, account=account or reading))
        return FoundFills(account=account, fills=fills, until=found.until, unread=found.unread, problems=found.problems)

    def _note_taken(self, since: float | None) -> None:
        """Take what the last reading found as told, unless it was dropped: then this one asks from no later time."""
        before, found = self._found
        if since is not None and (before is None or since > before):
            self._told = found

    def _read_again(self, retries: Retries) -> AccountReading | None:
        try:
            return self._account.read(retries=retries)
        except AccountError:
            return None

    def _describe_all(
        self, closes: Sequence[ForcedClose], new: Sequence[ForcedClose], remaining: Remaining, retries: Retries
    ) -> tuple[ForcedFill, ...]:
        orders = _Orders(self._account, retries)
        fills = []
        for close in closes:
            if close.id not in {one.id for one in new}:
                fills.append(_describe(close, left=remaining.find_left([close]), oversized=None))
                continue
            left = remaining.find_left([one for one in new if _are_of_one(one, close)])
            fills.append(_describe(close, left=left, oversized=orders.find_oversized(close, left)))
        return tuple(fills)


def _list_complete(
    closes: Sequence[ForcedClose], fills: Sequence[ForcedFill], remaining: Remaining
) -> dict[str, float | None]:
    """Those of which there is no more to find: what cannot be known later either is not asked again."""
    return {
        close.id: close.size
        for close, fill in zip(closes, fills, strict=True)
        if fill.left is not None or close.side is None or remaining.is_settled(close)
    }


def _are_of_one(one: ForcedClose, other: ForcedClose) -> bool:
    return (one.symbol, one.side) == (other.symbol, other.side)


class _Orders:
    """The open orders of one reading, each contract and side asked for once."""

    def __init__(self, account: Account, retries: Retries) -> None:
        self._account = account
        self._retries = retries
        self._read: dict[tuple[str, Side], tuple[OversizedOrder, ...] | None] = {}

    def find_oversized(self, close: ForcedClose, left: float | None) -> tuple[OversizedOrder, ...] | None:
        """The orders that can only reduce what is ``left`` and are larger; ``None``: not known."""
        if close.side is None or left is None:
            return None
        key = (close.symbol, close.side)
        if key not in self._read:
            orders = self._account.read_reducing_orders(*key, retries=self._retries)
            self._read[key] = (
                None
                if orders is None
                else tuple(
                    OversizedOrder(id=one.id, side=one.side, amount=one.amount, price=one.price)
                    for one in orders
                    if one.amount > left * (1.0 + _SAME)
                )
            )
        return self._read[key]


def _describe(close: ForcedClose, *, left: float | None, oversized: tuple[OversizedOrder, ...] | None) -> ForcedFill:
    return ForcedFill(
        id=close.id,
        at=close.at,
        symbol=close.symbol,
        side=close.side,
        kind=close.kind,
        size=close.size,
        price=close.price,
        left=left,
        note=close.note,
        oversized_orders=oversized,
    )
