"""Subject: what a message is about, from which its key and the beginning of its title follow."""

from collections.abc import Iterable
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.message import Kind, Message, MessageKey, Severity
from adlrisk.watch.messages.wording import name_account, name_position, put_in_line


class Subject(Struct, frozen=True, kw_only=True):
    """An account, or one position of it, at the time of a reading."""

    venue: str
    account: str
    at: float  # seconds since 1970
    symbol: str | None = None
    side: str | None = None

    def narrow_to(self, symbol: str, side: str | None) -> Self:
        """The position of this account."""
        return replace(self, symbol=symbol, side=side)

    def tell(self, kind: Kind, severity: Severity, what: str, body: Iterable[str] = ()) -> Message:
        """The message that says ``what`` of it; empty lines of ``body`` are left out."""
        position = () if self.symbol is None else (name_position(self.symbol, self.side),)
        named = ", ".join((name_account(self.venue, self.account), *position))
        key = MessageKey(venue=self.venue, account=self.account, symbol=self.symbol, side=self.side, kind=kind)
        title = put_in_line(f"{named}: {what}")
        return Message(
            key=key, severity=severity, at=self.at, title=title, body="\n".join(line for line in body if line)
        )
