"""One reading of an account: what was open, what backs it, and what could not be read."""

from msgspec import Struct

from adlrisk.positions.cross_accounts import CrossAccount
from adlrisk.positions.open_position import OpenPosition


class AccountReading(Struct, frozen=True, kw_only=True):
    """An account as it was read at one time."""

    positions: tuple[OpenPosition, ...]
    accounts: tuple[CrossAccount, ...]  # the margin accounts of the cross ones
    is_complete: bool  # whether there are surely no other positions
    problems: tuple[str, ...] = ()  # what could not be read in addition to the positions
