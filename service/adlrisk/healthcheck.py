"""Ask a running service whether it wants requests, and for a score: for health checks of images without curl."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

_PATIENCE_SECONDS: Final = 5.0
_POSITION: Final = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 120, "leverage": 10}


class ProbeError(Exception):
    """The service does not answer, or not as it should; the message says what it does."""


def readiness(url: str) -> bytes:
    """What ``/health/ready`` of the service at ``url`` answers.

    Raises:
        ProbeError: it is not ready.
    """
    return _answer(url, "GET", "/health/ready")


def any_score(url: str) -> bytes:
    """What the service at ``url`` makes of a position of ours.

    Raises:
        ProbeError: it does not score.
    """
    return _answer(url, "POST", "/score", {"position": _POSITION})


def _answer(url: str, method: str, path: str, body: Any = None) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProbeError(f"{url} is no URL of a service: http://HOST:PORT")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    content = None if body is None else msgspec.json.encode(body)
    try:
        connection = kind(parts.netloc, timeout=_PATIENCE_SECONDS)
    except HTTPException as error:
        raise ProbeError(f"{url}: {error}") from error
    try:
        connection.request(method, parts.path.rstrip("/") + path, content, {"content-type": "application/json"})
        response = connection.getresponse()
        answered = response.read()
    except (OSError, HTTPException) as error:
        raise ProbeError(f"{method} {path}: {str(error) or type(error).__name__}") from error
    finally:
        connection.close()
    if response.status != 200:  # noqa: PLR2004 (OK; nothing else will do)
        raise ProbeError(f"{method} {path}: {response.status} {answered.decode(errors='replace')[:300]}")
    return answered
