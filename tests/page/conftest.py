"""The client of the tests of pages."""

import httpx
import pytest


@pytest.fixture
def client(client: httpx.Client) -> httpx.Client:
    """The client of all tests, patient: the chain to an ADL is worked out in a process that first has to start."""
    client.timeout = httpx.Timeout(60.0)
    return client
