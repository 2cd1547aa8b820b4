"""Client for health checks of a running service, for images without curl."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

_TIMEOUT_SECONDS: Final = 5.0
_POSITION: Final = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 120, "leverage": 10}


class ProbeError(Exception):
    """The health check failed; the message says why."""


def check_readiness(url: str) -> bytes:
    """The answer of ``GET /health/ready`` at ``url``.

    Raises:
        ProbeError: the service is not ready or does not answer.
    """
    return _request(url, "GET", "/health/ready")


def request_score(url: str) -> bytes:
    """The answer of ``POST /score`` at ``url`` to a sample position.

    Raises:
        ProbeError: the service does not return a score.
    """
    return _request(url, "POST", "/score", {"position": _POSITION})


def _request(url: str, method: str, path: str, body: Any = None) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProbeError(f"{url} is not the URL of a service: expected http://HOST:PORT")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    payload = None if body is None else msgspec.json.encode(body)
    try:
        connection = kind(parts.netloc, timeout=_TIMEOUT_SECONDS)
    except HTTPException as error:
        raise ProbeError(f"{url}: {error}") from error
    try:
        connection.request(method, parts.path.rstrip("/") + path, payload, {"content-type": "application/json"})
        response = connection.getresponse()
        content = response.read()
    except (OSError, HTTPException) as error:
        raise ProbeError(f"{method} {path}: {str(error) or type(error).__name__}") from error
    finally:
        connection.close()
    if response.status != 200:  # noqa: PLR2004 (OK)
        raise ProbeError(f"{method} {path}: {response.status} {content.decode(errors='replace')[:300]}")
    return content
