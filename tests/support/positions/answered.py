"""The real ccxt with a venue's answers by path: it signs, sends nothing, and parses them."""

import json
from typing import Any
from urllib.parse import urlsplit

import ccxt

CREDENTIALS = {
    "apiKey": "a-read-only-key-for-tests",
    "secret": "YS1zZWNyZXQtZm9yLXRlc3RzLW9mLTMyLWJ5dGVzISE=",  # valid in base 64, as two of the venues need
    "password": "a-passphrase",
    "walletAddress": "42trU9A5mJbP3gKcQ7LxNn5vU6yT8sR1dF4hJ2kM9pWq",
}


def answered(exchange_id: str, markets: list[dict[str, Any]], answers: dict[str, Any]) -> Any:
    """The exchange with ``markets``; a request whose host and path end with a key of ``answers`` gets that answer.

    After a ``#`` a key may name a text that the request's query or body contains, where one path has several answers.
    Where several keys match, the first one answers.
    """
    exchange = getattr(ccxt, exchange_id)({**CREDENTIALS, "options": {"defaultType": "swap"}, "enableRateLimit": False})
    exchange.set_markets(markets)
    exchange.asked = []

    def fetch(url: str, method: str, headers: Any, body: Any) -> Any:
        asked = urlsplit(url)
        exchange.asked.append((method, asked.path, headers))
        sent = f"{asked.query} {body or ''}"
        matching = [answer for key, answer in answers.items() if _matches(key, asked.netloc + asked.path, sent)]
        exchange.last_json_response = json.loads(json.dumps(matching[0]))
        return exchange.last_json_response

    exchange.fetch = fetch
    return exchange


def _matches(key: str, place: str, sent: str) -> bool:
    end, _, text = key.partition("#")
    return place.endswith(end) and text in sent
