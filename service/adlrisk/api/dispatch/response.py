"""An answer on its way out: its headers, its size, and a caller who does not take it."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar.types import Message, Send

from adlrisk.api.dispatch.context import Service
from adlrisk.api.http.body import ClientDisconnectedError
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, ProblemError

# An answer is data of one caller: no browser shall show it as a page, frame it, guess its type or keep it.
SAFE_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_NOTHING_SENT: Final = 500
_CUT_OFF: Final = 499  # as for a caller who went away: the answer did not arrive whole


class OutgoingAnswer:
    """The answer on its way out: it learns the request id, and a HEAD's loses its body."""

    def __init__(
        self,
        send: Send,
        *,
        headers: list[tuple[bytes, bytes]],
        always: list[tuple[bytes, bytes]],
        request_id: str,
        is_head: bool,
        patience: float,
        is_last: Callable[[], bool],
    ) -> None:
        """``headers`` are added where the answer has none of the name, ``always`` in any case.

        ``is_last`` tells whether to close the connection after it.
        """
        self._send = send
        self._headers = headers
        self._always = always
        self._is_last = is_last
        self._patience = patience
        self._request_id = request_id.encode()
        self._is_head = is_head
        self.status = _NOTHING_SENT
        self.size = 0
        self._started = False

    @property
    def is_cut_off(self) -> bool:
        """Whether the caller did not take it."""
        return self.status == _CUT_OFF

    async def refuse(self, service: Service, refusal: ProblemError) -> None:
        """Answer a problem, if nothing has been answered yet."""
        if self._started:
            self.status = _CUT_OFF
            return
        service.metrics.problem_answered(refusal.slug)
        content = msgspec.json.encode(refusal.problem(instance=self._request_id.decode()))
        named = {"content-type": PROBLEM_MEDIA_TYPE, "content-length": str(len(content)), **refusal.headers}
        headers = [(name.encode(), value.encode()) for name, value in named.items()]
        start: Any = {"type": "http.response.start", "status": refusal.status, "headers": headers}
        await self.send(start)
        body: Any = {"type": "http.response.body", "body": content, "more_body": False}
        await self.send(body)

    async def send(self, message: Message) -> None:
        """Pass a message on.

        Raises:
            ClientDisconnectedError: the caller does not take a piece of a large answer.
        """
        if message["type"] == "http.response.start":
            self._started = True
            self.status = message["status"]
            own = [*message["headers"], (b"x-request-id", self._request_id)]
            named = {name for name, _ in own}
            headers = [*own, *(header for header in self._headers if header[0] not in named), *self._always]
            if self._is_last() and b"connection" not in named:  # clients with open connections do not look at readiness
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            if self._is_head:
                message = {**message, "body": b""}
            self.size += len(message["body"])
        if not message.get("more_body"):
            await self._send(message)
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except TimeoutError as error:  # a caller who does not take the answer must not keep it in memory
            self.status = _CUT_OFF
            raise ClientDisconnectedError from error
