"""Silence of apprise's log, which shows URLs; nothing of it is passed on but a status of HTTP."""

import logging
import re
import threading
from typing import Final

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")  # how apprise writes it
_UNREACHED: Final = re.compile(r"connection error|socket (?:exception|error)", re.IGNORECASE)  # how apprise says it
_DOWN: Final = frozenset({"429", "502", "503", "504"})  # answers that any message would get for now
# apprise, and what it sends with.
_LOGGERS: Final = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib", "markdown", "MARKDOWN")


class _Statuses(logging.Handler):
    """Takes from apprise's log, which shows URLs, nothing but the status of HTTP; of each thread by itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._local = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        text = str(record.getMessage())
        found = _STATUS.search(text)
        if found:
            self._local.status = found[1]
        elif _UNREACHED.search(text):
            self._local.is_unreached = True

    def clear(self) -> None:
        self._local.status = None
        self._local.is_unreached = False

    @property
    def is_down(self) -> bool:
        """Whether the last message of this thread was not taken because the receiver takes none at present."""
        return getattr(self._local, "status", None) in _DOWN or getattr(self._local, "is_unreached", False)

    def explain(self) -> str:
        """Why the last message of this thread was not taken."""
        status = getattr(self._local, "status", None)
        return "it cannot be reached, or did not take the message" if status is None else f"it answered {status}"


STATUSES: Final = _Statuses()


def silence_apprise() -> None:
    """Keep apprise's log, and that of what it sends with, out of ours."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers = [STATUSES] if name == "apprise" else [logging.NullHandler()]
