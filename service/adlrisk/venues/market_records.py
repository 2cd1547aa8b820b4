"""Market records: observations of one contract at one venue, with an expiry."""

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import MarketRecord, check_tiers
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.tolerance import drop_unknown_fields

FORMAT: Final = 1
MAX_TTL_SECONDS: Final = 86_400.0
CLOCK_GRACE: Final = timedelta(minutes=1)  # how far ahead of a replica's clock an observation may lie

_YEARS: Final = range(1999, 2102)  # 2000 to 2100 at any offset
SYMBOL: Final = "[A-Za-z0-9:._@-]{1,64}"  # a venue's own id of a contract

Observed = Annotated[datetime, Meta(tz=True)]
Lifetime = Annotated[float, Meta(ge=1.0, le=MAX_TTL_SECONDS)]


class MarketKey(NamedTuple):
    """A contract: a venue of the catalogue, and the venue's own id of the contract."""

    venue: str
    symbol: str


# Records are cached between requests, and each of them asks until when it is valid (``dict=True``).
class StoredRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A market record in its stored format: with source, time of observation and lifetime."""

    version: int = FORMAT
    market: MarketRecord
    observed_at: Observed
    source: Annotated[str, Meta(max_length=64)]
    ttl_seconds: Lifetime

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether it was observed by ``moment`` and has not expired then."""
        return self.observed_at <= moment < self.expires_at

    def moment_of_use(self, now: datetime) -> datetime | None:
        """The moment it is valid at for a replica whose clock says ``now``; ``None`` where there is none.

        That is ``now``, or the time of observation where the observer's clock is ahead by at most ``CLOCK_GRACE``.
        """
        if now >= self.expires_at or self.observed_at - now > CLOCK_GRACE:
            return None
        return max(now, self.observed_at)

    @cached_property
    def expires_at(self) -> datetime:
        """The first moment at which it is no longer valid."""
        return self.observed_at + timedelta(seconds=self.ttl_seconds)


# Why there is no record to use: the store holds none, or it could not be read (or holds something unusable).
Missing = Literal["absent", "unreadable"]
Lookup = StoredRecord | Missing
# What became of the record of a request's symbol.
LookupStatus = Literal["used", "unused", "out_of_time", Missing]

_decode_strictly: Final = msgspec.json.Decoder(StoredRecord).decode


def is_symbol(text: str) -> bool:
    """Whether ``text`` can be a venue's id of a contract.

    >>> is_symbol("BTC-USDT-SWAP"), is_symbol("BTC USDT")
    (True, False)
    """
    return re.fullmatch(SYMBOL, text) is not None


def encode_record(record: StoredRecord) -> bytes:
    """The record in its stored format."""
    return msgspec.json.encode(record)


def decode_record(stored: bytes) -> StoredRecord:
    """A stored record; unknown fields of newer versions are ignored.

    Raises:
        UnreadableError: it is corrupt, or in another format.
    """
    try:
        record = _decode_tolerantly(stored)
        check_tiers(record.market)
        observed_at = record.observed_at.astimezone(UTC)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RefusedError, OverflowError) as error:
        raise UnreadableError(str(error)) from error
    if observed_at.year not in _YEARS:
        raise UnreadableError(f"observed in the year {observed_at.year}")
    if record.version != FORMAT:
        raise UnreadableError(f"format {record.version} is not {FORMAT}")
    return msgspec.structs.replace(record, observed_at=observed_at)


def _decode_tolerantly(stored: bytes) -> StoredRecord:
    try:
        return _decode_strictly(stored)
    except msgspec.ValidationError:  # slower, and rarely needed: there are unknown fields
        return msgspec.convert(drop_unknown_fields(msgspec.json.decode(stored), StoredRecord), StoredRecord)
