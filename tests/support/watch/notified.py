"""A receiver of notifications on loopback, for apprise's ``json://``: it takes them, or refuses."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from msgspec import Struct


class Notification(Struct, frozen=True, kw_only=True):
    """What came."""

    at: float  # by the clock that the receiver was given
    kind: str  # apprise's: failure, warning, info, success
    title: str
    body: str


class NotificationReceiver:
    """Listens on a free port. ``status`` is what it answers; whatever came with 200 is in ``got``."""

    def __init__(self, *, clock: Any = lambda: 0.0) -> None:
        self.got: list[Notification] = []
        self.refused = 0
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                if receiver.status == 200:
                    sent = json.loads(content)
                    body = sent["message"] if sent["message"] != sent["title"] else ""
                    receiver.got.append(Notification(at=clock(), kind=sent["type"], title=sent["title"], body=body))
                else:
                    receiver.refused += 1
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.port: int = self._server.server_port
        self.url = f"json://127.0.0.1:{self.port}/token-0123456789abcdef"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def titles(self) -> list[str]:
        """The titles of what came, in order."""
        return [one.title for one in self.got]
