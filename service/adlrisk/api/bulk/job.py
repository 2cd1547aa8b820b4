"""Work on books: small ones here, large ones in a worker process of their own.

Decoding and encoding hold the interpreter. A book of a hundred thousand positions would keep every other request
waiting for a tenth of a second, so it goes undecoded to the worker, which is started when the first one comes.
"""

import asyncio
import importlib
import re
import socket
import struct
import subprocess  # nosec B404
import sys
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from adlrisk.api.http import codecs
from adlrisk.api.http.body import ClientDisconnectedError
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, ProblemError, internal_error, problem_for
from adlrisk.api.http.validation import decode_body
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError
from adlrisk.venues.tasks import end_tasks

T = TypeVar("T")

LENGTH: Final = struct.Struct("!Q")  # goes before every message between the service and its worker

_RETRY_AFTER: Final = {"retry-after": "1"}
_READ_AT_ONCE: Final = 1 << 20
_END_SECONDS: Final = 5.0
# Numbers next to nothing (3e-324) are read hundreds of times as slowly as others. Ids may look like some.
_SLOW_NUMBER: Final = re.compile(rb"[0-9.][eE]-0*[1-9][0-9][0-9]")
_MOST_SLOW_NUMBERS: Final = 200


class Tally(Struct, frozen=True, kw_only=True):
    """What was in a book, for the metrics; ``uncovered`` holds the lots left over by each policy."""

    venue: str
    positions: int
    uncovered: Mapping[str, int] = {}


class Worked(Struct, frozen=True, kw_only=True):
    """The answer to a book, in pieces, and what it was about."""

    pieces: list[bytes]
    tally: Tally


Work = Callable[[Any, Catalogue, codecs.Codec], Worked]


class Job(Struct, frozen=True, kw_only=True):
    """A book to work on: which operation, and in which media types it came and is answered."""

    operation: str
    sent: str
    answered: str
    instance: str
    overrides: Mapping[str, Any] = {}  # what operators have changed on the bundled cards


class Outcome(Struct, frozen=True, kw_only=True):
    """The answer to a book, in pieces; ``sizes`` announces those that follow on the wire instead."""

    status: int = 200
    media_type: str
    headers: dict[str, str] = {}
    pieces: list[bytes] = []
    sizes: list[int] = []
    tally: Tally | None = None
    seconds: float = 0.0
    problem: str | None = None  # its slug
    defect: str | None = None  # the traceback of what should not have happened


def perform(job: Job, body: bytes | bytearray, *, kind: Any, work: Work, venues: Catalogue) -> Outcome:
    """The outcome of ``work`` on the book in ``body``, a ``kind`` of request; it never raises."""
    started = time.perf_counter()
    try:
        # A large book fills the memory once, not twice: nothing is kept here that has been handed on.
        handed_on = [decode_body(codecs.CODECS[job.sent].build_decoder(kind), body)]
        del body
        worked = work(handed_on.pop(), venues, codecs.CODECS[job.answered])
        return Outcome(
            media_type=job.answered,
            pieces=worked.pieces,
            tally=worked.tally,
            seconds=time.perf_counter() - started,
        )
    except (RefusedError, UnknownVenueError) as error:
        return _failed(job, problem_for(error))
    except ProblemError as error:
        return _failed(job, error)
    except Exception:  # noqa: BLE001 (the edge of the work: whatever happened becomes an answer)
        return _failed(job, internal_error(), defect=traceback.format_exc())


def _failed(job: Job, error: ProblemError, *, defect: str | None = None) -> Outcome:
    return Outcome(
        status=error.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=error.headers,
        pieces=[msgspec.json.encode(error.problem(instance=job.instance))],
        problem=error.slug,
        defect=defect,
    )


