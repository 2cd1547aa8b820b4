"""The port for probes: health is answered there whatever happens on the other port."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.redis_servers import free_port, wait_for
from support.running import assert_problem, example
from support.serve_process import PROGRAM, ServeProcess
from support.sockets import HEAD, LIVE, answer_of

LIMIT = 30  # connections
SILENT = LIMIT + 70  # more than the limit and the fifty beyond it


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeProcess]:
    """A service with a port for probes, and few connections on the other."""
    log = tmp_path_factory.mktemp("served") / "log"
    settings = {"ADLRISK_MAX_CONNECTIONS": str(LIMIT), "ADLRISK_HEAD_TIMEOUT_SECONDS": "600"}
    with ServeProcess(log, settings, "--probe-port", "0") as server:
        yield server


@contextlib.contextmanager
def silent_clients(port: int) -> Iterator[None]:
    """Meanwhile a client holds connections that send nothing, and replaces each that is closed."""
    done = threading.Event()
    filled = threading.Event()

    def hold() -> None:
        silent: list[socket.socket] = []
        while not done.is_set():
            silent += [socket.create_connection(("127.0.0.1", port)) for _ in range(SILENT - len(silent))]
            filled.set()
            closed, _, _ = select.select(silent, [], [], 0.05)
            for connection in closed:
                silent.remove(connection)
                connection.close()
        for connection in silent:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert filled.wait(60)
        yield
    finally:
        done.set()
        holder.join(60)


def test_silent_connections_change_no_probe(served: ServeProcess) -> None:
    """Far more of them than the port admits, and every probe gets its 200, though the port itself gives none."""
    with silent_clients(served.port):
        lost = 0
        for number in range(20):
            path = ("live", "ready")[number % 2]
            assert httpx.get(f"http://127.0.0.1:{served.probe_port}/health/{path}", timeout=60).status_code == 200
            try:
                answer = httpx.post(f"{served.url}/score", json=example("score.request"), timeout=60)
                lost += answer.status_code == 503
            except httpx.TransportError:
                lost += 1
        assert lost >= 15  # or the port was not full
    wait_for(lambda: httpx.get(f"{served.url}/health/live", timeout=60).status_code == 200, "the other port again")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_vital_paths_are_answered(served: ServeProcess, path: str) -> None:
    """Each answer is the last of its connection."""
    answer = httpx.get(f"http://127.0.0.1:{served.probe_port}{path}", timeout=60)
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /venues HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /health/live/ HTTP/1.1\r\nhost: x\r\n\r\n",
        HEAD % (b"/score", 2) + b"{}",
    ],
)
def test_all_else_is_not_found(served: ServeProcess, sent: bytes) -> None:
    """No score and no venue is to be had on the port for probes, on a connection of its own or behind a probe."""
    for before in (b"", LIVE):
        with socket.create_connection(("127.0.0.1", served.probe_port), timeout=60) as connection:
            connection.sendall(before + sent)
            with connection.makefile("rb") as reader:
                received = reader.read()
        if before:
            assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200 ") == 1
        else:
            assert_problem(answer_of(received), "not-found", 404)


def test_known_heads_are_not_scored_there(served: ServeProcess) -> None:
    """A head that the other port has in its cache is like any other here."""
    body = b'{"position":{"side":"long","size":1,"entry_price":100,"mark_price":120,"leverage":10}}'
    score = HEAD % (b"/score", len(body)) + body
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        for _ in range(3):
            connection.sendall(score)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    with socket.create_connection(("127.0.0.1", served.probe_port), timeout=60) as connection:
        connection.sendall(score)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 404 ")


def test_silent_probe_has_a_second(served: ServeProcess) -> None:
    """Whoever reaches the port holds none of its few slots for longer."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", served.probe_port), timeout=60) as connection:
        assert connection.recv(1) == b""  # the other port would wait for ten minutes
    assert time.monotonic() - started >= 0.99  # timers of the event loop are rounded to milliseconds


def test_probes_beyond_the_slots_are_closed(served: ServeProcess) -> None:
    """Sixteen may be open at once, and they are free again when those have gone."""
    with contextlib.ExitStack() as open_ones:
        probes = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", served.probe_port), timeout=60))
            for _ in range(40)
        ]
        ended = sum(connection.recv(1) == b"" for connection in probes)
        assert ended == 40
    assert httpx.get(f"http://127.0.0.1:{served.probe_port}/health/live", timeout=60).status_code == 200


def test_probes_are_answered_while_the_store_is_loaded() -> None:
    """With a store that does not answer, the service is alive and not ready before the first port is open."""
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        settings = {"ADLRISK_REDIS_URL": address, "ADLRISK_REDIS_PATIENCE_SECONDS": "60"}
        command = [*PROGRAM, "serve", "--port", "0", "--probe-port", str(port)]
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/health"
            wait_for(lambda: is_answered(f"{url}/live"), "an answer while starting")
            ready = httpx.get(f"{url}/ready", timeout=60)
            assert_problem(ready, "not-ready", 503)
            assert "starting" in ready.json()["detail"]
        finally:
            process.kill()
            process.wait(60)


def is_answered(url: str) -> bool:
    """Whether a probe gets its 200."""
    try:
        return httpx.get(url, timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def test_drain_shows_on_the_port_for_probes(tmp_path: Path) -> None:
    """After SIGTERM readiness is 503 there and liveness 200, until the first port is closed; then this one is too."""
    with ServeProcess(tmp_path / "log", {"ADLRISK_DRAIN_DELAY_SECONDS": "600"}, "--probe-port", "0") as server:
        url = f"http://127.0.0.1:{server.probe_port}/health"
        assert httpx.get(f"{url}/ready", timeout=60).status_code == 200
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as waiting:
            waiting.sendall(HEAD % (b"/score", 100))
            wait_for(lambda: server.in_flight() == 1, "the request that keeps the server from ending")
            server.process.send_signal(signal.SIGTERM)
            wait_for(lambda: httpx.get(f"{url}/ready", timeout=60).status_code == 503, "the drain")
            assert httpx.get(f"{url}/live", timeout=60).status_code == 200
            server.process.send_signal(signal.SIGTERM)
            wait_for(server.refuses_connections, "the end to begin")
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"{url}/live", timeout=60)
            assert server.process.poll() is None
        assert server.process.wait(60) in (0, -signal.SIGTERM)
