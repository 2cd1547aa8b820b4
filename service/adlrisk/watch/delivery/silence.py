"""Silence of apprise's log, which shows URLs; nothing of it is passed on but a status of HTTP."""

import logging
import re
import threading
from typing import Final

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")  # how apprise writes it
# apprise, and what it sends with.
_LOGGERS: Final = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib", "markdown", "MARKDOWN")


class _Statuses(logging.Handler):
    """Takes from apprise's log, which shows URLs, nothing but the status of HTTP; of each thread by itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._local = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        found = _STATUS.search(str(record.getMessage()))
        if found:
            self._local.status = found[1]

    def clear(self) -> None:
        self._local.status = None

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
