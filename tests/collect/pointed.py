"""The program with all venues of ccxt at one address: ``python pointed.py http://127.0.0.1:1 positions …``."""

import re
import sys
from typing import Any

import ccxt

from adlrisk.__main__ import main

_, URL, *arguments = sys.argv
made = ccxt.Exchange.__init__


def point(urls: Any) -> Any:
    if isinstance(urls, dict):
        return {name: point(url) for name, url in urls.items()}
    return re.sub(r"^https://[^/]+", URL, urls)


def make(self: Any, *given: Any, **named: Any) -> None:
    made(self, *given, **named)
    self.urls["api"] = point(self.urls["api"])


ccxt.Exchange.__init__ = make
main(arguments)
