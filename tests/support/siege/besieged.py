"""The replica under attack: a process of any checkout, with a store and a probe port where it has one."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self

import httpx

from support.redis_servers import RedisServer, free_port
from support.siege import messages
from support.soak.replica import SERVE, Replica

KEY: Final = "an-operator's-key"
Output = Literal["log", "full disk", "unread pipe"]

_PROBE_PORT: Final = "--probe-port"


class Besieged:
    """``adlrisk serve`` of the checkout ``of``, which knows the market records of ``symbols`` that others score."""

    def __init__(
        self,
        folder: Path,
        *,
        of: Path,
        settings: dict[str, str] | None = None,
        with_redis: bool = False,
        symbols: int = 1,
        behind_seconds: float | None = None,
        output: Output = "log",
    ) -> None:
        folder.mkdir(parents=True)
        self.symbols = [messages.SYMBOL, *(f"{messages.SYMBOL}-{number}" for number in range(1, symbols))]
        self.probe_port = free_port() if behind_seconds is None and has_probe_port(of) else None
        self.store = RedisServer(folder / "store") if with_redis else None
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        environ = {"PYTHONPATH": str(of / "service"), "ADLRISK_ADMIN_KEYS": digest, **(settings or {})}
        if self.store is not None:
            environ["ADLRISK_REDIS_URL"] = self.store.url
        command = self._command(behind_seconds, _redirection(output, folder))
        self.replica = Replica("besieged", folder, environ, command=command)
        self.other = self.replica if behind_seconds is None else Replica("on time", folder, environ)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.store is not None:
                stack.enter_context(self.store)
            for replica in {self.replica, self.other}:
                stack.callback(replica.stop)
                replica.start()
            for symbol in self.symbols:
                self.put_record(symbol)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._stack.close()

    @property
    def port(self) -> int:
        """Where it serves."""
        return self.replica.port

    def put_record(self, symbol: str = messages.SYMBOL) -> None:
        """Put a symbol's market record, at the replica whose clock is right."""
        url = f"http://127.0.0.1:{self.other.port}{messages.market_path(symbol)}"
        headers = {"authorization": f"Bearer {KEY}"}
        httpx.put(url, json=messages.RECORD, headers=headers, timeout=30.0).raise_for_status()

    def _command(self, behind_seconds: float | None, redirection: str) -> Sequence[str]:
        if behind_seconds is not None:
            return (sys.executable, str(Path(__file__).parent / "skewed_clock.py"), str(behind_seconds))
        served = SERVE if self.probe_port is None else (*SERVE, _PROBE_PORT, str(self.probe_port))
        return ("sh", "-c", f'exec "$@" {redirection}', "sh", *served) if redirection else served


@cache
def has_probe_port(of: Path) -> bool:
    """Whether that checkout can answer probes on a port of their own."""
    environ = {**os.environ, "PYTHONPATH": str(of / "service")}
    told = subprocess.run([*SERVE, "--help"], env=environ, capture_output=True, text=True, check=True)
    return _PROBE_PORT in told.stdout


def _redirection(output: Output, folder: Path) -> str:
    """What the shell does with standard output; it opens a pipe for reading too, or it would wait for a reader."""
    if output == "unread pipe":
        os.mkfifo(folder / "pipe")
        return f"1<> {folder / 'pipe'}"
    return "" if output == "log" else "> /dev/full"
