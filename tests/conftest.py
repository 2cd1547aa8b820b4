"""A real server on a free port of the loopback interface, for everything that speaks HTTP."""

import io
from collections.abc import Iterator

import httpx
import pytest

from adlrisk.settings import Settings
from running import RunningServer


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    with RunningServer(Settings(), log=io.StringIO()) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as connected:
        yield connected
