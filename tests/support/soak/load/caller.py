"""A client with one persistent connection, as a bot has it, and a name for each way of losing an answer."""

import contextlib
import http.client
import select
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Final, Self

from support.soak.load.exchange import Answer, Lost, Question

NO_CONNECTION: Final = "no connection"
IDLE_LOST: Final = "kept connection lost before an answer"
NEW_LOST: Final = "new connection lost before an answer"
CUT_OFF: Final = "answer cut off"
NO_ANSWER: Final = "no answer in time"

_PATIENCE_SECONDS: Final = 40.0
_CHUNK: Final = 1024
_PAUSE_SECONDS: Final = 0.1


class Caller:
    """Asks one question after the other, without retries.

    A connection that the other side has closed while it was idle is replaced before the next question, as HTTP
    clients do. One that is lost after a question was sent on it is a failure: a caller cannot know what became of it.
    """

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
        self._has_answered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._has_answered = False

    def ask(self, question: Question) -> Answer | Lost:
        """The outcome of ``question``."""
        if self._connection.sock is not None and _is_closed(self._connection.sock):
            self.close()
        sent_at = time.monotonic()
        try:
            if self._connection.sock is None:
                self.close()
                self._connection.connect()
        except OSError:
            return self._lost(NO_CONNECTION, sent_at)
        try:
            response = self._asked_raw(question.raw) if question.raw else self._asked(question)
        except TimeoutError:
            return self._lost(NO_ANSWER, sent_at)
        except (OSError, http.client.HTTPException):
            return self._lost(IDLE_LOST if self._has_answered else NEW_LOST, sent_at)
        try:
            body = response.read()
        except TimeoutError:
            return self._lost(NO_ANSWER, sent_at)
        except (OSError, http.client.HTTPException):
            return self._lost(CUT_OFF, sent_at)
        self._has_answered = self._connection.sock is not None
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=headers, body=body, sent_at=sent_at, over_at=time.monotonic())

    def _asked(self, question: Question) -> http.client.HTTPResponse:
        headers = dict(question.headers)
        body: bytes | Iterator[bytes] | None = question.body
        if question.chunked and question.body is not None:
            headers["transfer-encoding"] = "chunked"
            body = _pieces(question.body)
        # A service may answer before it has read everything, and close: the answer still arrives.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.request(
                question.method, question.path, body=body, headers=headers, encode_chunked=question.chunked
            )
        return self._connection.getresponse()

    def _asked_raw(self, pieces: Iterable[bytes]) -> http.client.HTTPResponse:
        for count, piece in enumerate(pieces):
            if count:
                time.sleep(_PAUSE_SECONDS)
            self._connection.sock.sendall(piece)
        response = http.client.HTTPResponse(self._connection.sock, method="POST")
        response.begin()
        return response

    def _lost(self, failure: str, sent_at: float) -> Lost:
        self.close()
        return Lost(failure=failure, sent_at=sent_at, over_at=time.monotonic())


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]


def _is_closed(idle: socket.socket) -> bool:
    """Whether the other side has closed: an idle connection has nothing to read but its end."""
    return bool(select.select([idle], [], [], 0)[0])
