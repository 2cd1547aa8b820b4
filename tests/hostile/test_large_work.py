"""Bodies that are small on the wire and large in work: they are refused, or hold nobody up."""

import select
import time

from support.hostile.failure_cases import JSON
from support.running import RunningServer, serving
from support.siege import messages
from support.sockets import connected, is_whole

DENSE = messages.request("/adl/allocate", messages.allocation(6_400))
ROUNDS = 5


def test_a_book_of_too_many_positions_is_refused() -> None:
    """More than 300,000 positions are too large by themselves, at a fifth of the largest body."""
    with serving() as (_, client):
        for path, book in (("/queue/rank", messages.book), ("/adl/allocate", messages.allocation)):
            answer = client.post(path, content=book(300_001), headers=JSON)
            assert answer.status_code == 413
            assert "300000" in answer.json()["detail"]


def test_a_dense_book_holds_up_no_score() -> None:
    """A score that is sent after a book of 6,400 positions in 118 kB is answered before it."""
    with serving() as (server, _):
        sooner = sum(is_answered_sooner(server) for _ in range(ROUNDS))
    assert sooner > ROUNDS // 2


def test_numbers_that_take_long_to_read_are_refused() -> None:
    """A score of 62 kB of denormal numbers is a malformed body, and the largest score of others is none."""
    with serving() as (_, client):
        refused = client.post("/score", content=messages.denormals(62_000), headers=JSON)
        answered = client.post("/score", content=messages.denormals(62_000).replace(b"e-324", b".00000"), headers=JSON)
    assert (refused.status_code, answered.status_code) == (400, 200)


def is_answered_sooner(server: RunningServer) -> bool:
    """Whether a score is answered before the book that was sent first."""
    with connected(server, sends=DENSE) as stranger, connected(server) as bot:
        time.sleep(0.01)  # until the book is there
        bot.sendall(messages.request("/score", messages.score()))
        ready, _, _ = select.select([stranger, bot], [], [], 60.0)
        received = b""
        while not is_whole(received):
            received += stranger.recv(1 << 20)
    assert received.startswith(b"HTTP/1.1 200 ")
    return ready == [bot]
