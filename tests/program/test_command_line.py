"""The command line as a user runs it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import click.testing
import httpx
import pytest
import uvicorn

from adlrisk.__main__ import main
from adlrisk.api.limits.api_keys import digest_key
from adlrisk.settings import read_settings
from support.redis_servers import wait_for
from support.running import EXAMPLES, ROOT, RunningServer, example, serving

PROGRAM = (sys.executable, "-m", "adlrisk")
LISTENS = re.compile(r"http://127\.0\.0\.1:([0-9]+)")
IN_FLIGHT = re.compile(r"^adlrisk_http_requests_in_flight (\S+)$", re.MULTILINE)


def run(*arguments: str, stdin: str | None = None, **environ: str) -> click.testing.Result:
    """Invoke the program in this process; any exception but SystemExit is raised."""
    done = click.testing.CliRunner().invoke(main, arguments, input=stdin, env=environ)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def run_process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    env = {**os.environ, **environ}
    return subprocess.run([*PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False)


def test_score_prints_the_answer() -> None:
    """A file is scored without a server, with the service's answer."""
    done = run_process("score", str(EXAMPLES / "score.request.json"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == example("score.answer")


def test_score_reads_standard_input() -> None:
    """A dash means standard input."""
    done = run("score", "-", stdin=json.dumps(example("score.request")))
    assert json.loads(done.stdout)["score"] == 8


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("{", "truncated"),
        ('{"position":{}}', "/position/side: required, but missing"),
        (json.dumps({**example("score.request"), "venue": "nowhere"}), "no venue 'nowhere'"),
    ],
)
def test_score_names_the_invalid_field(body: str, complaint: str) -> None:
    """Invalid input exits with status 1 and a line that names the field."""
    done = run("score", "-", stdin=body)
    assert done.exit_code == 1
    assert complaint in done.stderr


def test_make_key_prints_a_new_key_and_its_digest() -> None:
    """Each key is new, and hash-key, reading it from standard input, prints the same digest."""
    keys = set()
    for _ in range(2):
        key, digest = (line.split()[1] for line in run("make-key").stdout.splitlines())
        assert len(key) > 40
        assert run("hash-key", stdin=f"{key}\n").stdout.strip() == digest
        assert read_settings({"ADLRISK_ADMIN_KEYS": digest}).admin_keys == digest
        keys.add(key)
    assert len(keys) == 2
    assert run("hash-key", stdin="\n").exit_code == 1


@pytest.mark.parametrize("key", ["schlüssel", "キー", "a\tkey", "\x7f"])
def test_hash_key_refuses_keys_that_no_header_can_carry(key: str) -> None:
    """A key that clients encode differently, or cannot send, would never match its digest."""
    done = run("hash-key", stdin=f"{key}\n")
    assert done.exit_code == 1
    assert "printable ASCII" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADLRISK_REDIS_URL", "redis://:secret@host:port"),
        ("ADLRISK_REDIS_URL", "redis+sentinel://:secret@host"),
        ("ADLRISK_REDIS_URL", "redis://:secret@host/main"),
        ("ADLRISK_REDIS_URL", "http://:secret@host"),
        ("ADLRISK_REDIS_CA_FILE", "/nowhere/ca.pem"),
        ("ADLRISK_ADMIN_KEYS", "secret"),
    ],
)
def test_an_invalid_setting_prevents_the_start(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """The program exits with one line that names the variable, without the secret."""
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_: pytest.fail("it serves"))
    done = run("serve", "--port", "0", **{variable: value})
    assert done.exit_code == 1
    assert variable in done.stderr
    assert "secret" not in done.output


def test_openapi_prints_the_committed_document() -> None:
    """No server is needed."""
    assert json.loads(run("openapi").stdout) == json.loads((ROOT / "openapi" / "openapi.json").read_bytes())


def test_an_invalid_setting_is_named_without_a_traceback() -> None:
    """The error names the variable."""
    done = run_process("serve", ADLRISK_MAX_SCORE_BYTES="lots")
    assert done.returncode == 1
    assert "ADLRISK_MAX_SCORE_BYTES" in done.stderr
    assert "Traceback" not in done.stderr


class ServeProcess:
    """`adlrisk serve` in a process of its own, on a port that the system chooses, with its output."""

    def __init__(self, log: Path, settings: dict[str, str], *, group: bool = False) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--port", "0"],
                env={**os.environ, **settings},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=group,
            )
        wait_for(self._has_started, "the server to start")
        self.port = int(LISTENS.findall(log.read_text())[0])
        self.url = f"http://127.0.0.1:{self.port}"

    def _has_started(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return bool(LISTENS.findall(self.log.read_text()))

    def in_flight(self) -> int:
        """The number of requests in progress, without this one."""
        found = IN_FLIGHT.findall(httpx.get(f"{self.url}/metrics", timeout=60).text)
        return int(float(found[0])) - 1

    def refuses_connections(self) -> bool:
        """Whether it has begun to stop."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=60).close()
        except ConnectionRefusedError:
            return True
        return False

    def worker(self) -> int | None:
        """The process of the book worker, once it runs."""
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                if b"book_worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(30)


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
    """SIGTERM to the process group while the worker has its first book still lets the book be answered."""
    with ServeProcess(tmp_path / "log", {"ADLRISK_INLINE_BOOK_BYTES": "1024"}, group=True) as server:
        rows = [{"id": str(n), "side": "long", "size": 1, "entry_price": 100 + n, "leverage": 5} for n in range(500)]
        book = {"venue": "bitmex", "mark_price": 110, "positions": rows}
        answered: list[httpx.Response] = []
        sender = threading.Thread(
            target=lambda: answered.append(httpx.post(f"{server.url}/queue/rank", json=book, timeout=60))
        )
        sender.start()
        wait_for(server.worker, "the worker")
        worker = server.worker()
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        os.killpg(server.process.pid, signal.SIGTERM)
        wait_for(server.refuses_connections, "the end to begin")
        os.kill(worker, signal.SIGCONT)
        sender.join(60)
        assert [response.status_code for response in answered] == [200]
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


def test_probe_reports_readiness(server: RunningServer) -> None:
    """Status 0 with readiness and a score; status 1 with a reason if there is no service or it refuses."""
    done = run("probe", "--score", server.url)
    assert done.exit_code == 0, done.stderr
    ready, scored = map(json.loads, done.stdout.splitlines())
    assert ready["status"] == "ready"
    assert scored["max_score"] == 10
    for url, complaint in (
        (f"{server.url}/nowhere", "404"),
        ("http://127.0.0.1:1", "refused"),
        ("ftp://x", "not the URL"),
        ("http://x:y", "x:y"),
    ):
        refused = run("probe", url)
        assert refused.exit_code == 1
        assert complaint in refused.stderr


def test_probe_reports_that_scores_need_a_key() -> None:
    """On a service with keys, readiness is answered and the score is refused."""
    with serving(api_keys=digest_key("k")) as (server, _):
        assert run("probe", server.url).exit_code == 0
        done = run("probe", "--score", server.url)
    assert done.exit_code == 1
    assert "401" in done.stderr
