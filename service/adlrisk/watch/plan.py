"""The plan of a watch: accounts, receivers and the rest, from options and settings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from adlrisk.masking import masked_repr
from adlrisk.settings import Settings
from adlrisk.settings.watch import DEFAULT_STATE, WatchSettings
from adlrisk.watch.accounts import AccountsError, WatchedAccount, parse_accounts
from adlrisk.watch.delivery.receivers import Receiver, ReceiverError, parse_receivers

REDIS: Final = "redis"
N = TypeVar("N", int, float)


class PlanError(ValueError):
    """A watch that cannot be; the message names the option or variable, and no secret."""


class Options(Struct, frozen=True, kw_only=True):
    """What was given on the command line; ``None`` and empty ones leave it to the settings."""

    accounts: Sequence[str] = ()
    notify: Sequence[str] = ()
    interval_seconds: float | None = None
    messages_per_minute: int | None = None
    state: str | None = None
    service: str | None = None

    def __repr__(self) -> str:
        """All but the URLs of receivers."""
        return masked_repr(self, secrets={"notify"})


class Plan(Struct, frozen=True, kw_only=True):
    """What is watched, and who is told."""

    accounts: tuple[WatchedAccount, ...]
    receivers: tuple[Receiver, ...]
    interval_seconds: float
    messages_per_minute: int
    state: Path | None  # None: in Redis
    service: str
    service_key: str

    def __repr__(self) -> str:
        """All but the key of the service."""
        return masked_repr(self, secrets={"service_key"})


def make_plan(
    options: Options, *, watch_settings: WatchSettings, settings: Settings, environ: Mapping[str, str]
) -> Plan:
    """The plan of ``options``, and of the settings where they say nothing; accounts and receivers of both are added.

    Raises:
        PlanError: an account or a receiver cannot be used, or the state has no place.
    """
    named = [*options.accounts, *watch_settings.watch_accounts.replace(",", " ").split()]
    try:
        accounts = parse_accounts(named, environ=environ)
        receivers = parse_receivers([*options.notify, *watch_settings.watch_notify.split()], environ=environ)
    except (AccountsError, ReceiverError) as error:
        raise PlanError(str(error)) from error
    return Plan(
        accounts=accounts,
        receivers=receivers,
        interval_seconds=_choose(options.interval_seconds, watch_settings.watch_interval_seconds),
        messages_per_minute=_choose(options.messages_per_minute, watch_settings.watch_messages_per_minute),
        state=_find_state(options.state or watch_settings.watch_state, settings=settings, environ=environ),
        service=_check_service(options.service or watch_settings.watch_service),
        service_key=_check_key(watch_settings.watch_service_key),
    )


def _choose(given: N | None, otherwise: N) -> N:
    return otherwise if given is None else given


def _find_state(named: str, *, settings: Settings, environ: Mapping[str, str]) -> Path | None:
    """The file of the state, or ``None`` for Redis."""
    if named == REDIS:
        if not settings.redis_url:
            raise PlanError("ADLRISK_REDIS_URL: the state is to be in Redis (--state redis), so set its URL")
        return None
    if named:
        return Path(named).expanduser()
    folder = environ.get("XDG_STATE_HOME", "")
    try:
        home = Path(folder) if Path(folder).is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        raise PlanError("--state: there is no home folder to keep the state in; name a file, or redis") from None
    return home / DEFAULT_STATE


def _check_service(url: str) -> str:
    """The URL of the service, if it is one."""
    try:
        read = msgspec.convert({"watch_service": url}, WatchSettings)
        urlsplit(url).port  # noqa: B018 (raises, where it is no number)
    except ValueError:  # of msgspec, too
        raise PlanError("--service: must be the URL of a service, as in http://localhost:8000") from None
    return read.watch_service


def _check_key(key: str) -> str:
    """The API key of the service, if it can be sent."""
    if not (key.isascii() and key.isprintable()):
        raise PlanError("ADLRISK_WATCH_SERVICE_KEY: a key must be printable ASCII, as HTTP headers are")
    return key
