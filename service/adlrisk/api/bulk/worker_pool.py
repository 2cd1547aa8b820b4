"""Worker pool: one worker process for large books, started when the first one comes; small books run in this process.

Decoding and encoding hold the interpreter. A book of a hundred thousand positions would keep every other request
waiting for a tenth of a second, so it goes undecoded to the worker.
"""

import asyncio
import contextlib
import importlib
import os
import signal
import socket
import subprocess  # nosec B404
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar

import msgspec
from structlog.typing import FilteringBoundLogger

from adlrisk.api.bulk.job import (
    LENGTH,
    OUT_OF_MEMORY,
    BulkHandler,
    Job,
    Outcome,
    ReadRecord,
    RecordNeededError,
    TooManyRowsError,
    run_job,
)
from adlrisk.api.http.body import ClientDisconnectedError
from adlrisk.api.http.problems import ProblemError
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import Lookup, MarketKey
from adlrisk.venues.tasks import cancel_tasks

_RETRY_AFTER: Final = {"retry-after": "1"}
_READ_AT_ONCE: Final = 1 << 20
_END_SECONDS: Final = 5.0
_MEMORY_EXITS: Final = (OUT_OF_MEMORY, -signal.SIGSEGV, -signal.SIGABRT)
_EXIT_CHECKS: Final = 50  # a process that has closed its line ends in a moment
_EXIT_CHECK_SECONDS: Final = 0.02
_MAX_INLINE_ROWS: Final = 1500  # positions, once for each policy: two to three milliseconds' work
# OpenBLAS, which books do not use, would reserve memory for a thread on each core.
_WORKER_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1"}

T = TypeVar("T")


class Records(Protocol):
    """The market records that a job may need."""

    def cached(self, key: MarketKey) -> Lookup | None:
        """What is known of a record without waiting; ``None`` if it would have to be read."""

    async def read(self, key: MarketKey) -> Lookup:
        """What is known of a record, read from the store if need be."""


class WorkerPool:
    """Runs jobs: small ones in this process, large ones in a worker process, one after the other."""

    def __init__(
        self,
        *,
        logger: FilteringBoundLogger,
        inline_bytes: int,
        worker_bytes: int,
        timeout_seconds: float,
    ) -> None:
        """``worker_bytes`` is the most memory that the worker may use."""
        self._logger = logger
        self._inline_bytes = inline_bytes
        self._inline_rows: float = _MAX_INLINE_ROWS
        self._worker_bytes = worker_bytes
        self._timeout_seconds = timeout_seconds
        self._worker_lock = asyncio.Lock()
        self._worker: _Worker | None = None
        self._ending: set[asyncio.Task[None]] = set()  # workers that were killed and are not gone yet

    async def start_early(self) -> None:
        """Start the worker for a large book that is about to come, so that it is ready when the book is."""
        if self._worker is None and not self._worker_lock.locked():
            with contextlib.suppress(OSError):  # that book meets it again, and is answered
                async with self._worker_lock:
                    await self._running_worker()

    async def run(
        self,
        job: Job,
        chunks: list[bytes],
        *,
        handler: BulkHandler,
        venues: Catalogue,
        records: Records,
        gone: Callable[[], Awaitable[None]],
    ) -> Outcome:
        """The outcome of ``handler`` on the book whose bytes are ``chunks``, which are used up.

        Raises:
            ProblemError: the worker died or did not answer in time (503). The next book gets a new one.
            ClientDisconnectedError: ``gone`` returned first, for nobody waits for the outcome of a large book.
        """
        if sum(map(len, chunks)) <= self._inline_bytes:
            if "numpy" not in sys.modules:
                # It takes a fifth of a second to import; in a thread, others are answered meanwhile.
                await asyncio.to_thread(importlib.import_module, "adlrisk.domain.queue.queue")
            chunks = [b"".join(chunks)]
            with contextlib.suppress(TooManyRowsError):
                return await self._run_here(job, chunks[0], handler=handler, venues=venues, records=records)
        return await _unless_gone(self._run_in_worker(job, chunks, records), gone)

    def run_now(
        self, job: Job, body: bytes | bytearray, *, handler: BulkHandler, venues: Catalogue, records: Records
    ) -> Outcome | None:
        """The outcome of ``handler`` on a small book; ``None`` for one that has to wait for something."""
        if "numpy" not in sys.modules or len(body) > self._inline_bytes:
            return None
        try:
            return self._try_here(job, body, handler=handler, venues=venues, read_record=_KnownRecords(records))
        except (TooManyRowsError, RecordNeededError):
            return None

    async def close(self) -> None:
        """End the worker."""
        self._discard_worker()
        if self._ending:
            await asyncio.wait(self._ending, timeout=_END_SECONDS)

    async def _run_here(
        self, job: Job, body: bytes, *, handler: BulkHandler, venues: Catalogue, records: Records
    ) -> Outcome:
        """The outcome of ``handler`` on a small book, begun again where a market record had to be read for it."""
        read_record = _KnownRecords(records)
        while True:
            try:
                return self._try_here(job, body, handler=handler, venues=venues, read_record=read_record)
            except RecordNeededError as needed:
                await read_record.read(needed.key)

    def _try_here(
        self, job: Job, body: bytes | bytearray, *, handler: BulkHandler, venues: Catalogue, read_record: ReadRecord
    ) -> Outcome:
        return run_job(job, [body], handler=handler, venues=venues, read_record=read_record, max_rows=self._inline_rows)

    async def _run_in_worker(self, job: Job, chunks: list[bytes], records: Records) -> Outcome:
        async with self._worker_lock:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return await (await self._running_worker()).run(job, chunks, records)
            except (OSError, EOFError, TimeoutError) as error:
                self._logger.error(  # noqa: TRY400 (a lost process, not a defect: no traceback helps)
                    "book worker lost", error=repr(error), request_id=job.request_id
                )
                lost = None if isinstance(error, TimeoutError) else self._worker
                ran_out = lost is not None and await lost.has_run_out_of_memory()
                self._discard_worker()
                if ran_out:
                    detail = "The book needs more memory than one book may take"
                    raise ProblemError("book-too-large", detail) from error
                detail = "The worker processing the book crashed or took too long, and is replaced"
                raise ProblemError("worker-failed", detail, headers=_RETRY_AFTER) from error
            except BaseException:
                self._discard_worker()  # it may be in the middle of a message
                raise

    async def _running_worker(self) -> "_Worker":
        if self._worker is not None and self._worker.has_ended:
            self._discard_worker()
        if self._worker is None:
            self._worker = await _Worker.start(max_bytes=self._worker_bytes)
        return self._worker

    def _discard_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            # The system takes a while to release much memory; no request waits for that.
            ending = asyncio.create_task(worker.ended())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)


