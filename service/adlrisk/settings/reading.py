"""The settings of the environment: ``ADLRISK_*`` variables, and the files that some of them name."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from adlrisk.settings.fields import SECRETS, VENUE_CREDENTIALS, Settings

_PREFIX: Final = "ADLRISK_"

# Variables that Kubernetes injects for a Service called adlrisk.
_INJECTED: Final = re.compile(r"ADLRISK_(?:SERVICE_(?:HOST|PORT\w*)|PORT_\d+_(?:TCP|UDP)\w*)\Z")

_DIGESTS: Final = "must be digests of keys, 64 hexadecimal digits each, as `adlrisk make-key` and `hash-key` print them"
_RATE: Final = "must be a number of requests and a time, as in 100/second, 6000/minute or 50/10 seconds"
_EXPECTED: Final = {
    "api_keys": _DIGESTS,
    "write_keys": _DIGESTS,
    "admin_keys": _DIGESTS,
    "redis_url": "must be redis://host:6379, or have rediss, redis+sentinel or redis+cluster in its place",
    "rate_limit": _RATE,
    "batch_rate_limit": _RATE,
    "trusted_proxies": "must be addresses or networks, as in 10.0.0.0/8, 192.0.2.7",
    "cors_origins": "must be origins, as in https://desk.example, separated by commas, or *",
    "collect_markets": "must be markets as venue:market, as in binance:BTC/USDT:USDT, separated by commas",
    "collect_urls": "must be venues with URLs, as in okx=https://proxy.example/okx, separated by commas",
    "redis_prefix": "must be letters, digits and : . _ -, at most 64",
}


class SettingsError(ValueError):
    """An invalid setting; the message names the variable."""


def variable_of(setting: str) -> str:
    """The environment variable of a setting.

    >>> variable_of("log_level")
    'ADLRISK_LOG_LEVEL'
    """
    return _PREFIX + setting.upper()


def find_unknown_variables(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Variables with the prefix of settings that are not settings, to report misspelt ones.

    Variables that Kubernetes injects for a Service called adlrisk are ignored.

    >>> find_unknown_variables({"ADLRISK_LOGLEVEL": "info", "ADLRISK_PORT_8000_TCP": "tcp://…", "HOME": "/"})
    ('ADLRISK_LOGLEVEL',)
    """
    environ = os.environ if environ is None else environ
    secrets = (*SECRETS, *VENUE_CREDENTIALS)
    known = {variable_of(name) for name in (*Settings.__struct_fields__, *VENUE_CREDENTIALS)}
    known |= {_file_variable(name) for name in secrets}
    return tuple(
        sorted(
            name
            for name in environ
            if name.startswith(_PREFIX) and name not in known and not _is_injected(name, environ[name])
        )
    )


def _is_injected(name: str, value: str) -> bool:
    return bool(_INJECTED.match(name)) or (name == "ADLRISK_PORT" and "://" in value)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in ``environ``, by default the process's environment; unset ones have their defaults.

    An empty value counts as unset.

    Raises:
        SettingsError: a value is invalid.
    """
    environ = os.environ if environ is None else environ
    given: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        variable = variable_of(field.name)
        text = environ.get(variable, "")
        if field.name in SECRETS:
            text = read_secret(environ, field.name)
        if not text:
            continue
        try:
            given[field.name] = msgspec.convert(text, type=field.type, strict=False)
        except msgspec.ValidationError as error:
            named = _file_variable(field.name) if environ.get(_file_variable(field.name)) else variable
            expected = _EXPECTED.get(field.name) or _explain(str(error), field.type)
            shown = "" if field.name in SECRETS else f" (value {text!r})"
            raise SettingsError(f"{named}: {expected}{shown}") from error
        if field.name.endswith("_file") and not Path(text).is_file():
            raise SettingsError(f"{variable}: there is no file {text!r}")
    return Settings(**given)  # type: ignore[arg-type]  # converted to each field's type above


def _explain(message: str, kind: Any) -> str:
    from adlrisk.decoding.places import find_types  # noqa: PLC0415 (a valid setting needs no explanation)
    from adlrisk.decoding.plain_words import explain  # noqa: PLC0415

    return explain(message.partition(", got ")[0], find_types(kind, ()))  # it is always text


def read_secret(environ: Mapping[str, str], setting: str) -> str:
    """The value of a secret, from its variable or from the file named by the variable with _FILE; empty if unset.

    Raises:
        SettingsError: both variables are set, or the file is unusable.
    """
    given = environ.get(variable_of(setting), "")
    variable = _file_variable(setting)
    if not environ.get(variable, ""):
        return given
    if given:
        raise SettingsError(f"{variable}: {variable_of(setting)} is set too; unset one of them")
    try:
        secret = Path(environ[variable]).read_text().strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{variable}: the file holds no text") from error
    except OSError as error:  # the path is not shown: it may be the secret itself, in the wrong variable
        raise SettingsError(f"{variable}: the file it names cannot be read: {error.strerror}") from error
    if not secret:
        raise SettingsError(f"{variable}: the file is empty")
    return secret


def _file_variable(setting: str) -> str:
    return f"{variable_of(setting)}_FILE"
