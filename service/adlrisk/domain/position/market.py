"""Market data of a contract: as sent with a request, and as kept in a market record."""

import itertools
import math
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.position.arithmetic import notional_value
from adlrisk.domain.position.bounds import NonNegative, Positive, Rate, Signed, Volatility
from adlrisk.domain.position.entries import MAX_ENTRIES, Entry
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.moment import DATE_TIME, reject_invalid_date
from adlrisk.domain.position.position import Contract, Position
from adlrisk.domain.position.shares import reject_partial_shares

if TYPE_CHECKING:
    from datetime import datetime

AdlRating = Literal["low", "medium", "high"]

AdlTriggerGiven = Annotated[bool | None, Meta(description="Whether the venue says that an auto-deleveraging is on.")]
InsuranceFundGiven = Annotated[
    Signed | None, Meta(description="Balance of the insurance fund behind the contract, settlement currency.")
]
FundPeakGiven = Annotated[
    Positive | None,
    Meta(description="Largest balance of the insurance fund in the venue's window before, settlement currency."),
]
AdlRatingGiven = Annotated[
    AdlRating | None,
    Meta(description="The venue's own rating of the contract's ADL risk, such as Binance's `symbolAdlRisk`."),
]
SettlesAtGiven = Annotated[
    Annotated[str, Meta(pattern=DATE_TIME, extra_json_schema={"format": "date-time"})] | None,
    Meta(description="When the contract is settled or delisted, RFC 3339 with UTC offset; null: no date is set."),
]
OpenInterestHighGiven = Annotated[
    bool | None,
    Meta(description="Whether open interest is above the 90th percentile of its own last 30 days."),
]

_FILLED: Final = (
    "funding_rate",
    "funding_interval_hours",
    "liquidation_spike",
    "thin_liquidity",
    "adl_trigger",
    "insurance_fund",
    "fund_peak",
    "adl_rating",
    "settles_at",
    "open_interest_high",
)
_TIER: Final = frozenset({"maintenance_margin_rate"})


class Market(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Market conditions. Omitted values are unknown, which is not the same as calm."""

    funding_rate: Annotated[
        Signed | None,
        Meta(description="Funding rate per interval, a fraction; above 0 longs pay shorts."),
    ] = None
    funding_interval_hours: Annotated[
        Positive | None,
        Meta(description="Hours between fundings. Default: the venue's, where it has one for all contracts."),
    ] = None
    liquidation_spike: Annotated[
        bool | None, Meta(description="Whether liquidations are running well above their usual rate.")
    ] = None
    thin_liquidity: Annotated[
        bool | None,
        Meta(description="Whether order books are thin. Default: whether `as_of` is in a thin session."),
    ] = None
    adl_trigger: AdlTriggerGiven = None
    insurance_fund: InsuranceFundGiven = None
    fund_peak: FundPeakGiven = None
    adl_rating: AdlRatingGiven = None
    settles_at: SettlesAtGiven = None
    open_interest_high: OpenInterestHighGiven = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar."""
        if self.settles_at is not None:  # a call for each score otherwise
            reject_invalid_date("settles_at", self.settles_at)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            funding_rate: float | None = None,
            funding_interval_hours: float | None = None,
            liquidation_spike: bool | None = None,
            thin_liquidity: bool | None = None,
            adl_trigger: bool | None = None,
            insurance_fund: float | None = None,
            fund_peak: float | None = None,
            adl_rating: AdlRating | None = None,
            settles_at: "datetime | str | None" = None,
            open_interest_high: bool | None = None,
        ) -> None: ...


_NOTHING_KNOWN: Final = Market()


class CompletedMarket(Struct, frozen=True, kw_only=True):
    """A market after a record has filled in the fields that the request left out, and their names."""

    market: Market
    filled: frozenset[str]


