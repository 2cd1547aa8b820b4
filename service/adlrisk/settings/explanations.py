"""What each setting allows, in a sentence for whoever has set it wrongly."""

from collections.abc import Mapping
from typing import Any, Final, get_args, get_type_hints

from msgspec import inspect

from adlrisk.settings.fields import VENUE_CREDENTIALS, Settings
from adlrisk.settings.keys import KEY_NAME_IN_WORDS
from adlrisk.settings.watch import WatchSettings

_KEYS: Final = (
    "must be digests of keys, 64 hexadecimal digits each, as `adlrisk make-key` and `hash-key` print them, separated "
    f"by commas; each may have a name before it, as in desk-7:DIGEST: {KEY_NAME_IN_WORDS}"
)
_RATE: Final = (
    "must be a number of requests and a time, as in 100/second, 6000/minute or 50/10 seconds: 1 to 999,999,999 "
    "requests, 1 to 9,999 seconds, minutes or hours"
)
_FILE: Final = "must be the path of a file"
_TEXT: Final = "must be text"
# The settings of type text, and a user's keys at a venue; what the others allow is in their types.
_TEXTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(VENUE_CREDENTIALS, _TEXT),
    "api_keys": _KEYS,
    "write_keys": _KEYS,
    "admin_keys": _KEYS,
    "cards_dir": "must be the path of a folder of rule cards, VENUE.toml each",
    "redis_url": "must be redis://user:password@host:6379/0, where only the scheme and host are required, or have "
    "rediss (TLS), redis+sentinel, rediss+sentinel, redis+cluster or rediss+cluster in place of redis",
    "redis_password": _TEXT,
    "redis_sentinel_password": _TEXT,
    "redis_ca_file": _FILE,
    "redis_certificate_file": _FILE,
    "redis_key_file": _FILE,
    "redis_prefix": "must be 1 to 64 of A-Z a-z 0-9 : . _ -",
    "rate_limit": _RATE,
    "batch_rate_limit": _RATE,
    "trusted_proxies": "must be addresses or networks, as in 10.0.0.0/8, 192.0.2.7, separated by commas",
    "cors_origins": "must be origins, as in https://desk.example, separated by commas, or *",
    "collect_markets": "must be markets as venue:market, as in binance:BTC/USDT:USDT, separated by commas",
    "collect_urls": "must be venues with URLs, as in okx=https://proxy.example/okx, separated by commas",
    "watch_accounts": "must be venues, or names with their venues, as in desk=binance, separated by commas",
    "watch_notify": "must be URLs of receivers, as apprise writes them, separated by white space",
    "watch_service": "must be the URL of a service, as in http://localhost:8000",
    "watch_service_key": _TEXT,
    "watch_state": "must be the path of a file, or `redis`",
}
_UNITS: Final = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def describe_allowed(setting: str) -> str:
    """What ``setting`` may be: its values, its range with the unit, or its form.

    >>> describe_allowed("log_format")
    'must be `json` or `console`'
    >>> describe_allowed("max_score_bytes")
    'must be a whole number of bytes from 1,024 (1 KiB) to 1,073,741,824 (1 GiB)'
    >>> describe_allowed("head_timeout_seconds")
    'must be a number of seconds above 0, at most 3,600'
    """
    if setting in _TEXTS:
        return _TEXTS[setting]
    owner = WatchSettings if setting in WatchSettings.__struct_fields__ else Settings
    annotation = get_type_hints(owner, include_extras=True)[setting]
    kind = inspect.type_info(annotation)
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.LiteralType):
        values = [f"`{value}`" for value in get_args(get_args(annotation)[0])]  # in the order of the declaration
        return f"must be {', '.join(values[:-1])} or {values[-1]}"
    return f"must be {_describe_number(kind, unit=_unit_of(setting))}"


def _unit_of(setting: str) -> str:
    """The unit of a number: the last word of its name, of a rate the word before.

    >>> _unit_of("head_timeout_seconds"), _unit_of("watch_messages_per_minute")
    ('seconds', 'messages a minute')
    """
    counted, _, time = setting.partition("_per_")
    unit = counted.rpartition("_")[2]
    return f"{unit} a {time}" if time else unit


def _describe_number(kind: Any, *, unit: str) -> str:
    """A number with its unit and its bounds."""
    whole = "whole " if isinstance(kind, inspect.IntType) else ""
    if kind.gt is not None:
        return f"a {whole}number of {unit} above {_show(kind.gt, unit)}, at most {_show(kind.le, unit)}"
    return f"a {whole}number of {unit} from {_show(kind.ge, unit)} to {_show(kind.le, unit)}"


def _show(number: float, unit: str) -> str:
    """A bound, of bytes also in the largest unit in which it is whole."""
    shown = f"{number:,}" if isinstance(number, int) else f"{number:,.10g}"
    for size, name in _UNITS if unit == "bytes" and number else ():
        if number % size == 0:
            return f"{shown} ({number // size:,} {name})"
    return shown
