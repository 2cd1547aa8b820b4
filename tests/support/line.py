"""A connection in memory to a service, in a time that passes at once: deadlines are met to the millisecond."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any, Final, TextIO

from uvicorn.server import ServerState

from adlrisk.api.app import create_app
from adlrisk.api.server.serve import server_config
from adlrisk.settings import Settings
from support.clocks import SkippingLoop, reading_by
from support.running import WEDNESDAY

_MOST_UNTAKEN: Final = 65536  # bytes before writing pauses, as on a socket
_PAUSE_SECONDS: Final = 0.001  # between two looks at what has come
_ANSWERED_WITHIN: Final = 100  # looks


class Line(asyncio.Transport):
    """One connection, with both its ends: the server's transport, and what the client does."""

    def __init__(self, app: Any, settings: Settings) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.app = app
        self.written: list[bytes] = []
        self.ended = asyncio.Event()
        self.takes_all = True
        self.has_end = False  # the server has closed its side
        self._untaken = 0
        self._is_paused = False
        self._is_closing = False
        config = server_config(app, host="127.0.0.1", port=0, settings=settings, log_config=None)
        config.load()
        build: Any = config.http_protocol_class
        loop = asyncio.get_running_loop()
        self.connection = build(config=config, server_state=ServerState(), app_state={}, _loop=loop)
        self.protocol: Any = self.connection  # until it is handed on
        self.protocol.connection_made(self)

    def send(self, data: bytes) -> None:
        """What the client sends, which comes in one packet."""
        if self.is_open and data:
            self.protocol.data_received(data)

    def send_end(self) -> None:
        """The client closes its sending side, as with a FIN."""
        if self.is_open and not self.protocol.eof_received():
            self.close()

    def another(self) -> "Line":
        """A second connection to the same service."""
        return Line(self.app, self.app.context.settings)

    def take(self, size: int) -> None:
        """The client reads so many bytes of what was written."""
        self._untaken = max(0, self._untaken - size)
        if self._is_paused and self._untaken <= _MOST_UNTAKEN // 4:
            self._is_paused = False
            self.protocol.resume_writing()
        if self._is_closing and not self._untaken:
            self.hang_up()

    def hang_up(self) -> None:
        """The connection ends."""
        if self.is_open:
            self.ended.set()
            self._is_closing = True
            self.protocol.connection_lost(None)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return not self.ended.is_set()

    @property
    def received(self) -> bytes:
        """All that was written."""
        return b"".join(self.written)

    async def answer_to(self, *sent: bytes) -> bytes:
        """What is written when this is sent in packets, each a moment after the one before."""
        before = len(self.received)
        for packet in sent:
            self.send(packet)
            await asyncio.sleep(_PAUSE_SECONDS)
        for _ in range(_ANSWERED_WITHIN):
            if len(self.received) > before:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        return self.received[before:]

    def seen(self, metric: str, **labels: str) -> float:
        """The value of one of the service's metrics."""
        return self.app.context.metrics.registry.get_sample_value(metric, labels) or 0.0

    def write(self, data: Any) -> None:
        """Write: to a client who does not take all, as much as fits."""
        self.written.append(bytes(data))
        if self.takes_all:
            return
        self._untaken += len(data)
        if self._untaken > _MOST_UNTAKEN and not self._is_paused:
            self._is_paused = True
            self.protocol.pause_writing()

    def get_write_buffer_size(self) -> int:
        """How many bytes have not been taken."""
        return self._untaken

    def is_closing(self) -> bool:
        """Whether it ends once all is taken."""
        return self._is_closing

    def close(self) -> None:
        """End it once all is taken."""
        self._is_closing = True
        if not self._untaken:
            asyncio.get_running_loop().call_soon(self.hang_up)

    def abort(self) -> None:
        """End it as it is."""
        self._is_closing = True
        asyncio.get_running_loop().call_soon(self.hang_up)

    def write_eof(self) -> None:
        """The server closes its side, once all is taken."""
        self.has_end = True

    def set_protocol(self, protocol: Any) -> None:
        """Hand the connection on to another protocol."""
        self.protocol = protocol

    def pause_reading(self) -> None:
        """Nothing: what is sent comes in at once."""

    def resume_reading(self) -> None:
        """Nothing."""


def on_a_line(story: Callable[[Line], Awaitable[None]], *, log: TextIO | None = None, **settings: Any) -> None:
    """Tell ``story`` of a connection to a service with these settings."""

    async def told() -> None:
        given = Settings(**settings)
        with reading_by(asyncio.get_running_loop().time):
            app = create_app(given, clock=lambda: WEDNESDAY, log=log or io.StringIO())
        await app.context.start()
        line = Line(app, given)
        await story(line)
        line.hang_up()
        await app.context.stop()

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(told())
