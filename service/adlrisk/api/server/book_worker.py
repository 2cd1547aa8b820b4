"""Worker process for large books: ``python -m adlrisk.api.server.book_worker FD BYTES``.

It reads a job and a body from the socket it has inherited, answers with the outcome and its pieces, and goes on
to the next. It ends when the service that started it is gone. It imports what books need, and not the service: that
takes half of the time and of the memory.
"""

import contextlib
import gc
import resource
import signal
import socket
import sys
from typing import Final

import msgspec
import orjson  # noqa: F401 (of the codecs, before the memory is limited)

from adlrisk.api.bulk.job import LENGTH, OUT_OF_MEMORY, Job, Outcome, run_job
from adlrisk.api.endpoints.adl.allocate_book import ALLOCATE_BOOK
from adlrisk.api.endpoints.plan.plan_book import PLAN_BOOK
from adlrisk.api.endpoints.queue.rank_book import RANK_BOOK
from adlrisk.api.endpoints.stress.exposure_book import EXPOSURE_BOOK
from adlrisk.api.endpoints.stress.simulate_book import SIMULATE_BOOK
from adlrisk.api.http.codings import compress  # noqa: F401 (the same)
from adlrisk.api.server.allocator import return_large_blocks
from adlrisk.domain.deleverage import allocation  # noqa: F401 (with numpy, before the first book has come)
from adlrisk.domain.queue import placing  # noqa: F401 (the same)
from adlrisk.domain.stress import exposure, simulation  # noqa: F401 (the same)
from adlrisk.venues.catalogue import Catalogue, load_catalogue
from adlrisk.venues.market_records import Lookup, MarketKey

_IGNORED_SIGNALS: Final = (
    signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip
HANDLERS: Final = {
    handler.operation: handler for handler in (RANK_BOOK, ALLOCATE_BOOK, PLAN_BOOK, SIMULATE_BOOK, EXPOSURE_BOOK)
}


def main(descriptor: int, max_bytes: int) -> None:
    """Work on books until the other end of the socket closes, with at most ``max_bytes`` of memory."""
    # The service drains on a signal, and books in work with it; the worker ends with the service.
    for ignored in _IGNORED_SIGNALS:
        signal.signal(ignored, signal.SIG_IGN)
    _limit_memory(max_bytes)
    return_large_blocks()
    gc.disable()  # a book is millions of objects without a cycle among them
    bundled = venues = load_catalogue(clock=lambda: job.now)
    # Where the service is killed, it cannot take the answer any more.
    with socket.socket(fileno=descriptor) as line, contextlib.suppress(ConnectionError):
        while (header := _received(line)) is not None:
            job = msgspec.msgpack.decode(header, type=Job)
            if (job.cards, job.overrides) != (venues.local, venues.overrides):
                venues = bundled.with_local(job.cards).with_overrides(job.overrides)
            outcome = _outcome(job, line, venues)
            _send(line, outcome)
            del outcome


def _limit_memory(max_bytes: int) -> None:
    """Let the kernel give this process no more than ``max_bytes``, nor more than it would have anyway."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = max_bytes if hard == resource.RLIM_INFINITY else min(max_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _outcome(job: Job, line: socket.socket, venues: Catalogue) -> Outcome:
    try:
        body = _received(line) or bytearray()
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    return run_job(
        job,
        [body],
        handler=HANDLERS[job.operation],
        venues=venues,
        read_record=lambda key: _ask(line, job, key),
        compresses=True,
    )


def _ask(line: socket.socket, job: Job, key: MarketKey) -> Lookup:
    """What the service knows of a market record; nothing where it is gone, which ends the work soon."""
    header = msgspec.msgpack.encode(Outcome(media_type=job.answer_media_type, record_needed=key))
    line.sendall(LENGTH.pack(len(header)) + header)
    record = _received(line)
    if record is None:
        raise ConnectionError("the service is gone")
    known: Lookup = msgspec.msgpack.decode(record, type=Lookup)
    return known


def _send(line: socket.socket, outcome: Outcome) -> None:
    pieces = outcome.pieces
    announced = msgspec.structs.replace(outcome, pieces=[], sizes=[len(piece) for piece in pieces])
    header = msgspec.msgpack.encode(announced)
    line.sendall(LENGTH.pack(len(header)) + header)
    pieces.reverse()
    while pieces:
        line.sendall(pieces.pop())


def _received(line: socket.socket) -> bytearray | None:
    """The next message; ``None`` when there is none to come."""
    length = _exactly(line, LENGTH.size)
    return None if length is None else _exactly(line, LENGTH.unpack(length)[0])


def _exactly(line: socket.socket, size: int) -> bytearray | None:
    message = bytearray(size)
    rest = memoryview(message)
    while rest:
        received = line.recv_into(rest)
        if not received:
            return None
        rest = rest[received:]
    return message


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
