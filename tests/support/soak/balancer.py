"""A small TCP balancer: ``python balancer.py PORT BACKEND BACKEND…``.

It forwards bytes between clients and backends and knows nothing of HTTP but the check of ``/health/ready``. A backend
gets new connections while its last check was 200; 503 or a refused connection takes it out, but open connections
stay. Another backend is tried only if connecting failed, when nothing has been sent yet.
"""

import asyncio
import contextlib
import sys
from typing import Final

CHECK_EVERY_SECONDS: Final = 0.1
_CHECK_SECONDS: Final = 2.0  # a check that takes longer changes nothing
_READ_AT_ONCE: Final = 1 << 16
_CHECK: Final = b"GET /health/ready HTTP/1.1\r\nhost: balancer\r\nconnection: close\r\n\r\n"


class Backend:
    """One replica, and whether it gets new connections."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.is_in = False

    async def check(self) -> None:
        """Check its readiness."""
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                reader, writer = await self.connect()
                try:
                    writer.write(_CHECK)
                    status = await reader.readline()
                finally:
                    writer.close()
        except TimeoutError:
            return
        except OSError:
            self.is_in = False
            return
        self.is_in = b" 200 " in status

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection to it."""
        return await asyncio.open_connection("127.0.0.1", self.port, limit=_READ_AT_ONCE)


class Balancer:
    """Gives each new connection to the next healthy backend."""

    def __init__(self, ports: list[int]) -> None:
        self._backends = [Backend(port) for port in ports]

    async def run(self, port: int) -> None:
        """Listen until cancelled."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=_READ_AT_ONCE, backlog=1024)
        async with server, asyncio.TaskGroup() as group:
            for backend in self._backends:
                group.create_task(self._keep_checking(backend))

    async def _keep_checking(self, backend: Backend) -> None:
        while True:
            await backend.check()
            await asyncio.sleep(CHECK_EVERY_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        backend = await self._connect()
        if backend is None:
            writer.close()
            return
        await asyncio.gather(_forward(reader, backend[1]), _forward(backend[0], writer))
        for end in (writer, backend[1]):
            end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the first backend that accepts one, healthy ones in turn before the others."""
        self._backends.append(self._backends.pop(0))
        for backend in sorted(self._backends, key=lambda one: not one.is_in):
            with contextlib.suppress(OSError):
                return await backend.connect()
            backend.is_in = False
        return None


async def _forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Forward all bytes and the end; a broken connection is broken on the other side too."""
    try:
        while piece := await source.read(_READ_AT_ONCE):
            sink.write(piece)
            await sink.drain()
        sink.write_eof()
    except OSError:
        sink.transport.abort()


def main(port: int, backends: list[int]) -> None:
    """Balance until a signal ends the process."""
    asyncio.run(Balancer(backends).run(port))


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(argument) for argument in sys.argv[2:]])
