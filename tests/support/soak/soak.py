"""Soak test: mixed load for a limited time while faults are injected: ``make soak``.

Several clients ask everything of two replicas with one store behind a balancer; every answer is compared with the
library's. Meanwhile the store is killed, stalled and paused, and one replica is restarted and killed. Exits with 1 if
an answer was wrong, a failure has no explanation, memory grew, or a started process is still running.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from adlrisk.api.limits.api_keys import digest_key
from support.plain_http import read_certificates_once
from support.redis_servers import RedisServer, wait_for
from support.running import ADMIN_KEY, WRITE_KEY
from support.soak.fault_injection import FaultInjector, Schedule
from support.soak.faults import FaultLog
from support.soak.footprint import Footprint
from support.soak.load.bad_input import BODY_TIMEOUT_SECONDS
from support.soak.load.callers import Callers
from support.soak.replica import Replica, balancing
from support.soak.report import report
from support.soak.scene import Scene
from support.soak.verdict import Verdict

DRAIN_DELAY_SECONDS: Final = 1.0  # ten checks of the balancer

DEFAULTS: Final = {"SECONDS": "165", "BOTS": "6", "SEED": "1", "FOLDER": ".soak"}

_ENDS_SECONDS: Final = 10.0  # the worker of a killed service ends by itself
_SWITCH_SECONDS: Final = 0.0005  # so that computing expected answers delays the clocks of other clients less

SETTINGS: Final = {
    "ADLRISK_ADMIN_KEYS": digest_key(ADMIN_KEY),
    "ADLRISK_BODY_TIMEOUT_SECONDS": str(BODY_TIMEOUT_SECONDS),
    "ADLRISK_DRAIN_DELAY_SECONDS": str(DRAIN_DELAY_SECONDS),
    "ADLRISK_LOG_LEVEL": "warning",
    "ADLRISK_MAX_BOOKS": "32",  # more than there are clients: none may be rejected
    "ADLRISK_REDIS_DEADLINE_SECONDS": "2",  # a busy machine must not look like a slow store
    "ADLRISK_REDIS_PATIENCE_SECONDS": "5",
    "ADLRISK_REDIS_REFRESH_SECONDS": "1",
    "ADLRISK_WRITE_KEYS": digest_key(WRITE_KEY),
}


def run(seconds: float, *, bots: int, seed: int, folder: Path) -> tuple[Verdict, str]:
    """Run once with logs in ``folder``; returns the verdict and the report."""
    faults = FaultLog()
    verdict, scene, schedule = Verdict(faults), Scene(faults), Schedule(seconds)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(RedisServer(folder / "store", "--appendonly", "yes", "--appendfsync", "always"))
        settings = {**SETTINGS, "ADLRISK_REDIS_URL": store.url}
        survivor, victim = replicas = [Replica(f"replica {number}", folder, settings) for number in (1, 2)]
        for replica in replicas:
            stack.callback(replica.stop)
            replica.launch()
        callers_port = stack.enter_context(_balanced(replicas, folder))
        callers = Callers(port=callers_port, bots=bots, seed=seed, scene=scene, verdict=verdict)
        callers.set_the_scene()
        breaker = FaultInjector(store=store, victim=victim, survivor=survivor, verdict=verdict, scene=scene)
        with Footprint(replicas) as footprint, callers:
            try:
                breaker.follow(schedule)
            except Exception:  # noqa: BLE001 (whatever does not mend: the report says so, and what came of it)
                verdict.complain(traceback.format_exc())
    for complaint in (*footprint.complaints(), *_left_over(replicas), *_logged(replicas, breaker.workers_killed)):
        verdict.complain(complaint)
    lasted, load = time.monotonic() - faults.began_at, os.getloadavg()[0]
    notes = (
        f"{lasted:.0f} seconds, {bots} bots, seed {seed}, {os.cpu_count()} cores, load average {load:.1f} at the end",
        f"{callers.hung_up:,} times a caller hung up in the middle of a request or of its answer",
        f"{verdict.last_on_connection:,} answers said `connection: close`",
    )
    return verdict, report(verdict, footprint, notes=notes)


@contextlib.contextmanager
def _balanced(replicas: Iterable[Replica], folder: Path) -> Iterator[int]:
    """The port of a balancer in front of the replicas, once they are ready."""
    for replica in replicas:
        replica.wait_until_ready()
    with balancing([replica.port for replica in replicas], folder) as port:
        yield port


def _left_over(replicas: Iterable[Replica]) -> Iterator[str]:
    """Processes of replicas that still run; the store and the balancer have been waited for."""
    for pid in sorted(pid for replica in replicas for pid in replica.started_pids):
        try:
            wait_for(lambda pid=pid: not _command_of(pid), f"the end of process {pid}", within_seconds=_ENDS_SECONDS)
        except AssertionError:
            yield f"process {pid} is still there: {_command_of(pid)!r}"


def _command_of(pid: int) -> bytes:
    """The command of a process; empty once it has ended, even as a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _logged(replicas: Iterable[Replica], workers_killed: int) -> Iterator[str]:
    """Unexplained errors and tracebacks in the replicas' logs."""
    for replica in replicas:
        for line in replica.log.read_text().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                yield f"{replica.name} wrote {line!r}"
                continue
            if entry["event"] == "book worker lost" and workers_killed > 0:
                workers_killed -= 1
            elif entry["level"] not in ("debug", "info", "warning"):
                yield f"{replica.name} logged {line}"


def main() -> int:
    """Run as the SOAK_* variables say, print the report, and write it into SOAK_FOLDER; 1 if anything was wrong."""
    given = {name: os.environ.get(f"SOAK_{name}") or default for name, default in DEFAULTS.items()}
    folder = Path(given["FOLDER"])
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)  # so that started processes are ended
    sys.setswitchinterval(_SWITCH_SECONDS)
    read_certificates_once()
    verdict, written = run(float(given["SECONDS"]), bots=int(given["BOTS"]), seed=int(given["SEED"]), folder=folder)
    (folder / "report.md").write_text(written)
    sys.stdout.write(f"{written}\n")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
