"""Connections that say nothing: probes have a listener of their own."""

import threading
from pathlib import Path

from support.running import ROOT
from support.siege import messages, senders
from support.siege.besieged import Besieged
from support.siege.others import Client

PROBED = [messages.request(path, method="GET", close=True) for path in ("/health/live", "/health/ready", "/metrics")]


def test_silent_connections_leave_the_probes_answered(tmp_path: Path) -> None:
    """Beside three times as many silent connections as have a place, every probe on the probe port is answered."""
    settings = {"ADLRISK_MAX_CONNECTIONS": "50"}
    with Besieged(tmp_path / "besieged", of=ROOT, settings=settings) as besieged:
        assert besieged.probe_port is not None
        attack = threading.Thread(target=senders.hold_silent, args=(besieged.port, 3.0), kwargs={"count": 150})
        attack.start()
        statuses = []
        with Client(besieged.probe_port, timeout_seconds=30.0) as client:
            while attack.is_alive():
                statuses += [client.ask(request)[0] for request in PROBED]
        attack.join()
    assert set(statuses) == {200}
