"""`adlrisk serve` in a process of its own."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final, Self

import httpx

from support.redis_servers import wait_for

PROGRAM: Final = (sys.executable, "-m", "adlrisk")
LISTENS = re.compile(r"http://127\.0\.0\.1:([0-9]+)")
PROBED = re.compile(r"Probes are answered on 127\.0\.0\.1 port ([0-9]+)")
IN_FLIGHT = re.compile(r"^adlrisk_http_requests_in_flight (\S+)$", re.MULTILINE)


class ServeProcess:
    """`adlrisk serve` in a process of its own, on a port that the system chooses, with its output."""

    def __init__(
        self, log: Path, settings: dict[str, str], *options: str, group: bool = False, before: tuple[str, ...] = ()
    ) -> None:
        """``before`` are programs that run it, as in ``nohup adlrisk serve``."""
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*before, *PROGRAM, "serve", "--port", "0", *options],
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

    @property
    def probe_port(self) -> int:
        """The port for health checks, chosen by the system too."""
        wait_for(lambda: PROBED.findall(self.log.read_text()), "the port for probes")
        return int(PROBED.findall(self.log.read_text())[0])

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
        self.process.wait(60)
