"""A deployment for tests: two replicas with a shared store, a collector, a watch, and a load of everything."""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

import httpx

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.limits.api_keys import digest_key
from support.collect.fake_bybit import FakeBybit
from support.collect.fake_okx import FakeOkx
from support.collect.fake_venues import LINEAR
from support.hostile.failure_cases import FAILURES, Failure
from support.positions.fake_account import KEY, SECRET
from support.positions.fake_venue import BinanceVenue
from support.redis_servers import RedisServer, free_port
from support.running import ADMIN_KEY, ROOT, WRITE_KEY, example, path_of
from waiting import is_ready, until

_HEADERS: Final = {"authorization": f"Bearer {ADMIN_KEY}"}
_VENUES: Final = ("binance", "bybit", "okx", "bitmex", "hyperliquid", "kucoin")
_FUNDED: Final = 0.3
_TAKEN: Final = 'adlrisk_places_taken{limit="books"} 1.0'
_SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


@contextlib.contextmanager
def replicas(directory: Path) -> Iterator[tuple[list[int], RedisServer]]:
    """Two replicas as separate processes, with a store; yields their ports and the store.

    The first accepts changes. The second has no keys and rejects them: some failures happen only there.
    """
    with RedisServer(directory / "store") as store, contextlib.ExitStack() as stack:
        environ = {
            **os.environ,
            "ADLRISK_REDIS_URL": store.url,
            "ADLRISK_MAX_BOOKS": "1",
            "ADLRISK_REDIS_REFRESH_SECONDS": "1",
            "ADLRISK_LOG_LEVEL": "warning",
        }
        keys = {
            "ADLRISK_ADMIN_KEYS": f"ops:{digest_key(ADMIN_KEY)}",
            "ADLRISK_WRITE_KEYS": f"feed:{digest_key(WRITE_KEY)}",
        }
        ports = [free_port(), free_port()]
        for port, more in zip(ports, (keys, {}), strict=True):
            stack.enter_context(_running("serve", port, {**environ, **more}, directory / f"{port}.log"))
        yield ports, store


@contextlib.contextmanager
def collector(directory: Path, store: RedisServer) -> Iterator[int]:
    """A collector as a separate process, with simulated venues, one of which changed a field; yields its port."""
    with FakeOkx() as okx, FakeBybit() as bybit:
        okx.answers["/api/v5/public/funding-rate?instId=BTC-USDT-SWAP"]["data"][0]["maxFundingRate"] = "many"
        port = free_port()
        environ = {
            **os.environ,
            "ADLRISK_REDIS_URL": store.url,
            "ADLRISK_COLLECT_URLS": f"okx={okx.url} bybit={bybit.url}",
            "ADLRISK_COLLECT_MARKETS": f"okx:{LINEAR} bybit:{LINEAR}",
            "ADLRISK_LOG_LEVEL": "warning",
        }
        with _running("collect", port, environ, directory / "collector.log"):
            yield port


@contextlib.contextmanager
def watch(directory: Path) -> Iterator[int]:
    """A watch as a separate process, of a simulated account with an open position; nobody takes its messages."""
    with BinanceVenue() as venue:
        venue.hold("short", 10.0, mark=1600.0)
        port = free_port()
        keys = {"ADLRISK_ACCOUNT_DESK_KEY": KEY, "ADLRISK_ACCOUNT_DESK_SECRET": SECRET}
        settings = {
            "ADLRISK_WATCH_ACCOUNTS": "desk=binance",
            "ADLRISK_WATCH_NOTIFY": "json://127.0.0.1:9",
            "ADLRISK_WATCH_STATE": str(directory / "watch.json"),
            "ADLRISK_WATCH_INTERVAL_SECONDS": "5",
            "ADLRISK_LOG_LEVEL": "warning",
        }
        pointed = (str(ROOT / "tests" / "support" / "positions" / "pointed.py"), venue.url)
        with _running("watch", port, {**os.environ, **keys, **settings}, directory / "watch.log", program=pointed):
            yield port


@contextlib.contextmanager
def _running(
    what: str, port: int, environ: dict[str, str], log: Path, *, program: tuple[str, ...] = ("-m", "adlrisk")
) -> Iterator[None]:
    command = [sys.executable, *program, what, "--port", str(port)]
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environ, stdout=written, stderr=written)
    try:
        until(lambda: is_ready(f"http://127.0.0.1:{port}"), f"the process on {port}")
        yield
    finally:
        process.terminate()
        process.wait(60)


