"""``adlrisk serve`` with a standard output that fails, stalls or is closed: every request is still answered."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.redis_servers import free_port, wait_for
from support.running import EXAMPLES

KINDS = ("full disk", "nobody reads", "reader gone", "closed")
SCORE = (EXAMPLES / "score.request.json").read_bytes()


@contextlib.contextmanager
def standard_output(kind: str) -> Iterator[int | None]:
    """A descriptor that takes no lines; ``None``: closed at the start."""
    if kind == "closed":
        yield None
    elif kind == "full disk":
        with Path("/dev/full").open("wb") as full:
            yield full.fileno()
    else:
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        if kind == "reader gone":
            os.close(reader)
        yield writer
        os.close(writer)
        if kind == "nobody reads":
            os.close(reader)


@pytest.fixture(params=KINDS)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, subprocess.Popen[bytes], httpx.Client]]:
    """The service as a process, and a client for it."""
    kind: str = request.param
    port = free_port()
    command = [sys.executable, "-m", "adlrisk", "serve", "--port", str(port)]
    with standard_output(kind) as output, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        if output is None:
            command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
        process = subprocess.Popen(command, stdout=output)
        try:
            wait_for(lambda: is_alive(client), "the service")
            yield kind, process, client
        finally:
            process.kill()
            process.wait()


def is_alive(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/health/live").status_code == 200
    return False


def test_an_unread_log_costs_no_answer(
    served: tuple[str, subprocess.Popen[bytes], httpx.Client],
) -> None:
    """Scores, batches, errors and health are answered, dropped lines are counted, and SIGTERM ends the process."""
    kind, process, client = served
    headers = {"content-type": "application/json"}
    for _ in range(100):  # some 20 kB of lines: five times what the pipe holds
        assert client.post("/score", content=SCORE, headers=headers).status_code == 200
        assert client.post("/score", content=b"{}", headers=headers).status_code == 400
    assert client.post("/scores", content=b'{"items":[%b]}' % SCORE, headers=headers).status_code == 200
    assert client.get("/health/ready").status_code == 200
    if kind != "nobody reads":  # then lines wait in the buffer for a reader
        wait_for(lambda: dropped(client) >= 200, "lines counted as dropped")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) in (0, -signal.SIGTERM)


def dropped(client: httpx.Client) -> float:
    (line,) = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith("adlrisk_log_lines_dropped_total ")
    ]
    return float(line.split()[1])
