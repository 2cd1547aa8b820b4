"""What `make run-collectors` says, and when."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support.two_collectors import RECORD, describe, wait_for_record


class Process:
    """A process that ends when it has been asked ``ends_after`` times."""

    def __init__(self, ends_after: int = 10**9) -> None:
        self._left = ends_after

    def poll(self) -> int | None:
        self._left -= 1
        return None if self._left >= 0 else 3


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[str, list[int]]]:
    """A server that gives these statuses in turn, and the last one again; what it gave."""
    given: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given.append(statuses[min(len(given), len(statuses) - 1)])
            self.send_response(given[-1] if self.path == RECORD else 400)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{RECORD}", given
        server.shutdown()
        thread.join()


def test_the_demo_waits_for_the_first_record() -> None:
    """It goes on asking while the service has no record, or is not there yet, and no longer."""
    pauses: list[float] = []
    with answering(404, 503, 200, 404) as (url, given):
        assert wait_for_record(url, [Process()], pause=pauses.append)
    assert given == [404, 503, 200]
    assert len(pauses) == 2
    assert not wait_for_record(url, [Process(2)], pause=pauses.append)  # nobody listens there any more


@pytest.mark.parametrize("ends", [0, 1, 2])
def test_the_demo_does_not_wait_for_what_has_ended(ends: int) -> None:
    """Where one of the three ends, such as for a taken port, there will be no record."""
    running = [Process(3 if number == ends else 10**9) for number in range(3)]
    with answering(404) as (url, given):
        assert not wait_for_record(url, running, pause=lambda _: None)
    assert len(given) == 3


def test_the_demo_says_where_the_record_is() -> None:
    """The address of the record, the ports, and a line to paste."""
    text = describe(8100, ones=11, others=22)
    assert text.startswith(f"The first market record is there: open http://localhost:8100{RECORD}\n")
    assert "collectors are on 8101 and 8102" in text
    assert "\nexport ONE=11 OTHER=22 VENUE=" in text
