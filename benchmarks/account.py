"""Benchmark of ``POST /account``: ten legs against one score and ten, and the largest account.

Each request goes through a running service to a client on another core that waits for each answer: once httpx, as a bot
would have it, and once a bare socket, which adds next to nothing to the time of the service. All are measured in turns;
ratios are those of a turn.
"""

import itertools
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from served import CLIENTS_CORE, SHIPPED, serving

Send = Callable[[str, bytes], None]
Requests = dict[str, list[tuple[str, bytes]]]

_TURNS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 60
_EACH: Final = 20  # requests of a kind in a turn
_FEW, _MOST = 10, 1000
_LARGE_BYTES: Final = 1 << 16
_SCORE: Final = "one /score"
_TEN_SCORES: Final = "ten /score"


def main() -> None:
    """Print the tables."""
    requests: Requests = {
        _SCORE: [("/score", msgspec.json.encode(_score_body()))],
        _TEN_SCORES: [("/score", msgspec.json.encode(_score_body()))] * _FEW,
        f"/account, {_FEW} legs": [("/account", msgspec.json.encode(_account_body(_FEW)))],
        f"/account, {_MOST:,} legs": [("/account", msgspec.json.encode(_account_body(_MOST)))],
    }
    with tempfile.TemporaryDirectory() as logs, serving(SHIPPED, Path(logs)) as service:
        with httpx.Client(base_url=f"http://127.0.0.1:{service.port}") as client:
            _report("httpx", _measure(lambda path, body: _post(client, path, body), requests))
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            _report("a bare socket", _measure(lambda path, body: _ask(connection, path, body), requests))


def _measure(send: Send, requests: Requests) -> list[dict[str, float]]:
    return [{kind: _microseconds(send, sent) for kind, sent in requests.items()} for _ in range(_TURNS)]


def _report(name: str, turns: list[dict[str, float]]) -> None:
    print(f"\n| by {name} | µs, median | of one /score: min, median, max | of ten /score: median |")
    print("| --- | --- | --- | --- |")
    for kind in turns[0]:
        of_one = [turn[kind] / turn[_SCORE] for turn in turns]
        of_ten = statistics.median(turn[kind] / turn[_TEN_SCORES] for turn in turns)
        took = statistics.median(turn[kind] for turn in turns)
        print(f"| {kind} | {took:,.0f} ", end="")
        print(f"| {min(of_one):.2f}, **{statistics.median(of_one):.2f}**, {max(of_one):.2f} | {of_ten:.2f} |")


def _score_body() -> dict[str, Any]:
    return {"venue": "binance", "position": {**_position(0), "margin": 500}, "market": _MARKET}


def _account_body(legs: int) -> dict[str, Any]:
    """Hedged pairs, as an account in hedge mode has them."""
    positions = [{**_position(index), "id": f"leg-{index}", "symbol": f"S{index // 2}"} for index in range(legs)]
    markets = {f"S{index}": _MARKET for index in range(legs // 2)}
    return {"venue": "binance", "wallet_balance": 500 * legs, "positions": positions, "markets": markets}


_MARKET: Final = {"funding_rate": 0.0001, "funding_interval_hours": 8, "liquidation_spike": False}


def _position(index: int) -> dict[str, Any]:
    return {
        "side": "short" if index % 2 else "long",
        "size": 10 - index % 3,
        "entry_price": 1900 + index % 40,
        "mark_price": 2000,
        "maintenance_margin_rate": 0.01,
        "maintenance_amount": 5,
        "adl_meter": index % 5,
    }


def _microseconds(send: Send, requests: list[tuple[str, bytes]]) -> float:
    times = max(1, _EACH // len(requests)) if len(requests[0][1]) < _LARGE_BYTES else 1
    started = time.perf_counter()
    for path, body in itertools.chain.from_iterable(itertools.repeat(requests, times)):
        send(path, body)
    return (time.perf_counter() - started) / times * 1e6


def _post(client: httpx.Client, path: str, body: bytes) -> None:
    client.post(path, content=body, headers={"content-type": "application/json"}).raise_for_status()


def _ask(connection: socket.socket, path: str, body: bytes) -> None:
    sent = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    connection.sendall(sent.encode() + body)
    answer = connection.recv(1 << 20)
    head, _, _ = answer.partition(b"\r\n\r\n")
    whole = len(head) + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(answer) < whole:
        answer += connection.recv(1 << 22)
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(answer.decode())


if __name__ == "__main__":
    os.sched_setaffinity(0, {CLIENTS_CORE})
    main()
