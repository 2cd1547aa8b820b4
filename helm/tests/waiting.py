"""Waiting for servers."""

import ssl
import time
from collections.abc import Callable
from typing import Final

import httpx

_UNUSED: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without it, each look would read all certificate authorities


def until(holds: Callable[[], bool], what: str, *, within_seconds: float = 180.0, pause_seconds: float = 0.2) -> None:
    """Wait until ``holds()`` is true."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause_seconds)


def is_ready(url: str) -> bool:
    """Whether the service at ``url`` is ready."""
    try:
        return httpx.get(f"{url}/health/ready", verify=_UNUSED).is_success
    except httpx.TransportError:
        return False
