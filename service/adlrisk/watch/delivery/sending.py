"""Sending a message to a receiver through apprise: in a thread, with a time limit, and without a word of its log."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from adlrisk.watch.delivery.receivers import Receiver, open_service
from adlrisk.watch.delivery.silence import STATUSES
from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.messages.message import Severity
from adlrisk.watch.threads import CallInThread, call_in_thread

TIME_LIMIT_SECONDS: Final = 60.0  # apprise's own are some seconds for each request; this is for what hangs regardless

_TYPES: Final[dict[Severity, str]] = {
    "emergency": "failure",
    "warning": "warning",
    "notice": "info",
    "recovery": "success",
}


class DeliveryError(Exception):
    """A receiver did not take a message; the text says why, as far as that is known without a secret."""


class AppriseSender:
    """Sends to one receiver, one message after the other."""

    def __init__(
        self,
        receiver: Receiver,
        *,
        time_limit_seconds: float = TIME_LIMIT_SECONDS,
        open_service: Callable[[str], Any] = open_service,
        call_in_thread: CallInThread = call_in_thread,
    ) -> None:
        self.receiver = receiver
        self._time_limit_seconds = time_limit_seconds
        self._service = open_service(receiver.url)
        self._call_in_thread = call_in_thread

    async def send(self, delivery: Delivery) -> None:
        """Send ``delivery``.

        Raises:
            DeliveryError: it was not taken, or not in time; then it may arrive still.
        """
        sent = self._call_in_thread(lambda: self._notify(delivery), name=f"receiver {self.receiver.number}")
        try:
            reason = await asyncio.wait_for(sent, self._time_limit_seconds)
        except TimeoutError:
            raise DeliveryError(f"no answer within {self._time_limit_seconds:g} s") from None
        if reason is not None:
            raise DeliveryError(reason)

    def _notify(self, delivery: Delivery) -> str | None:
        """``None`` if the message was taken, else why not. Errors of apprise may hold the URL: none is passed on."""
        STATUSES.clear()
        try:
            taken = self._service.notify(
                title=delivery.title,
                body=delivery.body or delivery.title,
                notify_type=_TYPES[delivery.severity],
                body_format="text",
            )
        except Exception as error:  # noqa: BLE001 (see above)
            return f"apprise failed with {type(error).__name__}"
        return None if taken else STATUSES.explain()
