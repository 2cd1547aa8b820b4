"""Clients that end sending after their last request: what was complete is answered."""

import socket
from collections.abc import Iterator

import pytest

from support.hostile.failure_cases import SCORE
from support.running import RunningServer, serving
from support.siege import messages
from support.sockets import connected, the_rest

# Not the large books of the worker: who ends sending looks as one who has gone, and their books are given up.
COMPLETE = {
    "a score": (messages.request("/score", SCORE), 1),
    "a batch": (messages.request("/scores", messages.batch(300)), 1),
    "a large batch": (messages.request("/scores", messages.batch(10_000)), 1),
    "a book in process": (messages.request("/queue/rank", messages.book(1_000)), 1),
    "requests one after the other": (
        messages.request("/scores", messages.batch(300)) * 2 + messages.head("/venues", method="GET"),
        3,
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serving(body_timeout_seconds=600.0) as (running, _):
        yield running


@pytest.mark.parametrize("kind", COMPLETE)
def test_a_complete_request_is_answered_after_the_end_of_sending(server: RunningServer, kind: str) -> None:
    """Every request that was complete before the client ended sending is answered in full, then the connection ends."""
    sent, count = COMPLETE[kind]
    with connected(server, sends=sent) as connection:
        connection.shutdown(socket.SHUT_WR)
        received = the_rest(connection)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == received.count(b"HTTP/1.1 ") == count
    assert received.endswith(b"}")


@pytest.mark.parametrize("kind", COMPLETE)
def test_an_incomplete_request_ends_with_its_client(server: RunningServer, kind: str) -> None:
    """Who ends sending in the middle of a request gets no 200 for it, and the connection ends at once."""
    sent, count = COMPLETE[kind]
    with connected(server, sends=sent[:-1]) as connection:
        connection.settimeout(60.0)  # less than the time for a body
        connection.shutdown(socket.SHUT_WR)
        assert the_rest(connection).count(b"HTTP/1.1 200 ") < count
