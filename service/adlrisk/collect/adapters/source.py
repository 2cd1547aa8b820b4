"""What a venue's module says about its venue."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from msgspec import Struct

from adlrisk.collect.adapters.observation import CallName, Finding, LeftOut, Liquidation
from adlrisk.collect.adapters.parsing import Reading, Row
from adlrisk.domain.position.position import Contract


class Terms(Struct, frozen=True, kw_only=True):
    """What one contract is; ``None`` is what could not be read."""

    contract: Contract | None = None
    contract_size: float | None = None  # base per contract (linear) or quote per contract (inverse)
    lot_size: float | None = None  # contracts


class Listed(Struct, frozen=True, kw_only=True):
    """A perpetual as the venue lists it."""

    symbol: str  # the venue's own id
    settle: str  # the coin it settles in, as the venue writes it
    terms: Terms
    row: Row  # the venue's own row
    left_out: tuple[LeftOut, ...] = ()  # of the terms


class Ask(Protocol):
    """Puts one question to the venue, through ccxt."""

    async def __call__(self, endpoint: str, params: Mapping[str, Any], *, shared: bool = False) -> Any:
        """What the venue answers at the endpoint of that name in ccxt.

        ``shared``: the answer is about all contracts, and one that is a few seconds old will do.

        Raises:
            FetchError: it gave nothing usable.
        """


class Asking(Struct, frozen=True, kw_only=True):
    """One call about one contract."""

    ask: Ask
    listed: Listed
    now: datetime

    def reading(self) -> Reading:
        """A fresh reading of an answer to this call."""
        return Reading(now=self.now)


Call = Callable[[Asking], Coroutine[Any, Any, Finding]]


class Forced(Struct, frozen=True, kw_only=True):
    """A liquidation in a message of a venue's stream: whose, or what could not be read of it."""

    symbol: str
    liquidation: Liquidation | None
    left_out: tuple[LeftOut, ...] = ()


# A message of the stream, how to find a contract by the venue's id, and now.
Liquidations = Callable[[object, Callable[[str], Listed | None], datetime], Iterable[Forced]]


# The fields of a record that each call brings, as they are or worked on first.
BRINGS: Final[dict[CallName, tuple[str, ...]]] = {
    "contract": ("contract", "contract_size", "lot_size"),
    "tiers": ("maintenance_tiers",),
    "funding": ("funding_rate", "funding_interval_hours", "funding_cap"),
    "mark": ("mark_price",),
    "depth": ("thin_liquidity",),
    "liquidations": ("liquidation_spike",),
    "insurance": ("insurance_fund",),
    "adl": ("adl_trigger",),
    "clock": (),
}


class Source(Struct, frozen=True, kw_only=True):
    """A venue that can be asked."""

    venue: str  # of the catalogue
    ccxt: str  # ccxt's class
    options: Mapping[str, Any]  # of ccxt, so that only the venue's perpetuals are loaded
    symbol_key: str  # where the venue's row has its own id of the contract
    terms: Callable[[Contract, Row, Reading], Terms]
    calls: Mapping[CallName, Call]
    unsaid: frozenset[str] = frozenset()  # fields that its calls bring elsewhere and that it says nothing of
    liquidations: Liquidations | None = None  # how its stream's messages are read
    rate_limited: frozenset[int] = frozenset({418, 429})  # statuses by which it says: too often

    @property
    def fills(self) -> dict[str, CallName]:
        """The fields of a record that can be filled for this venue, and by which call; streams tell liquidations."""
        calls: tuple[CallName, ...] = ("contract", *self.calls, *(("liquidations",) if self.liquidations else ()))
        return {field: call for call in calls for field in BRINGS[call] if field not in self.unsaid}