class MaintenanceTier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The maintenance margin of positions up to a size."""

    up_to_notional: Annotated[
        Positive | None, Meta(description="Largest notional of the tier, settlement currency; null: without limit.")
    ] = None
    rate: Annotated[Rate, Meta(description="Maintenance margin rate, a fraction.")]
    amount: Annotated[NonNegative, Meta(description="The tier's deduction, settlement currency.")] = 0.0


# Records are cached between requests, and what each fills in with it, in a ``__dict__`` (``dict=True``).
class MarketRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Market data of one contract at one venue; every field is optional."""

    contract: Annotated[
        Contract | None, Meta(description="Settlement of the contract; a request with another contract is refused.")
    ] = None
    contract_size: Annotated[
        Positive | None,
        Meta(description="Base per contract (linear) or quote per contract (inverse); another size is refused."),
    ] = None
    lot_size: Annotated[Positive | None, Meta(description="Smallest step of a size, contracts.")] = None
    maintenance_tiers: Annotated[
        tuple[MaintenanceTier, ...], Meta(description="From the smallest notional to the largest.", max_length=200)
    ] = ()
    funding_rate: Annotated[Signed | None, Meta(description="Funding rate per interval, a fraction.")] = None
    funding_interval_hours: Annotated[Positive | None, Meta(description="Hours between fundings.")] = None
    funding_cap: Annotated[
        NonNegative | None, Meta(description="Largest funding rate per interval in size, a fraction.")
    ] = None
    mark_price: Annotated[
        Positive | None, Meta(description="Mark price when it was observed, quote currency; never used for a position.")
    ] = None
    liquidation_spike: Annotated[
        bool | None, Meta(description="Whether liquidations ran well above their usual rate.")
    ] = None
    thin_liquidity: Annotated[bool | None, Meta(description="Whether order books were thin.")] = None
    insurance_fund: InsuranceFundGiven = None
    fund_peak: FundPeakGiven = None
    adl_trigger: AdlTriggerGiven = None
    adl_rating: AdlRatingGiven = None
    settles_at: SettlesAtGiven = None
    open_interest_high: OpenInterestHighGiven = None
    open_interest: Annotated[
        NonNegative | None, Meta(description="Open contracts of one side: as many are long as are short.")
    ] = None
    entries: Annotated[
        tuple[Entry, ...],
        Meta(description="Entry prices of the open interest; shares sum to 1.", max_length=MAX_ENTRIES),
    ] = ()
    entries_seen: Annotated[
        Annotated[float, Meta(ge=0.0, le=1.0)] | None,
        Meta(
            description="Share of the open interest whose opening the observer saw, a fraction. The rest of `entries` "
            "stands at the mark price at which it was first met, which need not be where it was opened."
        ),
    ] = None
    size_for_one_percent: Annotated[
        Positive | None,
        Meta(description="Contracts within 1 % of the mark price, on the thinner side of the order book."),
    ] = None
    volatility: Annotated[
        Volatility | None,
        Meta(description="Standard deviation of the price's relative change over a year, a fraction: 0.8 is 80 %."),
    ] = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar, and shares that are not all."""
        reject_invalid_date("settles_at", self.settles_at)
        reject_partial_shares("entries", self.entries)

    @cached_property
    def known(self) -> dict[str, Any]:
        """The fields of a market that it knows, by name."""
        return {name: getattr(self, name) for name in _FILLED if getattr(self, name) is not None}

    @cached_property
    def as_market(self) -> CompletedMarket:
        """What it makes of a request that says nothing of its market."""
        return CompletedMarket(market=Market(**self.known), filled=frozenset(self.known))


class CompletedRequest(Struct, frozen=True, kw_only=True):
    """A position and its market after a record has filled in the fields that the request left out."""

    position: Position
    market: Market
    filled: frozenset[str] = frozenset()  # names of the fields taken from the record


def check_tiers(record: MarketRecord) -> None:
    """Check that the limits of the maintenance tiers rise.

    Raises:
        RefusedError: a limit does not rise, or a tier follows one without limit.
    """
    limits = [math.inf if tier.up_to_notional is None else tier.up_to_notional for tier in record.maintenance_tiers]
    for index, (before, after) in enumerate(itertools.pairwise(limits), start=1):
        if after <= before:
            raise RefusedError(
                problem="tiers-out-of-order",
                path=("maintenance_tiers", index, "up_to_notional"),
                detail="Each tier reaches further than the one before; null, without limit, is the last",
            )


def complete_request(position: Position, market: Market, record: MarketRecord) -> CompletedRequest:
    """Fill in the fields that ``position`` and ``market`` leave out from ``record``; given fields stay as they are.

    The maintenance tier is that of the position's notional; above the last tier it stays unknown. Insurance fund and
    peak are filled in only where the request has neither. Contract and contract size, which scale all amounts, are
    never filled in.

    Raises:
        RefusedError: contract or contract size of the record differ from the position's.
    """
    _reject_mismatch(position, record)
    completed = record.as_market if market == _NOTHING_KNOWN else _complete_market(market, record)
    # Rate and deduction belong together: if the request has either, the tier is not used.
    given = position.maintenance_margin_rate is not None or position.maintenance_amount > 0.0
    tier = None if given else _tier_of(position, record)
    if tier is not None:
        position = msgspec.structs.replace(position, maintenance_margin_rate=tier.rate, maintenance_amount=tier.amount)
    filled = completed.filled if tier is None else completed.filled | _TIER
    return CompletedRequest(position=position, market=completed.market, filled=filled)


def find_tier(
    record: MarketRecord, *, size: float, contract_size: float, mark_price: float, contract: Contract
) -> MaintenanceTier | None:
    """The maintenance tier of a position's notional at the mark price; ``None`` above the last tier."""
    notional = notional_value(size * contract_size, mark_price, inverse=contract == "inverse")
    for tier in record.maintenance_tiers:
        if tier.up_to_notional is None or notional <= tier.up_to_notional:
            return tier
    return None


def _complete_market(market: Market, record: MarketRecord) -> CompletedMarket:
    known = {name: value for name, value in record.known.items() if getattr(market, name) is None}
    # Fund and peak belong together: of two observers, or in two currencies, they would make up a fall.
    if market.insurance_fund is not None or market.fund_peak is not None:
        known.pop("insurance_fund", None)
        known.pop("fund_peak", None)
    return CompletedMarket(
        market=msgspec.structs.replace(market, **known) if known else market, filled=frozenset(known)
    )


def _tier_of(position: Position, record: MarketRecord) -> MaintenanceTier | None:
    return find_tier(
        record,
        size=position.size,
        contract_size=position.contract_size,
        mark_price=position.mark_price,
        contract=position.contract,
    )


def _reject_mismatch(position: Position, record: MarketRecord) -> None:
    for name in ("contract", "contract_size"):
        ours, theirs = getattr(position, name), getattr(record, name)
        if theirs is not None and ours != theirs:
            raise RefusedError(
                problem="contract-mismatch",
                path=("position", name),
                detail=f"The record of the symbol says {name} {theirs}, the request {ours}: one of them scales wrongly",
            )
