"""What became of the market record of a request's symbol."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.venues.market_records import Lookup, LookupStatus, StoredRecord


class MarketLookup(Struct, frozen=True, kw_only=True, gc=False):
    """What became of the market record of the request's symbol."""

    symbol: str
    status: Annotated[
        LookupStatus,
        Meta(
            description="`used`: the record filled something in; `unused`: the request left nothing out that it knows; "
            "`absent`: the store holds none; `out_of_time`: it was observed after `as_of`, or has expired; "
            "`unreadable`: the store did not answer in time or holds something unusable; there may be a record, so "
            "retry."
        ),
    ]
    observed_at: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "date-time"})] | None,
        Meta(description="When the record was observed; null if there is none."),
    ] = None
    age_seconds: Annotated[
        float | None, Meta(description="Age of the record at `as_of`, negative if observed after it; null if none.")
    ] = None
    source: Annotated[str | None, Meta(description="Who observed the record; null if there is none.")] = None


def find_moment(as_of_sent: str | None, record: StoredRecord, as_of: datetime) -> datetime | None:
    """The time to answer for with ``record``; ``None`` if it is not valid then.

    One from a clock that is ahead is used at the time of its observation, if the request leaves the time open.
    """
    if as_of_sent is None:
        return record.moment_of_use(as_of)
    return as_of if record.is_valid_at(as_of) else None


def describe_lookup(record: Lookup, *, symbol: str, status: LookupStatus, as_of: datetime) -> MarketLookup:
    """What became of the record of ``symbol``."""
    if not isinstance(record, StoredRecord):
        return MarketLookup(symbol=symbol, status=status)
    return MarketLookup(
        symbol=symbol,
        status=status,
        observed_at=format_datetime(record.observed_at),
        age_seconds=(as_of - record.observed_at).total_seconds(),
        source=record.source,
    )
