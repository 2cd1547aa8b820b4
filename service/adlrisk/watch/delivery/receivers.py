"""Receivers of messages: apprise's URLs, which are secrets, with variables of the environment in them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import apprise
from msgspec import Struct

from adlrisk.masking import HIDDEN
from adlrisk.watch.delivery.silence import silence_apprise

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
# apprise gives up after four seconds each, and a service that answers later would get everything again and again.
_CONNECT_SECONDS: Final = 15.0
_READ_SECONDS: Final = 45.0


class ReceiverError(ValueError):
    """A receiver cannot be used; the message names its place and variables, never its URL."""


class Receiver(Struct, frozen=True, kw_only=True):
    """Where messages go. Its repr shows no secret."""

    id: str  # of the URL as it was written, the same after a restart; tells nothing of it
    number: int  # its place, from 1
    shown: str  # its scheme
    url: str

    @property
    def name(self) -> str:
        """What messages to the other receivers call it, such as ``2 (tgram)``."""
        return f"{self.number} ({self.shown.partition(':')[0]})"

    def __repr__(self) -> str:
        """Place and scheme."""
        return f"Receiver({self.number}, {self.shown})"


def parse_receivers(given: Sequence[str], *, environ: Mapping[str, str]) -> tuple[Receiver, ...]:
    """The receivers of ``given``, with ``${NAME}`` replaced by the variable NAME or the content of the file NAME_FILE.

    Raises:
        ReceiverError: a URL is none that apprise knows, a variable is missing, or a receiver stands twice.
    """
    receivers: dict[str, Receiver] = {}
    for number, template in enumerate(given, start=1):
        place = f"receiver {number} (--notify or ADLRISK_WATCH_NOTIFY)"
        receiver = _build_receiver(template.strip(), number=number, place=place, environ=environ)
        if receiver.id in receivers:
            raise ReceiverError(f"{place}: the same as receiver {receivers[receiver.id].number}")
        receivers[receiver.id] = receiver
    return tuple(receivers.values())


def open_service(url: str) -> Any:
    """The service of apprise behind ``url``, ready to notify; ``None`` where it knows none.

    One service, whatever the URL lists, without event loops of its own; it keeps nothing on disk. What is longer than
    the service takes goes out in parts, and the service has time to answer, unless the URL says otherwise.
    """
    silence_apprise()
    asset = apprise.AppriseAsset(
        storage_mode="memory", app_id="adlrisk", app_desc="adlrisk watch", app_url="", async_mode=False
    )
    plugin = apprise.Apprise.instantiate(url, asset=asset)
    if plugin is None:
        return None
    if plugin.overflow_mode == apprise.OverflowMode.UPSTREAM:
        plugin.overflow_mode = apprise.OverflowMode.SPLIT
    if plugin.socket_connect_timeout == apprise.URLBase.socket_connect_timeout:
        plugin.socket_connect_timeout = _CONNECT_SECONDS
    if plugin.socket_read_timeout == apprise.URLBase.socket_read_timeout:
        plugin.socket_read_timeout = _READ_SECONDS
    service = apprise.Apprise(asset=asset)
    service.add(plugin)
    return service


def _build_receiver(template: str, *, number: int, place: str, environ: Mapping[str, str]) -> Receiver:
    url = _VARIABLE.sub(lambda found: _read_variable(found[1], place=place, environ=environ), template)
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise ReceiverError(f"{place}: not a URL of apprise, such as tgram://${{TELEGRAM_TOKEN}}/CHAT")
    shown = f"{scheme[1].lower()}://{HIDDEN}"
    if open_service(url) is None:
        raise ReceiverError(f"{place}: apprise cannot use {shown}; its page of the service says what the URL needs")
    id_ = hashlib.blake2b(template.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    return Receiver(id=id_, number=number, shown=shown, url=url)


def _read_variable(name: str, *, place: str, environ: Mapping[str, str]) -> str:
    """The value of a variable, or what is in the file it names with _FILE, as it is."""
    if not _NAME.match(name):
        raise ReceiverError(f"{place}: ${{…}} holds the name of a variable: letters, digits and _")
    value, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if value and file:
        raise ReceiverError(f"{place}: both {name} and {name}_FILE are set; unset one of them")
    if file:
        try:
            value = Path(file).read_text().strip()
        except UnicodeDecodeError as error:
            raise ReceiverError(f"{place}: {name}_FILE: the file holds no text") from error
        except OSError as error:  # the path is not shown: it may be the secret itself
            raise ReceiverError(f"{place}: {name}_FILE: the file cannot be read: {error.strerror}") from error
    if not value:
        raise ReceiverError(f"{place}: neither {name} nor {name}_FILE is set")
    return value
