"""What the collector does, told to whoever counts and logs it."""

from typing import Protocol

from adlrisk.collect.adapters.observation import CallName, LeftOut, Outcome


class Watching(Protocol):
    """Is told what happens."""

    def leads(self, venue: str, *, is_leader: bool) -> None:
        """This collector leads a venue from now on, or does not."""

    def watches(self, venue: str, symbol: str) -> None:
        """This collector is to keep a record of a contract."""

    def fetched(self, venue: str, call: CallName, outcome: Outcome, *, seconds: float, detail: str = "") -> None:
        """A venue was asked for something; of a stream: it was opened, goes on, or could not be kept open."""

    def stream_ended(self, venue: str, outcome: Outcome, *, seconds: float, detail: str) -> None:
        """A stream of liquidations that was well has ended after so many seconds."""

    def left_out(self, venue: str, left_out: LeftOut) -> None:
        """A field of a venue's answer could not be used."""

    def wrote(self, venue: str, symbol: str, *, is_kept: bool, detail: str = "") -> None:
        """A record was kept, or could not be."""

    def clock_skew(self, venue: str, seconds: float) -> None:
        """How far a venue's clock is ahead of ours."""

    def store_failed(self, detail: str) -> None:
        """The store did not do what it was asked to."""

    def store_answered(self) -> None:
        """The store did."""

    def market_unknown(self, venue: str, market: str, detail: str) -> None:
        """A contract that is to be collected is none of the venue's."""
