"""Access log: the id of every request, its figures in the metrics and its line in the log."""

import itertools
import re
import secrets
from typing import Final

from adlrisk.api.limits.api_keys import KEY_PREFIX
from adlrisk.settings.keys import NO_KEY
from adlrisk.telemetry.access_log import AccessLogWriter
from adlrisk.telemetry.metrics import Metrics

# Not a generated API key, sent in the wrong header: the id is logged and echoed.
_REQUEST_ID: Final = re.compile(rb"(?!%b)[A-Za-z0-9._:-]{1,64}\Z" % KEY_PREFIX.encode())
_TRACE_PARENT: Final = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<id>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})\Z"
)
_SAMPLED: Final = 1  # of the flags: the trace is kept, so that an exemplar leads somewhere
TURNED_AWAY: Final = frozenset({401, 403, 429})  # because of who the caller is
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog:
    """Gives requests their ids and records them once they are answered."""

    def __init__(self, *, metrics: Metrics, log: AccessLogWriter) -> None:
        self._metrics = metrics
        self._log = log
        # A random prefix and a counter are unique across replicas and far cheaper than a random id each.
        self._prefix = secrets.token_hex(6)
        self._counter = itertools.count(1)

    def request_id(self, given: bytes) -> str:
        """The id that the caller gave the request, where it has the form of one; else a new one."""
        return given.decode() if given and _REQUEST_ID.match(given) else self.new_request_id()

    def new_request_id(self) -> str:
        """An id that no other request has."""
        return f"{self._prefix}-{next(self._counter)}"

    def record(
        self,
        *,
        request_id: str,
        route: str,
        method: str,
        status: int,
        seconds: float = 0.0,
        received: int = 0,
        sent: int = 0,
        key: str | None = None,
        trace_parent: bytes = b"",
    ) -> None:
        """Count and log an answered request.

        ``key`` is the name of its API key, and ``trace_parent`` the header of W3C's Trace Context.
        """
        method = method if method in _METHODS else "other"
        trace = _TRACE_PARENT.match(trace_parent) if trace_parent else None
        trace_id = trace["id"].decode() if trace else None
        self._metrics.count_request(
            route=route,
            method=method,
            status=status,
            seconds=seconds,
            received=received,
            sent=sent,
            trace_id=trace_id if trace and int(trace["flags"], 16) & _SAMPLED else None,
        )
        self._log(
            route=route,
            method=method,
            status=status,
            milliseconds=round(seconds * 1000.0, 3),
            request_id=request_id,
            key=key,
            trace_id=trace_id,
        )
        if status in TURNED_AWAY:
            self._metrics.count_turned_away(key=key or NO_KEY, status=status)
