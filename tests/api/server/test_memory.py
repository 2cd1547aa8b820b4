"""The memory of the service and its worker, as shipped and with default limits, under the largest books."""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import pytest
import yaml

from support.large_books import allocation_request, in_rows, rank_request
from support.large_simulations import every_id, largest_book
from support.redis_servers import wait_for
from support.running import ROOT
from support.soak.replica import Replica

MIB: Final = 1 << 20
PAGE: Final = 4096
VALUES: Final = yaml.safe_load((ROOT / "helm" / "adlrisk" / "values.yaml").read_text())
LIMIT_MIB: Final = int(VALUES["resources"]["limits"]["memory"].removesuffix("Gi")) * 1024
HEAD: Final = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: %s\r\naccept: %s\r\ncontent-length: %d\r\n\r\n"
JSON, PACKED = b"application/json", b"application/msgpack"


# Prints how many of 100 MiB are given back, when freed under a block that is still in use.
FREED: Final = """
from pathlib import Path
from adlrisk.api.server.allocator import return_large_blocks

def resident_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) >> 8

return_large_blocks()
bytearray(16 << 20)  # glibc would keep blocks of up to this size from now on
blocks = [bytearray(1 << 20) for _ in range(101)]
before = resident_mib()
del blocks[:-1]
print(before - resident_mib())
"""


class Measured:
    """A running service, whose memory and that of its worker is sampled: resident, what they share counted twice."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.peak_mib = 0.0
        self._ends = threading.Event()
        self._sampler = threading.Thread(target=self._sample)

    def __enter__(self) -> Self:
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._sampler.join()

    @property
    def service_mib(self) -> float:
        return resident_mib(self.replica.pid)

    @property
    def worker_mib(self) -> float:
        return resident_mib(self.replica.worker or 0)

    @contextlib.contextmanager
    def asked(self, path: bytes, request: Any, *, media_type: bytes = JSON) -> Iterator[socket.socket]:
        """A connection that has sent a request, and has read nothing of its answer."""
        encode = msgspec.json.encode if media_type == JSON else msgspec.msgpack.encode
        body = encode(request)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that the answer stays where it is
            connection.settimeout(60)
            connection.connect(("127.0.0.1", self.replica.port))
            connection.sendall(HEAD % (path, media_type, media_type, len(body)) + body)
            yield connection

    def _sample(self) -> None:
        while not self._ends.wait(0.005):
            self.peak_mib = max(self.peak_mib, self.service_mib + self.worker_mib)


def resident_mib(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / MIB
    except OSError:  # there is none, or none any more
        return 0.0


def status_of(connection: socket.socket) -> int:
    """The status of the answer that has begun to come; no more of it is read."""
    return int(connection.recv(12)[-3:])


def read_all(connection: socket.socket) -> int:
    """The size of the rest of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MIB)
    head, _, content = connection.recv(4096).partition(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    received = len(content)
    while received < length:
        received += len(connection.recv(MIB))
    return length


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Measured]:
    # All limits are the defaults, but for time: a busy machine takes longer, and clients here read nothing for as long.
    times = {"ADLRISK_BODY_TIMEOUT_SECONDS": "600", "ADLRISK_BOOK_TIMEOUT_SECONDS": "600"}
    replica = Replica("measured", tmp_path, times)
    replica.start()
    try:
        with Measured(replica) as measured:
            yield measured
    finally:
        replica.stop()


def assert_given_back(measured: Measured, *, rest_mib: float) -> None:
    """Assert that within a minute the service is at rest again, and the worker little more than what it imports."""
    wait_for(lambda: measured.service_mib < rest_mib + 16, "the service's memory", within_seconds=60)
    wait_for(lambda: measured.worker_mib < 70, "the worker's memory", within_seconds=60)


def test_large_blocks_are_given_back_when_they_are_freed() -> None:
    """Whatever else is in use, and however large the blocks before them were."""
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) >= 99


def test_books_that_are_too_large_take_little_memory(measured: Measured) -> None:
    """1.5 million positions fit into 30 MB, and are refused before they fill the memory, in both formats."""
    rest = measured.service_mib
    for media_type in (JSON, PACKED):
        with measured.asked(b"/queue/rank", rank_request(1_500_000), media_type=media_type) as connection:
            assert status_of(connection) == 413
    assert measured.peak_mib < LIMIT_MIB / 2
    assert_given_back(measured, rest_mib=rest)


def test_largest_books_fit_into_the_memory_of_the_chart(measured: Measured) -> None:
    """The largest answer, and as many as there may be that nobody reads; then all of the memory is given back.

    Whoever sends a book meanwhile is refused, though it is small.
    """
    rest = measured.service_mib
    with measured.asked(b"/queue/rank", rank_request(300_000)) as connection:
        assert status_of(connection) == 200
        assert read_all(connection) > 80 * MIB
    assert measured.peak_mib < LIMIT_MIB / 2
    book = in_rows(allocation_request(300_000, layout="columns"))
    with contextlib.ExitStack() as stack:
        unread = [
            stack.enter_context(measured.asked(path, request, media_type=PACKED))
            for path, request in [(b"/adl/allocate", book)] * 2 + [(b"/queue/rank", rank_request(1))] * 2
        ]
        assert list(map(status_of, unread)) == [200, 200, 503, 503]
        wait_for(lambda: measured.service_mib > rest + 2 * 90, "both answers")
    assert measured.peak_mib < LIMIT_MIB
    assert_given_back(measured, rest_mib=rest)


@pytest.mark.parametrize("request_of", [lambda: largest_book(points=5), lambda: every_id(1)], ids=["book", "ids"])
def test_largest_exposures_take_no_more_than_half_of_the_memory(
    measured: Measured, request_of: Callable[[], dict[str, Any]]
) -> None:
    """The most positions, or a curve of 401 moves in eight cases for 101 ids; then the memory is given back."""
    rest = measured.service_mib
    with measured.asked(b"/adl/exposure", request_of()) as connection:
        assert status_of(connection) == 200
        read_all(connection)
    assert 80 < measured.peak_mib < LIMIT_MIB / 2
    wait_for(lambda: measured.service_mib < rest + 24, "the service's memory", within_seconds=60)
    wait_for(lambda: measured.worker_mib < 128, "the worker's memory", within_seconds=60)
