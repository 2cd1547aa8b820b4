"""Unread answers: many clients that read nothing take a bounded memory, and those that read get theirs."""

import io
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import msgspec
import pytest

from adlrisk.api.server.unread import UNCOUNTED_BYTES
from adlrisk.settings import Settings
from support.redis_servers import wait_for
from support.running import RunningServer, example
from support.sockets import HEAD, seen

MIB = 1 << 20
BOUND = 8 * MIB
ITEMS = json.dumps({"items": [example("score.request")] * 200}).encode()  # answered with some 650 KB, without a slot
SLACK = 50 * UNCOUNTED_BYTES
CUT_OFF, ANSWERED = "adlrisk_unread_answers_cut_off_total", "adlrisk_http_requests_total"
SCORES = {"route": "/scores", "method": "POST", "status": "200"}


@pytest.fixture
def running() -> Iterator[RunningServer]:
    settings = msgspec.structs.replace(Settings(), max_unread_bytes=BOUND, body_timeout_seconds=600.0)
    with RunningServer(settings, log=io.StringIO()) as running:
        yield running


def ask_and_read_nothing(running: RunningServer, stack: ExitStack) -> socket.socket:
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect(("127.0.0.1", running.port))
    client.sendall(HEAD % (b"/scores", len(ITEMS)) + ITEMS)
    return client


def is_cut_off(client: socket.socket) -> bool:
    """Whether the connection is reset before the answer has come whole."""
    try:
        received = b""
        while piece := client.recv(MIB):
            received += piece
            if received.endswith(b"]}"):
                return False
    except ConnectionResetError:
        return True
    return True


def test_answers_that_nobody_reads_have_a_bound(running: RunningServer) -> None:
    """Of fifty unread answers no more wait than the bound holds; who has waited longest is cut off and counted."""
    with ExitStack() as stack:
        clients = []
        for count in range(1, 51):
            clients.append(ask_and_read_nothing(running, stack))
            wait_for(lambda count=count: seen(running, ANSWERED, **SCORES) == count, "an answer")
            assert running.unread_bytes <= BOUND + SLACK
        cut_off = int(seen(running, CUT_OFF))
        assert 25 <= cut_off < 45
        assert [is_cut_off(client) for client in clients] == [True] * cut_off + [False] * (50 - cut_off)
        assert running.unread_bytes == 0


def test_clients_that_read_are_served_meanwhile(running: RunningServer) -> None:
    """While others read nothing, whoever reads gets a whole answer, however often it is larger than what may wait."""
    with ExitStack() as stack, httpx.Client(base_url=running.url) as client:
        for _ in range(30):
            ask_and_read_nothing(running, stack)
            answer = client.post("/scores", content=ITEMS, headers={"content-type": "application/json"})
            assert len(answer.json()["results"]) == 200
