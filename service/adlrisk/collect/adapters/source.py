"""The description of a venue: which calls it answers, how its answers are parsed, and which record fields they fill."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from msgspec import Struct

from adlrisk.collect.adapters.observation import CallName, LeftOutField, Liquidation, Observation
from adlrisk.collect.adapters.parsing import CheckedParser, Row
from adlrisk.domain.position.position import Contract


class ContractTerms(Struct, frozen=True, kw_only=True):
    """The terms of one contract; ``None`` is a value that could not be read."""

    contract: Contract | None = None
    contract_size: float | None = None  # base per contract (linear) or quote per contract (inverse)
    lot_size: float | None = None  # contracts
    settles_at: str | None = None  # RFC 3339; None also where the venue has set no date


class Listing(Struct, frozen=True, kw_only=True):
    """A perpetual as the venue lists it."""

    symbol: str  # the venue's own id
    settle: str  # settlement coin, as the venue writes it
    terms: ContractTerms
    row: Row  # the venue's own row
    left_out: tuple[LeftOutField, ...] = ()  # of the terms


class SendRequest(Protocol):
    """Sends one request to the venue, through ccxt."""

    async def __call__(self, endpoint: str, params: Mapping[str, Any], *, shared: bool = False) -> Any:
        """The venue's answer at the endpoint of that name in ccxt.

        ``shared``: the answer covers all contracts, and one that is a few seconds old may be reused.

        Raises:
            FetchError: the venue gave no usable answer.
        """


class Query(Struct, frozen=True, kw_only=True):
    """One call about one contract."""

    request: SendRequest
    listing: Listing
    now: datetime

    def new_parser(self) -> CheckedParser:
        """A parser for the answer to this call."""
        return CheckedParser(now=self.now)


Call = Callable[[Query], Coroutine[Any, Any, Observation]]


class StreamedLiquidation(Struct, frozen=True, kw_only=True):
    """A liquidation in a message of a venue's stream; ``None`` with the fields that could not be read."""

    symbol: str
    liquidation: Liquidation | None
    left_out: tuple[LeftOutField, ...] = ()


# Parses a message of the stream, given a look-up of listings by the venue's id, and the time now.
ParseLiquidations = Callable[[object, Callable[[str], Listing | None], datetime], Iterable[StreamedLiquidation]]


# The fields of a record that each call fills, directly or after processing.
FIELDS_OF_CALL: Final[dict[CallName, tuple[str, ...]]] = {
    "contract": ("contract", "contract_size", "lot_size", "settles_at"),
    "tiers": ("maintenance_tiers",),
    "funding": ("funding_rate", "funding_interval_hours", "funding_cap"),
    "mark": ("mark_price", "volatility"),
    "depth": ("thin_liquidity", "size_for_one_percent"),
    "liquidations": ("liquidation_spike",),
    "insurance": ("insurance_fund", "fund_peak"),
    "adl": ("adl_trigger",),
    "rating": ("adl_rating",),
    "open_interest": ("open_interest", "open_interest_high", "entries", "entries_seen"),
    "clock": (),
}


class Source(Struct, frozen=True, kw_only=True):
    """A venue as a source of market data."""

    venue: str  # of the catalogue
    ccxt: str  # ccxt's class
    options: Mapping[str, Any]  # of ccxt, so that only the venue's perpetuals are loaded
    symbol_key: str  # the key of the venue's own id in its row of a contract
    parse_terms: Callable[[Contract, Row, CheckedParser], ContractTerms]
    calls: Mapping[CallName, Call]
    unpublished: frozenset[str] = frozenset()  # fields of its calls that this venue, unlike others, does not publish
    parse_liquidations: ParseLiquidations | None = None  # None: it has no stream of liquidations
    liquidation_channel: str | None = None  # of the stream, where ccxt has no method for it
    rate_limit_statuses: frozenset[int] = frozenset({418, 429})

    @property
    def filled_fields(self) -> dict[str, CallName]:
        """The record fields that this venue can fill, each with its call; ``liquidations`` is the stream."""
        stream: tuple[CallName, ...] = ("liquidations",) if self.parse_liquidations else ()
        calls: tuple[CallName, ...] = ("contract", *self.calls, *stream)
        return {field: call for call in calls for field in FIELDS_OF_CALL[call] if field not in self.unpublished}
