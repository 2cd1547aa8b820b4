"""A server that speaks enough of Redis's protocol to be a master, a Sentinel or a Cluster, and cuts off answers."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

SERVICE = "main"


class CuttingRedis:
    """Does every command, and closes the connection instead of the first answer to each command in ``cut``."""

    def __init__(self, *cut: str) -> None:
        self.done: Counter[str] = Counter()  # commands, as often as they were done
        self.port = 0
        self._cut = set(cut)
        self._connections: list[asyncio.Task[None]] = []

    def url(self, topology: str) -> str:
        """The service's setting for this server as a ``topology``."""
        path = f"/{SERVICE}" if topology == "sentinel" else ""
        scheme = "redis" if topology == "standalone" else f"redis+{topology}"
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["CuttingRedis"]:
        """A context in which it listens."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                words = [await _read_bulk(reader) for _ in range(await _read_length(reader))]
                command = words[0].upper().decode()
                self.done[command] += 1
                if command in self._cut:
                    self._cut.remove(command)
                    break
                writer.write(self._answer(command, b" ".join(words[1:]).upper()))
                await writer.drain()

    def _answer(self, command: str, rest: bytes) -> bytes:
        port, host = str(self.port).encode(), b"127.0.0.1"
        state = {b"name": SERVICE.encode(), b"ip": host, b"port": port, b"flags": b"master"}
        state |= {b"num-other-sentinels": b"0", b"num-slaves": b"0"}
        pairs = b"".join(b"+%s\r\n+%s\r\n" % pair for pair in state.items())
        answers = {
            "HELLO": b"%1\r\n+proto\r\n:3\r\n",
            "EVAL": b":1\r\n",
            "HGETALL": b"%0\r\n",
            "SENTINEL": b"*1\r\n%%%d\r\n%s" % (len(state), pairs),
            "CLUSTER": b"*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n+%s\r\n:%s\r\n+node\r\n" % (host, port),
            "COMMAND": b"*2\r\n" + _describe(b"hgetall", b"readonly", key=1) + _describe(b"publish", b"pubsub", key=0),
        }
        return b"-ERR unknown\r\n" if b"MAINT_NOTIFICATIONS" in rest else answers.get(command, b"+OK\r\n")


def _describe(command: bytes, flag: bytes, *, key: int) -> bytes:
    """What clients of a Cluster ask of a command: above all which of its arguments is the key."""
    return b"*6\r\n+%s\r\n:2\r\n*1\r\n+%s\r\n:%d\r\n:%d\r\n:%d\r\n" % (command, flag, key, key, key)


async def _read_length(reader: asyncio.StreamReader) -> int:
    return int((await reader.readuntil(b"\r\n"))[1:])


async def _read_bulk(reader: asyncio.StreamReader) -> bytes:
    return (await reader.readexactly(await _read_length(reader) + 2))[:-2]
