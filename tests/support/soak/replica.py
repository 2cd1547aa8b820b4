"""A replica as its own process, which can be restarted, killed and inspected."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from support.redis_servers import free_port, wait_for

SERVE = (sys.executable, "-m", "adlrisk", "serve")

_STARTS_WITHIN_SECONDS = 60.0
_ENDS_WITHIN_SECONDS = 60.0
_PAUSE_SECONDS = 0.02


@contextlib.contextmanager
def balancing(ports: Sequence[int], directory: Path) -> Iterator[int]:
    """A balancer in front of the replicas on ``ports``, in its own process; yields its port."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "balancer.py"), str(port), *map(str, ports)]
    with (directory / "balancer.log").open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_for(lambda: _listens(port), "the balancer")
            yield port
        finally:
            process.terminate()


class Replica:
    """``adlrisk serve``, or a ``command`` like it, on its own port, with its log in ``directory``."""

    def __init__(self, name: str, directory: Path, settings: dict[str, str], *, command: Sequence[str] = SERVE) -> None:
        self.name = name
        self.port = free_port()
        self.log = directory / f"{name.replace(' ', '-')}.log"
        self.started_pids: set[int] = set()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ADLRISK_")}
        self._environ = {**inherited, **settings}
        self._command = [*command, "--port", str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The service's process; 0 while there is none."""
        process = self._process
        return 0 if process is None else process.pid

    @property
    def worker(self) -> int | None:
        """Its book worker's process; ``None`` before the first large book."""
        try:
            found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        except OSError:
            return None
        self.started_pids.update(map(int, found))
        return int(found[0]) if found else None

    def launch(self) -> None:
        """Start the process."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environ, stdout=log, stderr=log)
        self.started_pids.add(self.pid)

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until it is ready, even if degraded."""
        self._wait_until({"ready", "degraded"})

    def wait_until_healthy(self) -> None:
        """Wait until it is ready and not degraded."""
        self._wait_until({"ready"})

    def stop(self) -> int:
        """End it as Kubernetes does, with SIGTERM; returns its exit status."""
        self.terminate()
        return self.wait()

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self.signal(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for its end; returns its exit status. One that does not end is killed."""
        if self._process is None:
            return 0
        try:
            status = self._process.wait(_ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait(_ENDS_WITHIN_SECONDS)
        self._process = None
        return status

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_ENDS_WITHIN_SECONDS)
            self._process = None

    def _wait_until(self, wanted: set[str]) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
        while self._status() not in wanted:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} did not become {' or '.join(sorted(wanted))}")
            time.sleep(_PAUSE_SECONDS)

    def _status(self) -> str:
        """Its own status; empty while it cannot be reached or is not ready."""
        try:
            response = httpx.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5.0)
        except httpx.TransportError:
            return ""
        content: dict[str, Any] = response.json()
        return str(content["status"]) if response.is_success else ""


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
