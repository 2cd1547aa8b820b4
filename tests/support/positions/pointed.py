"""The program with all of ccxt's venues at one address: ``python pointed.py http://127.0.0.1:1 positions …``."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ccxt

from adlrisk.__main__ import main


def replace_server(urls: Any, url: str) -> Any:
    if isinstance(urls, dict):
        return {name: replace_server(one, url) for name, one in urls.items()}
    return re.sub(r"^https?://[^/]+", url, urls)


@contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """Redirect every new exchange to ``url``, without rate limit."""
    original = ccxt.Exchange.__init__

    def make(self: Any, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        self.urls["api"] = replace_server(self.urls["api"], url)
        self.enableRateLimit = False

    ccxt.Exchange.__init__ = make
    try:
        yield
    finally:
        ccxt.Exchange.__init__ = original


if __name__ == "__main__":
    with pointed_at(sys.argv[1]):
        main(sys.argv[2:])
