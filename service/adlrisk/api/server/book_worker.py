"""Worker process for large books: ``python -m adlrisk.api.server.book_worker FD``.

It reads a job and a body from the socket it has inherited, answers with the outcome and its pieces, and goes on
to the next. It ends when the service that started it is gone.
"""

import contextlib
import gc
import signal
import socket
import sys
from typing import Final

import msgspec

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.bulk.job import LENGTH, BulkHandler, Job, Outcome, run_job
from adlrisk.telemetry.flushing_server import ENDING_SIGNALS, IGNORED_SIGNALS
from adlrisk.venues.catalogue import Catalogue, load_catalogue

_BULK_ENDPOINTS: Final = {
    endpoint.operation_id: endpoint for endpoint in ENDPOINTS if isinstance(endpoint.handle, BulkHandler)
}


def main(descriptor: int) -> None:
    """Work on books until the other end of the socket closes."""
    # The service drains on a signal, and books in work with it; the worker ends with the service.
    for ignored in (signal.SIGTERM, signal.SIGINT, *ENDING_SIGNALS, *IGNORED_SIGNALS):
        signal.signal(ignored, signal.SIG_IGN)
    gc.disable()  # a book is millions of objects without a cycle among them
    bundled = venues = load_catalogue()
    # Where the service is killed, it cannot take the answer any more.
    with socket.socket(fileno=descriptor) as line, contextlib.suppress(ConnectionError):
        while (header := _received(line)) is not None:
            job = msgspec.msgpack.decode(header, type=Job)
            if job.overrides != venues.overrides:
                venues = bundled.with_overrides(job.overrides)
            outcome = _outcome(job, line, venues)
            _send(line, outcome)
            del outcome


def _outcome(job: Job, line: socket.socket, venues: Catalogue) -> Outcome:
    endpoint = _BULK_ENDPOINTS[job.operation]
    if endpoint.body is None or not isinstance(endpoint.handle, BulkHandler):
        raise LookupError(job.operation)
    body = _received(line) or bytearray()
    return run_job(job, body, kind=endpoint.body.type, handler=endpoint.handle, venues=venues)


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
    main(int(sys.argv[1]))