async def _unless_gone(work: Coroutine[Any, Any, T], gone: Callable[[], Awaitable[None]]) -> T:
    """What ``work`` comes to, which is cancelled where ``gone`` returns first.

    Raises:
        ClientDisconnectedError: it did.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnectedError
        return working.result()
    finally:
        await cancel_tasks([working, leaving])


class _KnownRecords:
    """The market records that are cached, or have been read for a job."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[MarketKey, Lookup] = {}

    def __call__(self, key: MarketKey) -> Lookup:
        record = self._known.get(key) or self._records.cached(key)
        if record is None:
            raise RecordNeededError(key)
        return record

    async def read(self, key: MarketKey) -> None:
        self._known[key] = await self._records.read(key)


class _Worker:
    """A process that works on one book after the other, and the line to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, *, max_bytes: int) -> "_Worker":
        ours, theirs = socket.socketpair()
        with theirs:
            # The command is our own program, without a shell; starting it takes a few milliseconds, once.
            process = subprocess.Popen(  # noqa: ASYNC220, S603  # nosec B603
                [sys.executable, "-m", "adlrisk.api.server.book_worker", str(theirs.fileno()), str(max_bytes)],
                env={**os.environ, **_WORKER_ENVIRONMENT},
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # a signal to the service's group is the service's to act on: it drains
            )
        reader, writer = await asyncio.open_connection(sock=ours, limit=_READ_AT_ONCE)
        return cls(process, reader, writer)

    @property
    def has_ended(self) -> bool:
        return self._reader.at_eof() or self._process.poll() is not None  # the system may still be taking it apart

    async def run(self, job: Job, chunks: list[bytes], records: Records) -> Outcome:
        header = msgspec.msgpack.encode(job)
        self._writer.write(LENGTH.pack(len(header)) + header + LENGTH.pack(sum(map(len, chunks))))
        chunks.reverse()
        while chunks:
            self._writer.write(chunks.pop())
            await self._writer.drain()
        outcome = await self._receive()
        while outcome.record_needed is not None:
            record = msgspec.msgpack.encode(await records.read(outcome.record_needed))
            self._writer.write(LENGTH.pack(len(record)) + record)
            outcome = await self._receive()
        pieces = [piece for size in outcome.sizes async for piece in self._read(size)]
        return msgspec.structs.replace(outcome, pieces=pieces, sizes=[])

    def kill(self) -> None:
        self._writer.close()
        self._process.kill()

    async def has_run_out_of_memory(self) -> bool:
        """Whether the process, whose line is gone, ends as where an allocation fails: libraries in C may crash then."""
        for _ in range(_EXIT_CHECKS):
            if self._process.poll() is not None:
                break
            await asyncio.sleep(_EXIT_CHECK_SECONDS)
        return self._process.poll() in _MEMORY_EXITS

    async def ended(self) -> None:
        await asyncio.to_thread(self._process.wait)

    async def _receive(self) -> Outcome:
        length = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))[0]
        return msgspec.msgpack.decode(await self._reader.readexactly(length), type=Outcome)

    async def _read(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self._reader.read(min(size, _READ_AT_ONCE))
            if not piece:
                raise EOFError("the worker ended in the middle of an answer")
            size -= len(piece)
            yield piece