class Load:
    """A load of scores, books, operators' and collectors' requests, and all failure cases.

    ``alarm`` is the share of positions at ``alarmed`` that look like an ADL: high leverage, profit and funding.
    """

    def __init__(self, ports: list[int], *, pause_seconds: float = 0.02) -> None:
        self.alarm = 0.05
        self.alarmed = "binance"
        self.rounds = 0
        self._pause_seconds = pause_seconds
        self._clients = [
            httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=_HEADERS, timeout=60) for port in ports
        ]
        self._ports = ports
        self._chance = random.Random(7)  # noqa: S311 (no secret)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join(60.0)
        for client in self._clients:
            client.close()

    def touch_everything(self) -> None:
        """Send every example, every documented failure, and more books than there are slots."""
        for client in self._clients:
            for endpoint in ENDPOINTS:
                for name in endpoint.body.examples if endpoint.body else ("",):
                    body = example(f"{name}.request") if name else None
                    media_type = endpoint.body.media_types[0] if endpoint.body else "application/json"
                    content = None if body is None else json.dumps(body)
                    client.request(
                        endpoint.method, path_of(endpoint), content=content, headers={"content-type": media_type}
                    )
        for case in FAILURES:
            self._fail(case)
        self.crowd_out()

    def crowd_out(self) -> None:
        """Send more books than there are slots."""
        for port, client in zip(self._ports, self._clients, strict=True):
            _crowd_out(port, client)

    def _run(self) -> None:
        while not self._ends.is_set():
            self._round()
            self.rounds += 1
            self._ends.wait(self._pause_seconds)

    def _round(self) -> None:
        client = self._chance.choice(self._clients)
        client.post("/score", json=self._position(), headers={"traceparent": self._trace()})
        every = self.rounds
        if every % 7 == 0:
            client.post("/scores", json={"items": [self._position() for _ in range(self._chance.randint(2, 20))]})
        if every % 11 == 0:
            client.post("/adl/partial", json=example("adl-partial.request"))
        if every % 17 == 0:
            client.post("/queue/rank", json=example("queue-rank.request"))
        if every % 23 == 0:
            client.post("/adl/allocate", json=self._allocation())
        if every % 29 == 0:
            self._fail(self._chance.choice(FAILURES))
        if every % 31 == 0:
            client.get(f"/venues/{self._chance.choice(_VENUES)}")
        if every % 37 == 0:
            record = {"funding_rate": 0.0001, "ttl_seconds": 600}
            self._clients[0].put(f"/venues/binance/markets/{self._chance.choice(_SYMBOLS)}", json=record)

    def _fail(self, case: Failure) -> None:
        client = self._clients[0 if case.keys else 1]
        client.request(case.method, case.path, content=case.body, headers=case.headers)

    def _position(self) -> dict[str, Any]:
        venue = self._chance.choice(_VENUES)
        alarming = self._chance.random() < (self.alarm if venue == self.alarmed else 0.05)
        position: dict[str, Any] = {"side": "short", "size": 1, "entry_price": 2000}
        if alarming:  # leverage, profit, funding and market_stress fire
            position |= {"mark_price": 1960, "leverage": self._chance.choice((60, 75, 100))}
            market = {"funding_rate": -0.002, "funding_interval_hours": 8, "liquidation_spike": True}
            return {"venue": venue, "position": position, "market": market}
        position |= {"mark_price": self._chance.uniform(1900, 2100), "leverage": self._chance.choice((2, 3, 5, 12))}
        market = {"liquidation_spike": False} | ({"funding_rate": -0.001} if self._chance.random() < _FUNDED else {})
        return {"venue": venue, "symbol": self._chance.choice(_SYMBOLS), "position": position, "market": market}

    def _allocation(self) -> dict[str, Any]:
        request: dict[str, Any] = example("adl-allocate-policies.request")
        request["bankrupt"]["size"] = self._chance.choice((10, 20, 90))
        return request

    def _trace(self) -> str:
        return f"00-{self._chance.getrandbits(128):032x}-{self._chance.getrandbits(64) | 1:016x}-01"


def _crowd_out(port: int, client: httpx.Client) -> None:
    """Hold the only slot for books with a body that does not come, and send others."""
    body = json.dumps(example("queue-rank.request")).encode()
    head = b"POST /queue/rank HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(head % len(body))
        until(lambda: _TAKEN in client.get("/metrics").text, "the slot taken")
        for _ in range(10):
            client.post("/queue/rank", content=body, headers={"content-type": "application/json"})