class BookDesk:
    """Has books worked on, the large ones one after the other."""

    def __init__(
        self,
        *,
        logger: FilteringBoundLogger,
        inline_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._logger = logger
        self._inline_bytes = inline_bytes
        self._timeout_seconds = timeout_seconds
        self._turn = asyncio.Lock()
        self._worker: _Worker | None = None
        self._ending: set[asyncio.Task[None]] = set()  # workers that were killed and are not gone yet

    async def perform(
        self,
        job: Job,
        chunks: list[bytes],
        *,
        kind: Any,
        work: Work,
        venues: Catalogue,
        gone: Callable[[], Awaitable[None]],
    ) -> Outcome:
        """The outcome of ``work`` on the book whose bytes are ``chunks``, which are used up.

        Raises:
            ProblemError: the worker died or did not answer in time (503). The next book gets a new one.
            ClientDisconnectedError: ``gone`` returned first, for nobody waits for the outcome of a large book.
        """
        if self._is_small(chunks):
            if "numpy" not in sys.modules:
                # It takes a fifth of a second to import; in a thread, others are answered meanwhile.
                await asyncio.to_thread(importlib.import_module, "adlrisk.domain.queue.queue")
            return perform(job, b"".join(chunks), kind=kind, work=work, venues=venues)
        return await _unless_gone(self._perform_in_worker(job, chunks), gone)

    def perform_at_once(
        self, job: Job, body: bytes | bytearray, *, kind: Any, work: Work, venues: Catalogue
    ) -> Outcome | None:
        """The outcome of ``work`` on a small book; ``None`` for one that has to wait for something."""
        if "numpy" not in sys.modules or not self._is_small([body]):
            return None
        return perform(job, body, kind=kind, work=work, venues=venues)

    async def close(self) -> None:
        """End the worker."""
        self._discard_worker()
        if self._ending:
            await asyncio.wait(self._ending, timeout=_END_SECONDS)

    async def _perform_in_worker(self, job: Job, chunks: list[bytes]) -> Outcome:
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return await (await self._running_worker()).perform(job, chunks)
            except (OSError, EOFError, TimeoutError) as error:
                self._logger.error(  # noqa: TRY400 (a lost process, not a defect: no traceback helps)
                    "book worker lost", error=repr(error), request_id=job.instance
                )
                self._discard_worker()
                detail = "The worker processing the book crashed or took too long, and is replaced"
                raise ProblemError("worker-failed", detail, headers=_RETRY_AFTER) from error
            except BaseException:
                self._discard_worker()  # it may be in the middle of a message
                raise

    def _is_small(self, chunks: Sequence[bytes | bytearray]) -> bool:
        return sum(map(len, chunks)) <= self._inline_bytes and _is_read_fast(chunks)

    async def _running_worker(self) -> "_Worker":
        if self._worker is not None and self._worker.has_ended:
            self._discard_worker()
        if self._worker is None:
            self._worker = await _Worker.start()
        return self._worker

    def _discard_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            # The system takes a while to give much memory back, for which nobody is kept waiting.
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
        await end_tasks([working, leaving])


def _is_read_fast(chunks: Sequence[bytes | bytearray]) -> bool:
    return sum(len(_SLOW_NUMBER.findall(chunk)) for chunk in chunks) <= _MOST_SLOW_NUMBERS


class _Worker:
    """A process that works on one book after the other, and the line to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls) -> "_Worker":
        ours, theirs = socket.socketpair()
        with theirs:
            # The command is our own program, without a shell; starting it takes a few milliseconds, once.
            process = subprocess.Popen(  # noqa: ASYNC220, S603  # nosec B603
                [sys.executable, "-m", "adlrisk.api.server.book_worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # a signal to the service's group is the service's to act on: it drains
            )
        reader, writer = await asyncio.open_connection(sock=ours, limit=_READ_AT_ONCE)
        return cls(process, reader, writer)

    @property
    def has_ended(self) -> bool:
        return self._reader.at_eof() or self._process.poll() is not None  # the system may still be taking it apart

    async def perform(self, job: Job, chunks: list[bytes]) -> Outcome:
        header = msgspec.msgpack.encode(job)
        self._writer.write(LENGTH.pack(len(header)) + header + LENGTH.pack(sum(map(len, chunks))))
        chunks.reverse()
        while chunks:
            self._writer.write(chunks.pop())
            await self._writer.drain()
        length = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))[0]
        outcome = msgspec.msgpack.decode(await self._reader.readexactly(length), type=Outcome)
        pieces = [piece for size in outcome.sizes async for piece in self._read(size)]
        return msgspec.structs.replace(outcome, pieces=pieces, sizes=[])

    def kill(self) -> None:
        self._writer.close()
        self._process.kill()

    async def ended(self) -> None:
        await asyncio.to_thread(self._process.wait)

    async def _read(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self._reader.read(min(size, _READ_AT_ONCE))
            if not piece:
                raise EOFError("the worker ended in the middle of an answer")
            size -= len(piece)
            yield piece
