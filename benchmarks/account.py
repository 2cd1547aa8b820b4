"""Benchmark of ``POST /account``: ten legs against one score and ten, and the largest account.

Each request goes through a running service, from the first byte sent to the last received by a client on another core
that waits for each answer. The three are measured in turns; ratios are those of a turn.
"""

import contextlib
import itertools
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from served import SHIPPED, serving

_TURNS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 60
_EACH: Final = 20  # requests of a kind in a turn
_FEW, _MOST = 10, 1000
_SCORE: Final = "one /score"
_TEN_SCORES: Final = "ten /score"


def main() -> None:
    """Print the table."""
    requests = {
        _SCORE: [_request("/score", _score_body())],
        _TEN_SCORES: [_request("/score", _score_body())] * _FEW,
        f"/account, {_FEW} legs": [_request("/account", _account_body(_FEW))],
        f"/account, {_MOST:,} legs": [_request("/account", _account_body(_MOST))],
    }
    with contextlib.ExitStack() as running:
        logs = Path(running.enter_context(tempfile.TemporaryDirectory()))
        service = running.enter_context(serving(SHIPPED, logs))
        connection = running.enter_context(socket.create_connection(("127.0.0.1", service.port)))
        turns = [{name: _microseconds(connection, sent) for name, sent in requests.items()} for _ in range(_TURNS)]
    print("\n| | µs, median | of one /score: min, median, max | of ten /score: median |")
    print("| --- | --- | --- | --- |")
    for name in requests:
        of_one = [turn[name] / turn[_SCORE] for turn in turns]
        of_ten = [turn[name] / turn[_TEN_SCORES] for turn in turns]
        took = statistics.median(turn[name] for turn in turns)
        print(f"| {name} | {took:,.0f} ", end="")
        print(f"| {min(of_one):.2f}, **{statistics.median(of_one):.2f}**, {max(of_one):.2f} ", end="")
        print(f"| {statistics.median(of_ten):.2f} |")


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


def _request(path: str, body: dict[str, Any]) -> bytes:
    encoded = msgspec.json.encode(body)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(encoded)}\r\n\r\n"
    )
    return head.encode() + encoded


def _microseconds(connection: socket.socket, requests: list[bytes]) -> float:
    times = max(1, _EACH // len(requests)) if len(requests[0]) < 1 << 16 else 1
    started = time.perf_counter()
    for request in itertools.chain.from_iterable(itertools.repeat(requests, times)):
        _ask(connection, request)
    return (time.perf_counter() - started) / times * 1e6


def _ask(connection: socket.socket, request: bytes) -> None:
    connection.sendall(request)
    answer = connection.recv(1 << 20)
    head = answer.partition(b"\r\n\r\n")[0]
    whole = len(head) + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(answer) < whole:
        answer += connection.recv(1 << 22)
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(answer.decode())


if __name__ == "__main__":
    main()
