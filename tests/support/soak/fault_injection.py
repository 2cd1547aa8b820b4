"""Fault injection: breaks the store and a replica, one fault after the other, and repairs them."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Final

from support.redis_servers import RedisServer
from support.soak import graceful_shutdown
from support.soak.faults import KINDS, FaultLog, Kind
from support.soak.replica import Replica
from support.soak.scene import Scene
from support.soak.verdict import Verdict

_SLOT_SECONDS: Final = 20.0  # a fault and the healthy time after it
_LONGEST_HOLD_SECONDS: Final = 5.0
_HOLD_SHARE: Final = 0.25  # of a slot
_SHORTEST_CALM_SECONDS: Final = 0.5
_AFTER_KILL_SECONDS: Final = 0.5  # until balancer and clients have noticed
_EXITS: Final = (0, -signal.SIGTERM)


class Schedule:
    """Every kind of fault in turn, at fixed times, as many rounds as fit but at least one."""

    def __init__(self, seconds: float, kinds: Sequence[Kind] = KINDS) -> None:
        rounds = max(1, int(seconds / (len(kinds) * _SLOT_SECONDS)))
        self.kinds = tuple(kinds) * rounds
        self.slot_seconds = seconds / (len(self.kinds) + 1)
        self.hold_seconds = min(_LONGEST_HOLD_SECONDS, self.slot_seconds * _HOLD_SHARE)


class FaultInjector:
    """Injects faults into the store and one of the replicas; the other replica lives through everything."""

    def __init__(
        self, *, store: RedisServer, victim: Replica, survivor: Replica, verdict: Verdict, scene: Scene
    ) -> None:
        self._store = store
        self._victim = victim
        self._survivor = survivor
        self._verdict = verdict
        self._scene = scene
        self._faults: FaultLog = verdict.faults
        self.workers_killed = 0

    def follow(self, schedule: Schedule) -> None:
        """Break and repair as planned; a repair that takes too long is an error."""
        harms: dict[Kind, Callable[[float], None]] = {
            "redis killed": self._kill_store,
            "redis stalled": self._stall_store,
            "redis paused": self._pause_store,
            "replica restarted": self._restart,
            "replica killed": self._kill,
            "book worker killed": self._kill_worker,
            "replica started without redis": self._start_without_store,
        }
        started = time.monotonic()
        for number, kind in enumerate(schedule.kinds, start=1):
            begins_at = started + number * schedule.slot_seconds
            time.sleep(max(_SHORTEST_CALM_SECONDS, begins_at - time.monotonic()))
            harms[kind](schedule.hold_seconds)
        ends_at = started + (len(schedule.kinds) + 1) * schedule.slot_seconds
        time.sleep(max(_SHORTEST_CALM_SECONDS, ends_at - time.monotonic()))

    def _kill_store(self, hold_seconds: float) -> None:
        self._warm_up()
        with self._faults.announced("redis killed"):
            self._store.kill()
            time.sleep(hold_seconds)
            self._store.start()
            self._wait_until_mended()

    def _stall_store(self, hold_seconds: float) -> None:
        self._warm_up()
        with self._faults.announced("redis stalled"):
            with self._store.stopped():
                time.sleep(hold_seconds)
            self._wait_until_mended()

    def _pause_store(self, hold_seconds: float) -> None:
        self._warm_up()
        with self._faults.announced("redis paused"):
            self._store.client().execute_command("CLIENT", "PAUSE", round(hold_seconds * 1000.0), "ALL")
            time.sleep(hold_seconds)
            self._wait_until_mended()

    def _restart(self, _hold_seconds: float) -> None:
        with self._faults.announced("replica restarted"):
            self._stop()
            self._victim.start()
            self._wait_until_mended()

    def _kill(self, _hold_seconds: float) -> None:
        with self._faults.announced("replica killed"):
            self._victim.kill()
            time.sleep(_AFTER_KILL_SECONDS)
        self._victim.start()
        self._wait_until_mended()

    def _kill_worker(self, hold_seconds: float) -> None:
        worker = self._victim.worker
        deadline = time.monotonic() + hold_seconds
        while worker is None and time.monotonic() < deadline:  # it starts with the first large book
            time.sleep(_AFTER_KILL_SECONDS / 10)
            worker = self._victim.worker
        with self._faults.announced("book worker killed"):
            if worker is not None:
                os.kill(worker, signal.SIGKILL)
                self.workers_killed += 1
            time.sleep(_AFTER_KILL_SECONDS)

    def _start_without_store(self, hold_seconds: float) -> None:
        """A replica that starts while the store is down knows no changes and no records until it is back."""
        self._warm_up()
        with self._faults.announced("replica started without redis"):
            self._store.kill()
            self._stop()
            self._victim.start()
            time.sleep(hold_seconds)
            self._store.start()
            self._wait_until_mended()

    def _stop(self) -> None:
        status = graceful_shutdown.stop(self._victim, verdict=self._verdict, scene=self._scene)
        if status not in _EXITS:
            self._verdict.complain(f"{self._victim.name} ended with status {status} after SIGTERM")

    def _wait_until_mended(self) -> None:
        for replica in (self._victim, self._survivor):
            replica.wait_until_healthy()

    def _warm_up(self) -> None:
        """Let both replicas read all records: while the store is down they use those they have read last."""
        for replica in (self._victim, self._survivor):
            self._scene.show(replica.port)
