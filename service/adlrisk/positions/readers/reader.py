"""Reader: what an exchange is asked, and how its own fields become a position's facts.

Nothing is taken from the names that ccxt gives to fields: it uses one name for different things, and computes some.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct

from adlrisk.domain.position.position import Contract, MarginMode, Side

Raw = Mapping[str, Any]  # one object of a venue's answer, unchanged

_EMPTY: Final[Raw] = {}


class Row(Struct, frozen=True, kw_only=True):
    """One open position in the venue's answers."""

    raw: Raw  # the position's own object
    market: Raw  # the contract in ccxt's form: id, base, quote, settle, linear, inverse, contractSize
    account: Raw = _EMPTY  # the answer to ``Reader.fetch_account``; empty: not known
    extra: Raw = _EMPTY  # what the additions have about the contract


class VenuePosition(Struct, frozen=True, kw_only=True):
    """A position as its venue publishes it; ``None`` is what the venue does not say.

    Amounts are in the settlement currency, prices in the quote currency.
    """

    side: Side | None
    size: float | None  # in contracts of ``contract_size`` each, not negative
    entry_price: float | None  # from which ``unrealized_pnl`` counts
    mark_price: float | None
    margin_mode: MarginMode | None
    symbol: str | None = None  # the venue's own id of the contract; None: as the market says
    contract: Contract | None = None  # None: as the market says
    contract_size: float | None = None  # None: as the market says
    margin: float | None = None  # of an isolated position, without its unrealized PnL
    maintenance_margin: float | None = None  # of this position
    maintenance_rate: float | None = None  # of its tier, a fraction
    notional: float | None = None
    unrealized_pnl: float | None = None
    liquidation_price: float | None = None
    adl_meter: float | None = None  # on the scale of the venue's card
    separate_account: str | None = None  # the name of a margin account whose equity is not the one that is read
    notes: tuple[str, ...] = ()  # what was assumed, or why something is not read


class AccountEquity(Struct, frozen=True, kw_only=True):
    """The equity that all cross positions of one settlement currency share."""

    amount: float  # unrealized PnL of the cross positions included, isolated margin excluded
    wallet_balance: float | None = None  # without unrealized PnL
    maintenance_margin: float | None = None  # of all cross positions
    in_dollars: bool = False  # the account holds several currencies, valued in dollars


class Ask(NamedTuple):
    """What the equity is asked for."""

    settle: str
    account: Raw  # as in ``Row``
    rows: Sequence[Row]  # all open positions that are known


class Addition(Struct, frozen=True, kw_only=True):
    """A request that says something about all contracts at once.

    Its ``mark_price`` and ``entry_price`` stand in for those that a position lacks; other fields are the reader's.
    """

    what: str  # in the problem where it fails: "the mark prices"
    fetch: Callable[[Any, Sequence[Raw]], Mapping[str, Raw]]  # of ccxt's exchange and its rows, by id in capitals


class Reader(Struct, frozen=True, kw_only=True):
    """How the positions of one exchange are read."""

    read: Callable[[Row], VenuePosition]
    fetch_account: Callable[[Any], Raw] | None = None  # the account's mode, where positions do not say it
    additions: tuple[Addition, ...] = ()
    fetch_equity: Callable[[Any, Ask], AccountEquity | None] | None = None
    fetch_rows: Callable[[Any], list[Raw]] | None = None  # where ccxt's list lacks some: rows with symbol and info
    lists: tuple[Mapping[str, Any], ...] = (_EMPTY,)  # the parameters of each list of positions
    lists_by_symbol: bool = True  # a list can be of one contract
    otherwise: Raw | None = None  # the parameters of a list of another kind of account, tried if the first has nothing
    coverage: str | None = None  # what the lists cover, if it is not everything
    credentials: tuple[str, ...] | None = None  # by ccxt's names; None: all that ccxt asks for
    private_currencies: bool = False  # currencies need a permission that positions do not
