"""The observer of the collector: the events that metrics and logs are made from."""

from typing import Protocol

from adlrisk.collect.adapters.observation import CallName, LeftOutField, Outcome


class Observer(Protocol):
    """Receives the collector's events."""

    def leadership_changed(self, venue: str, *, is_leader: bool) -> None:
        """This collector has become a venue's leader, or is no longer."""

    def market_tracked(self, venue: str, symbol: str) -> None:
        """This collector now keeps the record of a contract."""

    def fetched(self, venue: str, call: CallName, outcome: Outcome, *, seconds: float, detail: str = "") -> None:
        """A call to a venue has ended; for a stream: it opened, is still alive, or failed."""

    def stream_ended(self, venue: str, outcome: Outcome, *, seconds: float, detail: str) -> None:
        """A liquidation stream that worked has ended after ``seconds``."""

    def field_left_out(self, venue: str, left_out: LeftOutField) -> None:
        """A field of a venue's answer could not be used."""

    def write_finished(self, venue: str, symbol: str, *, is_ok: bool, detail: str = "") -> None:
        """A record was written, or could not be."""

    def clock_skew_measured(self, venue: str, seconds: float) -> None:
        """A venue's clock is ``seconds`` ahead of ours."""

    def store_failed(self, detail: str) -> None:
        """A request to the store failed."""

    def store_answered(self) -> None:
        """A request to the store succeeded."""

    def market_unknown(self, venue: str, market: str, detail: str) -> None:
        """The venue does not list a contract that is to be collected."""
