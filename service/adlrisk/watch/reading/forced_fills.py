"""Forced fills of an account between readings: ADLs and liquidations, with what is left and which orders are too large."""

from msgspec import Struct

from adlrisk.positions.account import Account
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.requests.venue_calls import Retries
from adlrisk.watch.reading.observed import ForcedFill


class FoundFills(Struct, frozen=True, kw_only=True):
    """The forced fills that a reading found."""

    fills: tuple[ForcedFill, ...] = ()
    until: float | None = None  # by the venue's clock: all until then are known; None: they could not be read
    problems: tuple[str, ...] = ()


class ForcedFills:
    """Forced fills of one account, over its readings."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def read(self, reading: AccountReading, *, since: float | None, retries: Retries) -> FoundFills:
        """Those since ``since``, by the venue's clock."""
        del reading, since, retries
        return FoundFills()
