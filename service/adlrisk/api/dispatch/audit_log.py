"""Audit log: who changed parameters, market records and keys, from which value to which."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from structlog.typing import FilteringBoundLogger

from adlrisk.api.dispatch.shown_values import show_change
from adlrisk.api.limits.key_rotation import KeyEvent, KeysReplaced, KeysUnusable
from adlrisk.settings.keys import UNKNOWN_KEY
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.changes import FieldChange, RecordChange, VenueChange
from adlrisk.venues.market_records import StoredRecord


class Author(NamedTuple):
    """Who has sent a request."""

    key: str | None = None  # its name; None: no key
    client: str | None = None  # its address, as trusted proxies say


class AuditLog:
    """Writes a line for each change, at every log level, and counts the changes."""

    def __init__(self, *, metrics: Metrics, logger: FilteringBoundLogger) -> None:
        """``logger`` writes lines at ``info`` whatever the service's log level is."""
        self._metrics = metrics
        self._logger = logger

    def record_venue(self, change: VenueChange, *, author: Author, request_id: str) -> None:
        """Record a change of a venue's parameters, also one after which all is as it was."""
        fields = change.fields
        self._write(
            kind=change.kind,
            venue=change.after.rules.id,
            fields=fields,
            revision_before=change.before.revision,
            revision_after=change.after.revision,
            outcome=change.outcome,
            author=author,
            request_id=request_id,
        )

    def record_market(self, change: RecordChange, *, author: Author, request_id: str) -> None:
        """Record a market record that has replaced one of other values, or none; not a repetition."""
        fields, before = change.fields, change.before
        if not fields:
            return
        self._write(
            kind="record",
            venue=change.key.venue,
            symbol=change.key.symbol,
            fields=fields,
            observed_before=_show_moment(before.observed_at) if isinstance(before, StoredRecord) else before,
            observed_after=_show_moment(change.after.observed_at),
            outcome=change.outcome,
            author=author,
            request_id=request_id,
        )

    def record_keys(self, event: KeyEvent) -> None:
        """Record what became of changed key files."""
        if isinstance(event, KeysReplaced):
            self._logger.info(
                "keys changed",
                added=[f"{key.setting} {key.label}" for key in event.added],
                removed=[f"{key.setting} {key.label}" for key in event.removed],
            )
        elif isinstance(event, KeysUnusable):
            self._logger.warning("key files unusable", why=event.why)
        else:
            self._logger.info("key files usable again")

    def _write(
        self,
        *,
        kind: str,
        venue: str,
        fields: tuple[FieldChange, ...],
        outcome: str,
        author: Author,
        request_id: str,
        **rest: Any,
    ) -> None:
        key = author.key or UNKNOWN_KEY
        if fields and outcome == "done":
            self._metrics.count_change(venue=venue, kind=kind, key=key)
        self._logger.info(
            "change",
            kind=kind,
            venue=venue,
            **rest,
            changes=[show_change(one) for one in fields],
            outcome=outcome,
            key=key,
            client=author.client,
            request_id=request_id,
        )


def _show_moment(moment: datetime) -> str:
    """A time as JSON has it, in the console format too."""
    shown: str = msgspec.to_builtins(moment)
    return shown
