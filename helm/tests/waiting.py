"""Waiting for servers."""

import time
from collections.abc import Callable

import httpx


def until(holds: Callable[[], bool], what: str, *, within_seconds: float = 60.0, pause_seconds: float = 0.2) -> None:
    """Wait until ``holds()`` is true."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause_seconds)


def is_ready(url: str) -> bool:
    """Whether the service at ``url`` is ready."""
    try:
        return httpx.get(f"{url}/health/ready").is_success
    except httpx.TransportError:
        return False
