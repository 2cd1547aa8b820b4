"""Network errors of a call to a venue, in words: which host, and why it cannot be reached."""

import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

_DEEPEST: Final = 20  # causes of causes
# By kind of exception, the more specific first.
_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "its TLS certificate is not trusted here"),
    (ssl.SSLError, "no TLS connection could be made"),
    (socket.gaierror, "its name is not found in DNS"),
    (ConnectionRefusedError, "it refuses the connection"),
    (ConnectionResetError, "it ended the connection"),
    (BrokenPipeError, "it ended the connection"),
    (TimeoutError, "it did not answer in time"),
)
# By the names of the HTTP client's own kinds, which say nothing of these.
_NAMED_CAUSES: Final = {
    "ProxyError": "the proxy refuses the connection",
    "NameResolutionError": "its name is not found in DNS",
    "ConnectTimeout": "it did not answer in time",
    "ConnectTimeoutError": "it did not answer in time",
    "ReadTimeout": "it did not answer in time",
    "ReadTimeoutError": "it did not answer in time",
}


def explain_network_error(error: BaseException) -> str:
    """Which host could not be reached, and why, without the URL, which may be signed."""
    chain = list(_walk(error))
    host = next((found for one in chain if (found := _find_host(one)) is not None), "the venue")
    cause = next((words for one in chain if (words := _name_cause(one)) is not None), "the network fails")
    return f"{host} cannot be reached: {cause}"


def _walk(error: BaseException) -> Iterator[BaseException]:
    """The error, and what caused it, as libraries nest it: as a cause, a context, a reason or an argument."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _DEEPEST:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        nested = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting += [found for found in nested if isinstance(found, BaseException)]


def _find_host(error: BaseException) -> str | None:
    url = getattr(getattr(error, "request", None), "url", None)
    words = [str(url or ""), *str(error).split()]
    return next((host for word in words if (host := _parse_host(word))), None)


def _parse_host(word: str) -> str | None:
    try:
        return urlsplit(word).hostname if "://" in word else None
    except ValueError:
        return None


def _name_cause(error: BaseException) -> str | None:
    named = _NAMED_CAUSES.get(type(error).__name__)
    return named or next((words for kind, words in _CAUSES if isinstance(error, kind)), None)
