"""Signals to a running service: what drains it, what it ignores, and what is answered meanwhile."""

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.redis_servers import wait_for
from support.running import example
from support.serve_process import ServeProcess


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Any]:
    started: list[ServeProcess] = []

    def start(**settings: str) -> ServeProcess:
        started.append(ServeProcess(tmp_path / f"log-{len(started)}", settings))
        return started[-1]

    yield start
    for server in started:
        server.__exit__()


def test_sigterm_finishes_requests_in_flight(served: Any) -> None:
    """A request that was being sent at SIGTERM is answered, then the process ends by itself."""
    server = served()
    body = json.dumps(example("score.request")).encode()
    head = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(head % len(body) + body[:100])
        wait_for(lambda: server.in_flight() == 1, "the request")
        server.process.send_signal(signal.SIGTERM)
        wait_for(server.refuses_connections, "the end to begin")
        assert server.process.poll() is None
        connection.sendall(body[100:])
        with connection.makefile("rb") as reader:
            answer = reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"score":8' in answer
    assert server.process.wait(60) in (0, -signal.SIGTERM)


def test_an_incomplete_request_is_refused_at_shutdown(served: Any) -> None:
    """A request still incomplete at the shutdown timeout is answered 503 as a problem, not cut off."""
    server = served(ADLRISK_SHUTDOWN_TIMEOUT_SECONDS="0.9")
    head = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(head)
        wait_for(lambda: server.in_flight() == 1, "the request")
        server.process.send_signal(signal.SIGTERM)
        with connection.makefile("rb") as reader:
            answer = reader.read()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b'"type":"/problems/not-ready"' in answer
    assert b"\r\nretry-after: 1\r\n" in answer
    assert server.process.wait(60) in (0, -signal.SIGTERM)
    assert "Traceback" not in server.log.read_text()


def test_a_signal_to_the_group_does_not_lose_a_book(tmp_path: Path) -> None:
    """SIGTERM to the process group while the worker has a book still lets the book be answered."""
    with ServeProcess(tmp_path / "log", {"ADLRISK_INLINE_BOOK_BYTES": "1024"}, group=True) as server:
        rows = [{"id": str(n), "side": "long", "size": 1, "entry_price": 100 + n, "leverage": 5} for n in range(500)]
        book = {"venue": "bitmex", "mark_price": 110, "positions": rows}
        answered: list[httpx.Response] = []

        def send() -> None:
            answered.append(httpx.post(f"{server.url}/queue/rank", json=book, timeout=60))

        send()  # so that there is a worker
        worker = server.worker()
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        sender = threading.Thread(target=send)
        sender.start()
        wait_for(lambda: server.in_flight() == 1, "the book")
        os.killpg(server.process.pid, signal.SIGTERM)
        wait_for(server.refuses_connections, "the end to begin")
        os.kill(worker, signal.SIGCONT)
        sender.join(60)
        assert [response.status_code for response in answered] == [200, 200]
        assert server.process.wait(60) in (0, -signal.SIGTERM)


def test_readiness_ends_before_the_server(served: Any) -> None:
    """With a drain delay, readiness fails and connections close at once, while requests are answered; then it ends."""
    server = served(ADLRISK_DRAIN_DELAY_SECONDS="600")
    assert httpx.get(f"{server.url}/health/ready", timeout=60).status_code == 200
    with httpx.Client(base_url=server.url) as kept:
        assert "connection" not in kept.get("/health/live").headers
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: kept.get("/health/live").headers["connection"] == "close", "the drain")
    assert httpx.get(f"{server.url}/health/ready", timeout=60).status_code == 503
    assert httpx.post(f"{server.url}/score", json=example("score.request"), timeout=60).json()["score"] == 8
    server.process.send_signal(signal.SIGTERM)  # a second one ends the delay
    assert server.process.wait(60) in (0, -signal.SIGTERM)


def test_every_log_line_is_json(served: Any) -> None:
    """Lines of server and service, to the end of the drain delay, are objects with the same fields."""
    server = served(ADLRISK_DRAIN_DELAY_SECONDS="0.2")
    httpx.get(f"{server.url}/venues", timeout=60)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"request"} < {line["event"] for line in lines}
    for line in lines:
        assert {"event", "level", "timestamp"} <= set(line)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeProcess]:
    """A service that no test ends, whose books go to the worker."""
    log = tmp_path_factory.mktemp("lasting") / "log"
    with ServeProcess(log, {"ADLRISK_INLINE_BOOK_BYTES": "1024"}) as server:
        yield server


def rank(server: ServeProcess) -> int | None:
    """Have the worker rank a book; returns its process."""
    content = json.dumps(example("queue-rank.request")).encode() + b" " * 2048
    headers = {"content-type": "application/json"}
    answer = httpx.post(f"{server.url}/queue/rank", content=content, headers=headers, timeout=60)
    assert answer.status_code == 200
    return server.worker()


@pytest.mark.parametrize("sent", [signal.SIGUSR1, signal.SIGUSR2])
def test_signals_without_a_meaning_are_ignored(lasting: ServeProcess, sent: signal.Signals) -> None:
    """They end neither the service nor its worker, and readiness stays."""
    worker = rank(lasting)
    assert worker is not None
    for process in (lasting.process.pid, worker):
        os.kill(process, sent)
        os.kill(process, sent)
    assert rank(lasting) == worker
    assert httpx.get(f"{lasting.url}/health/ready", timeout=60).status_code == 200


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_worker_leaves_signals_to_the_service(lasting: ServeProcess, sent: signal.Signals) -> None:
    """It ends with the service and not before it."""
    worker = rank(lasting)
    assert worker is not None
    for _ in range(2):
        os.kill(worker, sent)
        assert rank(lasting) == worker


def test_hangup_stays_ignored_under_nohup(tmp_path: Path) -> None:
    """A service that is started to outlive its terminal does."""
    with ServeProcess(tmp_path / "log", {}, before=("nohup",)) as server:
        server.process.send_signal(signal.SIGHUP)
        assert httpx.get(f"{server.url}/health/ready", timeout=60).status_code == 200
