"""Signals that end a process: none of them loses a request."""

import signal
import socket
from pathlib import Path

import pytest

from support.hostile.failure_cases import SCORE
from support.redis_servers import wait_for
from support.siege import messages
from support.siege.others import Client
from support.soak.replica import Replica
from support.sockets import answer_of, the_rest


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_drains(tmp_path: Path, number: signal.Signals) -> None:
    """A request that began before a signal is answered, readiness says no meanwhile, and then the process ends."""
    replica = Replica("replica", tmp_path, {"ADLRISK_DRAIN_DELAY_SECONDS": "600"})
    replica.start()
    request = messages.request("/score", SCORE)
    try:
        with socket.create_connection(("127.0.0.1", replica.port), timeout=60.0) as connection:
            connection.sendall(request[:-1])
            replica.signal(number)
            wait_for(lambda: readiness(replica.port) == 503, "readiness to say no")
            connection.sendall(request[-1:])
            answer = answer_of(the_rest(connection))
        replica.signal(number)  # a second one ends the delay
        status = replica.wait()
    finally:
        replica.kill()
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    assert status in (0, -signal.SIGTERM)  # nothing has to be killed, and no core is dumped


def readiness(port: int) -> int:
    with Client(port) as client:
        return client.ask(messages.request("/health/ready", method="GET", close=True))[0]
