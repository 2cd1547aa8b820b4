"""The check for known vulnerabilities, against databases that know some, none or nothing, or do not answer."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml

from support.running import ROOT

FOUND, UNCHECKED = 1, 3
EXAMPLE = "jinja2==2.4.1"  # OSV's own example of a release with some; we have a later one


class Database(ThreadingHTTPServer):
    """A database in OSV's form that knows vulnerabilities of ``known`` packages and releases, and may fail later."""

    daemon_threads = True

    def __init__(self, known: set[str], *, fails_after: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.known = known
        self.fails_after = fails_after
        self.asked: set[str] = set()
        self.queries = 0


class Answers(BaseHTTPRequestHandler):
    """``/v1/querybatch`` and ``/v1/vulns/ID`` of OSV."""

    server: Database

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        self.server.queries += 1
        if self.server.fails_after is not None and self.server.queries > self.server.fails_after:
            self._send(500, {})
            return
        releases = [(query["package"]["name"], f"{query['package']['name']}=={query['version']}") for query in queries]
        self.server.asked.update(name for name, _ in releases)
        found = {"vulns": [{"id": "GHSA-xxxx-test", "modified": "2026-01-01T00:00:00Z"}]}
        self._send(200, {"results": [found if self.server.known & {*names} else {} for names in releases]})

    def do_GET(self) -> None:
        dated = {"modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z"}
        self._send(200, {"id": "GHSA-xxxx-test", "summary": "answers are wrong", "affected": [], **dated})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def serving(database: Database) -> Iterator[str]:
    thread = threading.Thread(target=database.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{database.server_port}/mirror/"
    finally:
        database.shutdown()
        database.server_close()


def check(url: str) -> subprocess.CompletedProcess[str]:
    # No index is asked: whether a project is deprecated is not the subject.
    environ = {**os.environ, "VULNERABILITY_DATABASE": url, "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}
    command = [sys.executable, str(ROOT / ".ci" / "check_vulnerabilities.py")]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_a_known_vulnerability_is_found() -> None:
    """A vulnerability of a locked package is named, with exit code 1."""
    with serving(Database({EXAMPLE, "orjson"})) as url:
        done = check(url)
    assert done.returncode == FOUND, done
    assert "orjson" in done.stdout
    assert "GHSA-xxxx-test: answers are wrong" in done.stdout


def test_no_known_vulnerability_is_no_finding() -> None:
    """Exit code 0 means that the database was asked about every locked package, build tools included."""
    database = Database({EXAMPLE})
    with serving(database) as url:
        done = check(url)
    assert done.returncode == 0, done
    assert "none known" in done.stdout
    lock = (ROOT / "uv.lock").read_text()
    locked = {line.removeprefix('name = "').rstrip('"') for line in lock.splitlines() if line.startswith('name = "')}
    assert {"uv", "hatchling", "cyclonedx-bom", "litestar"} <= locked
    assert database.asked == locked - {"adlrisk"}


@pytest.mark.parametrize(
    "database",
    [lambda: Database(set()), lambda: Database({EXAMPLE}, fails_after=1), lambda: Database({EXAMPLE}, fails_after=0)],
    ids=["empty", "fails later", "fails at once"],
)
def test_an_answer_that_means_nothing_is_no_answer(database: Any) -> None:
    """A database without the best-known vulnerabilities, or with errors, gives exit code 3, never 0."""
    with serving(database()) as url:
        done = check(url)
    assert done.returncode == UNCHECKED, done
    assert "NOT CHECKED" in done.stdout
    assert "none known" not in done.stdout


def test_an_unreachable_database_is_no_answer() -> None:
    """Where no database answers, the check says so, with exit code 3."""
    done = check("http://127.0.0.1:9")
    assert done.returncode == UNCHECKED, done
    assert "NOT CHECKED" in done.stdout


def run_recipe(target: str, code: int) -> int:
    """The exit code of the target's lines that check vulnerabilities, when the check exits with ``code``."""
    shown = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "-o", ".venv/uv", "-o", ".venv/audit", target],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (line,) = [line for line in shown.splitlines() if "check_vulnerabilities.py" in line]
    line = line.replace(".venv/bin/python .ci/check_vulnerabilities.py", f"(exit {code})")
    return subprocess.run(["sh", "-c", line], check=False).returncode


@pytest.mark.parametrize(("code", "audit", "vulnerabilities"), [(0, 0, 0), (FOUND, 1, 1), (UNCHECKED, 0, UNCHECKED)])
def test_only_the_weekly_check_fails_without_a_database(code: int, audit: int, vulnerabilities: int) -> None:
    """`make audit` fails with a finding only, `make vulnerabilities` without an answer too."""
    assert bool(run_recipe("audit", code)) is bool(audit)
    assert run_recipe("vulnerabilities", code) == vulnerabilities


def test_the_weekly_workflow_checks_vulnerabilities() -> None:
    """A workflow runs `make vulnerabilities` each week, without any permission but to read."""
    workflow = yaml.load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(), Loader=yaml.BaseLoader)  # noqa: S506 ("on" stays a word)
    assert workflow["on"]["schedule"]
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert [step.get("run") for step in job["steps"]] == [None, "make vulnerabilities"]
