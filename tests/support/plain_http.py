"""Clients of servers on the loopback interface, which need no certificates."""

import functools

import httpx2
import httpx2._transports.default
from httpx import _config
from httpx._transports import default


def read_certificates_once() -> None:
    """Have all of httpx's and httpx2's clients share one TLS context.

    Reading the certificate authorities takes 40 ms of processor time, a hundred times as long as a request, and there
    is a client for most servers that tests start, and for each look at whether one is ready.
    """
    vars(default)["create_ssl_context"] = functools.cache(_config.create_ssl_context)
    vars(httpx2._transports.default)["create_ssl_context"] = functools.cache(httpx2.create_ssl_context)  # noqa: SLF001
