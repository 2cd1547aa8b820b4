"""Sending a message to a receiver through apprise: in a thread, with a time limit, and without a word of its log."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from adlrisk.watch.delivery.parts import split_text
from adlrisk.watch.delivery.receivers import Receiver, open_service
from adlrisk.watch.delivery.silence import STATUSES
from adlrisk.watch.messages.delivery import Delivery
from adlrisk.watch.messages.message import Severity
from adlrisk.watch.threads import CallInThread, call_in_thread

TIME_LIMIT_SECONDS: Final = 60.0  # of connecting and reading together; this is for what hangs regardless
_COUNTER: Final = 14  # characters for the number of a part in its title, and a line break
_LEAST: Final = 60  # characters of a part, whatever the title
_SHARE_IN_HTML: Final = 0.4  # where apprise counts each space as the six characters of "&nbsp;"

_TYPES: Final[dict[Severity, str]] = {
    "emergency": "failure",
    "warning": "warning",
    "notice": "info",
    "recovery": "success",
}


class DeliveryError(Exception):
    """A receiver did not take a message; the text says why, as far as that is known without a secret.

    ``is_down``: it takes none at present, so it is not the message.
    """

    def __init__(self, reason: str, *, is_down: bool) -> None:
        super().__init__(reason)
        self.is_down = is_down


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
        self._late: tuple[Delivery, asyncio.Future[DeliveryError | None]] | None = (
            None  # sent, and not answered in time
        )
        self._partly: tuple[Delivery | None, int] = (None, 0)  # how many parts of which were taken

    @property
    def characters(self) -> int:
        """How many characters of title and body go out as one message; more goes out in parts."""
        plugin = self._service[0]
        longest = plugin.body_maxlen - _COUNTER
        return max(1, int(longest * _SHARE_IN_HTML) if plugin.notify_format == "html" else longest)

    async def send(self, delivery: Delivery) -> None:
        """Send ``delivery``; one that was too late the last time may have been taken since, and is not sent again.

        Raises:
            DeliveryError: it was not taken, or not in time; then it may arrive still.
        """
        resumed = self._resume(delivery)
        sent = resumed or self._call_in_thread(lambda: self._notify(delivery), name=f"receiver {self.receiver.number}")
        ended, _ = await asyncio.wait([sent], timeout=self._time_limit_seconds)
        if not ended:
            self._late = None if resumed else (delivery, sent)
            raise DeliveryError(f"no answer within {self._time_limit_seconds:g} s", is_down=True)
        error = sent.result()
        if error is not None:
            raise error

    def _resume(self, delivery: Delivery) -> "asyncio.Future[DeliveryError | None] | None":
        """The last attempt of the same delivery, if it was too late and has not failed since; only once."""
        (late, sent), self._late = self._late or (None, None), None
        if sent is None or late != delivery or (sent.done() and sent.result() is not None):
            return None
        return sent

    def _notify(self, delivery: Delivery) -> DeliveryError | None:
        """``None`` if the message was taken; the parts that were taken are not sent again."""
        if self._partly[0] != delivery:
            self._partly = (delivery, 0)
        parts = self._split(delivery)
        for number in range(self._partly[1], len(parts)):
            counted = f" ({number + 1} of {len(parts)})" if len(parts) > 1 else ""
            error = self._notify_part(f"{delivery.title}{counted}", parts[number], severity=delivery.severity)
            if error is not None:
                return error
            self._partly = (delivery, number + 1)
        self._partly = (None, 0)
        return None

    def _split(self, delivery: Delivery) -> list[str]:
        """The bodies; the whole title in them where the service would cut it; never an empty one."""
        title, body = delivery.title, delivery.body or delivery.title
        if delivery.body and 0 < self._service[0].title_maxlen < len(title) + _COUNTER:
            body = f"{title}\n{body}"
        return split_text(body, characters=max(_LEAST, self.characters - len(title)))

    def _notify_part(self, title: str, body: str, *, severity: Severity) -> DeliveryError | None:
        """``None`` if it was taken. Errors of apprise may hold the URL: none is passed on."""
        STATUSES.clear()
        try:
            taken = self._service.notify(title=title, body=body, notify_type=_TYPES[severity], body_format="text")
        except Exception as error:  # noqa: BLE001 (see above)
            return DeliveryError(f"apprise failed with {type(error).__name__}", is_down=False)
        return None if taken else DeliveryError(STATUSES.explain(), is_down=STATUSES.is_down)
