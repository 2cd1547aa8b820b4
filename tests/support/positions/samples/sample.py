"""Sample: one account mode of one venue, as its documentation shows the answers, and the facts that are in them."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct


class Facts(Struct, frozen=True, kw_only=True):
    """What the venue says of one position, in our terms; ``None`` is what it does not say or what follows from nothing.

    Amounts are in the settlement currency, prices in the quote currency.
    """

    symbol: str  # the venue's own id of the contract
    side: Literal["long", "short"] | None
    size: float | None  # in contracts of ``contract_size`` each, positive
    contract: Literal["linear", "inverse"] = "linear"
    contract_size: float = 1.0
    entry_price: float | None
    mark_price: float | None
    margin_mode: Literal["isolated", "cross"] | None
    margin: float | None = None  # of an isolated position, without its unrealized PnL
    maintenance_margin: float | None = None  # the position's own, as an amount
    maintenance_rate: float | None = None  # of its tier, a fraction
    notional: float | None = None  # as the venue publishes it, positive
    unrealized_pnl: float | None = None  # since entry, as the venue publishes it
    liquidation_price: float | None = None  # as the venue publishes it; None: none (0 or empty)
    adl_meter: float | None = None  # on the scale of the venue's card; None: no reading


class Equity(Struct, frozen=True, kw_only=True):
    """What backs the cross positions that settle in one currency, isolated margin excluded."""

    settle: str
    amount: float | None  # with unrealized PnL; None: cannot be had, so unknown
    wallet_balance: float | None = None  # without unrealized PnL
    maintenance_margin: float | None = None  # of the cross positions alone
    in_dollars: bool = False  # one account for several currencies, valued in dollars


class Sample(Struct, frozen=True, kw_only=True):
    """An account in one mode: the answers of its venue by the end of their path, and what they say."""

    venue: str  # the card's id, or ccxt's where the card stands for several
    mode: str  # in few words: "unified account, cross, hedge mode, USDT"
    source: str  # the page, its section, and when it was seen; what was made up on its shape
    markets: tuple[Mapping[str, Any], ...]  # in ccxt's form
    answers: Mapping[str, Any]
    positions: tuple[Facts, ...]  # in the order of the venue
    equities: tuple[Equity, ...] = ()  # of each settlement currency that has a cross position
    why: Mapping[str, str] = {}  # of facts that a reader may doubt: the arithmetic or the sentence of the source
