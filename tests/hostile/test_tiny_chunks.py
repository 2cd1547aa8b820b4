"""Bodies in tiny chunks, and bodies that go on after their answer: the connection ends."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from adlrisk.api.limits.api_keys import digest_key
from support.hostile.failure_cases import SCORE
from support.running import RunningServer, assert_problem, serving
from support.siege import messages
from support.sockets import answer_of, connected, next_answer, the_rest

WITHIN_SECONDS = 60.0  # a tenth of the time that a client has for its body
BATCH = messages.batch(3_000)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serving(body_timeout_seconds=10.0 * WITHIN_SECONDS) as (running, _):
        yield running


@pytest.mark.parametrize("path", ["/score", "/scores", "/queue/rank", "/adl/partial"])
def test_many_tiny_chunks_are_refused(server: RunningServer, path: str) -> None:
    """Of 2,000 chunks of one byte not all are taken: the answer is 400, and the connection ends."""
    with connected(server, sends=messages.chunked_head(path) + messages.chunks(2_000)) as connection:
        answer = answer_of(the_rest(connection))
    assert_problem(answer, "bad-request", 400)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("path", "body", "size"),
    [("/score", SCORE, 1), ("/scores", BATCH, 100), ("/scores", BATCH[:-2] + b" " * 900 + b"]}", 4096)],
)
def test_a_body_in_fair_chunks_is_answered(server: RunningServer, path: str, body: bytes, size: int) -> None:
    """A few hundred chunks of one byte, and thousands of a hundred, are a body as any other."""
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    sent = b"".join(messages.chunks(1, of=piece) for piece in pieces)
    with connected(server, sends=messages.chunked_head(path) + sent + b"0\r\n\r\n") as connection:
        assert next_answer(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("framing", ["transfer-encoding: chunked", "content-length: 30000"])
@pytest.mark.parametrize(
    ("status", "path", "content_type"),
    [
        (404, "/nowhere", "application/json"),
        (405, "/health/live", "application/json"),
        (401, "/scores", "application/json"),
        (415, "/adl/partial", "text/plain"),
    ],
)
def test_an_early_answer_ends_the_connection(status: int, path: str, content_type: str, framing: str) -> None:
    """An answer before the end of the body says that the connection ends, and it ends though the client sends on."""
    given: dict[str, Any] = {"api_keys": digest_key("a-key")} if status == 401 else {}
    given["body_timeout_seconds"] = 10.0 * WITHIN_SECONDS
    head = messages.head(path, framing).replace(b"application/json", content_type.encode())
    with serving(**given) as (running, _), connected(running, sends=head) as connection:
        answer = answer_of(next_answer(connection))
        assert answer.status_code == status
        assert answer.headers["connection"] == "close"
        assert ends(connection, while_sending=messages.chunks(1))


def ends(connection: socket.socket, *, while_sending: bytes) -> bool:
    """Whether the other side ends a connection though there is always more to read."""
    connection.settimeout(0.05)
    until = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            connection.sendall(while_sending)
            if not connection.recv(1024):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False
