"""A restart of the shipped service between a client's calls and in the middle of one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina.instrumentation
from stamina.instrumentation import RetryDetails

from adlrisk.client import NoAnswerError
from support.client.both import WAYS, Way, connect
from support.redis_servers import free_port
from support.serve_process import ServeProcess

POSITION = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "margin": 50}


class Service:
    """`adlrisk serve` on one port, over restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port, self._starts = folder, str(free_port()), 0
        self.start()

    def start(self) -> None:
        self._starts += 1
        self._process = ServeProcess(self._folder / f"log{self._starts}", {}, "--port", self._port)
        self.url = self._process.url

    def kill(self) -> None:
        self._process.process.kill()
        self._process.process.wait(60)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path)
    yield running
    running.kill()


@pytest.mark.parametrize("way", WAYS)
def test_client_outlives_a_restart_of_the_service(service: Service, way: Way, waits: list[float]) -> None:
    """A call that meets nobody is answered once the service is back; one between two calls is not even noticed."""
    with connect(way, service.url) as client:
        before = client.score(position=POSITION, as_of="2026-11-18T12:00:00Z")
        service.kill()
        service.start()
        assert client.score(position=POSITION, as_of="2026-11-18T12:00:00Z") == before
        assert waits == []

        service.kill()

        def start_again(details: RetryDetails) -> None:
            assert isinstance(details.caused_by, NoAnswerError)
            service.start()

        stamina.instrumentation.set_on_retry_hooks([start_again])
        assert client.score(position=POSITION, as_of="2026-11-18T12:00:00Z") == before
        assert len(waits) == 1
