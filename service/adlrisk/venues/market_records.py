"""Market records: what was observed about one contract at one venue, for as long as it holds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import MarketRecord, check_tiers
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.tolerance import known_part

FORMAT: Final = 1
LONGEST_SECONDS: Final = 86_400.0

_YEARS: Final = range(1999, 2102)  # 2000 to 2100 at any offset
SYMBOL: Final = "[A-Za-z0-9:._@-]{1,64}"  # the form of a venue's own id of a contract

Observed = Annotated[datetime, Meta(tz=True)]
Lifetime = Annotated[float, Meta(ge=1.0, le=LONGEST_SECONDS)]


class MarketKey(NamedTuple):
    """Which contract: a venue of the catalogue, and the venue's own id of the contract."""

    venue: str
    symbol: str


class StoredRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market record as it is kept: with who observed it, when, and how long it holds."""

    version: int = FORMAT
    market: MarketRecord
    observed_at: Observed
    source: Annotated[str, Meta(max_length=64)]
    ttl_seconds: Lifetime

    def holds_at(self, moment: datetime) -> bool:
        """Whether it was observed by ``moment`` and has not expired."""
        return self.observed_at <= moment < self.expires_at

    @property
    def expires_at(self) -> datetime:
        """The first moment at which it no longer holds."""
        return self.observed_at + timedelta(seconds=self.ttl_seconds)


_DECODE: Final = msgspec.json.Decoder(StoredRecord).decode


def is_symbol(text: str) -> bool:
    """Whether ``text`` can be a venue's id of a contract.

    >>> is_symbol("BTC-USDT-SWAP"), is_symbol("BTC USDT")
    (True, False)
    """
    return re.fullmatch(SYMBOL, text) is not None


def encode_record(record: StoredRecord) -> bytes:
    """The record as it is kept."""
    return msgspec.json.encode(record)


def decode_record(kept: bytes) -> StoredRecord:
    """The record that was kept; fields that a newer version has added to it are passed over.

    Raises:
        UnreadableError: it is broken, or of another format.
    """
    try:
        record = _decoded(kept)
        check_tiers(record.market)
        observed_at = record.observed_at.astimezone(UTC)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RefusedError, OverflowError) as error:
        raise UnreadableError(str(error)) from error
    if observed_at.year not in _YEARS:
        raise UnreadableError(f"observed in the year {observed_at.year}")
    if record.version != FORMAT:
        raise UnreadableError(f"format {record.version} is not {FORMAT}")
    return msgspec.structs.replace(record, observed_at=observed_at)


def _decoded(kept: bytes) -> StoredRecord:
    try:
        return _DECODE(kept)
    except msgspec.ValidationError:  # most have no field too many, and are read the faster for it
        return msgspec.convert(known_part(msgspec.json.decode(kept), StoredRecord), StoredRecord)
