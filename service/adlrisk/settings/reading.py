"""The settings of the environment: ``ADLRISK_*`` variables, and the files that some of them name."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from adlrisk.settings.explanations import describe_allowed
from adlrisk.settings.fields import SECRETS, VENUE_CREDENTIALS, Settings
from adlrisk.settings.keys import KEY_SETTINGS, find_invalid_entry, list_keys
from adlrisk.settings.watch import ACCOUNT_VARIABLE, WATCH_SECRETS, WatchSettings

S = TypeVar("S", bound=Struct)

_PREFIX: Final = "ADLRISK_"
_SECRETS: Final = (*SECRETS, *WATCH_SECRETS)
_SHOWN: Final = 100  # characters of an invalid value

# Variables that Kubernetes injects for a Service called adlrisk.
_INJECTED: Final = re.compile(r"ADLRISK_(?:SERVICE_(?:HOST|PORT\w*)|PORT_\d+_(?:TCP|UDP)\w*)\Z")


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
    settings = (*Settings.__struct_fields__, *WatchSettings.__struct_fields__, *VENUE_CREDENTIALS)
    known = {variable_of(name) for name in settings}
    known |= {file_variable_of(name) for name in (*_SECRETS, *VENUE_CREDENTIALS)}
    return tuple(
        sorted(
            name
            for name in environ
            if name.startswith(_PREFIX)
            and name not in known
            and not ACCOUNT_VARIABLE.match(name)
            and not _is_injected(name, environ[name])
        )
    )


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in ``environ``, by default the process's environment; unset ones have their defaults.

    An empty value counts as unset.

    Raises:
        SettingsError: a value is invalid.
    """
    environ = os.environ if environ is None else environ
    settings = _read(Settings, environ)
    try:
        list_keys({name: getattr(settings, name) for name in KEY_SETTINGS})
    except ValueError as error:
        raise SettingsError(f"{_name_key_variables(environ)}: {error}") from error
    return settings


def read_watch_settings(environ: Mapping[str, str] | None = None) -> WatchSettings:
    """The settings of ``adlrisk watch``, likewise.

    Raises:
        SettingsError: a value is invalid.
    """
    return _read(WatchSettings, os.environ if environ is None else environ)


def convert_secret(environ: Mapping[str, str], setting: str) -> str:
    """The value of a setting that is a secret, as ``read_settings`` would have it.

    Raises:
        SettingsError: the value, or the file that has it, is invalid.
    """
    (field,) = (field for field in msgspec.structs.fields(Settings) if field.name == setting)
    text = read_secret(environ, setting)
    return str(_convert(field, text, environ)) if text else ""


def read_secret(environ: Mapping[str, str], setting: str) -> str:
    """The value of a secret, from its variable or from the file named by the variable with _FILE; empty if unset.

    Raises:
        SettingsError: both variables are set, or the file is unusable.
    """
    given = environ.get(variable_of(setting), "")
    variable = file_variable_of(setting)
    if not environ.get(variable, ""):
        return given
    if given:
        raise SettingsError(f"{variable}: {variable_of(setting)} is set too; unset one of them")
    try:
        secret = Path(environ[variable]).read_text().strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{variable}: the file holds no text; its content {describe_allowed(setting)}") from error
    except OSError as error:  # the path is not shown: it may be the secret itself, in the wrong variable
        allowed = "must be the path of a file with the value"
        raise SettingsError(f"{variable}: {allowed}; it cannot be read: {error.strerror}") from error
    if not secret:
        raise SettingsError(f"{variable}: the file is empty; its content {describe_allowed(setting)}")
    return secret


def file_variable_of(setting: str) -> str:
    """The variable that names a file with the value of a secret.

    >>> file_variable_of("api_keys")
    'ADLRISK_API_KEYS_FILE'
    """
    return f"{variable_of(setting)}_FILE"


def _read(kind: type[S], environ: Mapping[str, str]) -> S:
    given: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        text = read_secret(environ, field.name) if field.name in _SECRETS else environ.get(variable_of(field.name), "")
        if text:
            given[field.name] = _convert(field, text, environ)
    return kind(**given)


def _convert(field: msgspec.structs.FieldInfo, text: str, environ: Mapping[str, str]) -> object:
    is_secret = field.name in _SECRETS
    variable = variable_of(field.name)
    named = file_variable_of(field.name) if is_secret and environ.get(file_variable_of(field.name)) else variable
    shown = "" if is_secret else f" (value {_shorten(text)!r})"
    try:
        value = msgspec.convert(text, type=field.type, strict=False)
    except msgspec.ValidationError as error:
        wrong = find_invalid_entry(text) if field.name in KEY_SETTINGS else None
        which = f"; entry {wrong} is none" if wrong else ""
        raise SettingsError(f"{named}: {describe_allowed(field.name)}{shown}{which}") from error
    if field.name.endswith("_file") and not Path(text).is_file():
        raise SettingsError(f"{named}: {describe_allowed(field.name)}, and there is none{shown}")
    return value


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _name_key_variables(environ: Mapping[str, str]) -> str:
    """The variables of keys that are set."""
    names = [name for setting in KEY_SETTINGS for name in (variable_of(setting), file_variable_of(setting))]
    return ", ".join(name for name in names if environ.get(name))


def _is_injected(name: str, value: str) -> bool:
    return bool(_INJECTED.match(name)) or (name == "ADLRISK_PORT" and "://" in value)
