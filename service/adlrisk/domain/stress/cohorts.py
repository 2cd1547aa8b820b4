"""Aggregates of a contract that a book can be made up from: open interest, entry prices, leverage."""

from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive, Rate
from adlrisk.domain.position.entries import MAX_ENTRIES, Entry
from adlrisk.domain.position.shares import reject_partial_shares
from adlrisk.domain.rules.leverage_mix import LeverageMix


class Cohorts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Aggregates in place of a book: both sides hold every combination of entry price and leverage."""

    open_interest: Annotated[
        Positive | None,
        Meta(description="Open contracts of one side. Default: the market record's."),
    ] = None
    entries: Annotated[
        Annotated[tuple[Entry, ...], Meta(min_length=1, max_length=MAX_ENTRIES)] | None,
        Meta(description="Entry prices of the open interest; shares sum to 1. Default: the market record's."),
    ] = None
    leverage: Annotated[
        LeverageMix | None,
        Meta(
            description="Leverage that the open interest was opened with; shares sum to 1. Default: the venue's "
            "`leverage_mix`, which is our own estimate unless an operator has changed it: no venue publishes one."
        ),
    ] = None
    maintenance_margin_rate: Annotated[
        Rate | None,
        Meta(
            description="Maintenance margin rate of all cohorts, a fraction. Default: that of the request, of the "
            "market record's first tier, or of the venue."
        ),
    ] = None

    def __post_init__(self) -> None:
        """Reject shares that are not all."""
        for name in ("entries", "leverage"):
            reject_partial_shares(name, getattr(self, name) or ())


class KnownCohorts(Struct, frozen=True, kw_only=True, gc=False):
    """Aggregates of which all are known."""

    open_interest: float
    entries: tuple[Entry, ...]
    leverage: LeverageMix
    maintenance_margin_rate: float | None  # None: the venue's
