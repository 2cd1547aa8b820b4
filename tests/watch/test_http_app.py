"""Health checks and metrics of the watch."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

from litestar.testing import TestClient
from prometheus_client import CollectorRegistry, Counter

from adlrisk.watch.http_app import build_app


class StubWatcher:
    """Says whether it runs."""

    is_running = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.is_running = True
        try:
            yield
        finally:
            self.is_running = False


def test_the_watch_runs_as_long_as_its_server_and_readiness_has_a_reason() -> None:
    """503 with why not, 200 without a reason; liveness and metrics answer in any case."""
    watcher: Any = StubWatcher()
    reporter = mock.Mock(unready_reason="never read: desk", registry=CollectorRegistry())
    Counter("a_counter", "Counts.", registry=reporter.registry).inc()
    with TestClient(build_app(watcher, reporter=reporter)) as client:
        assert watcher.is_running
        unready = client.get("/health/ready")
        assert (unready.status_code, unready.json()) == (503, {"status": "not-ready", "reason": "never read: desk"})
        assert client.get("/health/live").status_code == 200
        assert "a_counter_total 1.0" in client.get("/metrics").text
        reporter.unready_reason = None
        assert client.get("/health/ready").status_code == 200
    assert not watcher.is_running
