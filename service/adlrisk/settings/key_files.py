"""The files that hold digests of API keys, which may change while the service runs."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adlrisk.settings.keys import KEY_SETTINGS, ConfiguredKey, KeySetting, list_keys
from adlrisk.settings.reading import SettingsError, convert_secret, file_variable_of, variable_of


class KeyFiles:
    """The settings of keys that come from files, with those that do not."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """``environ`` is by default the process's environment, as it is now."""
        environ = os.environ if environ is None else environ
        names = [name for setting in KEY_SETTINGS for name in (variable_of(setting), file_variable_of(setting))]
        self._environ: Final = {name: environ[name] for name in names if environ.get(name)}
        self._in_files: Final = [setting for setting in KEY_SETTINGS if _is_file(self._environ, setting)]

    def __bool__(self) -> bool:
        """Whether there are any: a pipe can be read only once, so it is none of them."""
        return bool(self._in_files)

    @property
    def variables(self) -> str:
        """The variables that name the files."""
        return ", ".join(map(file_variable_of, self._in_files))

    def read(self, fixed: Mapping[KeySetting, str]) -> tuple[ConfiguredKey, ...]:
        """All keys as they are configured now: those in files, and ``fixed``, the values of the other settings.

        Raises:
            SettingsError: a file cannot be read or is empty, or what it holds is invalid.
        """
        listed = {setting: fixed.get(setting, "") for setting in KEY_SETTINGS}
        listed |= {setting: convert_secret(self._environ, setting) for setting in self._in_files}
        try:
            return list_keys(listed)
        except ValueError as error:
            raise SettingsError(f"{self.variables}: {error}") from error

    def identify(self) -> str:
        """What tells one content of the files from another, also where it cannot be used."""
        return " ".join(_identify(Path(self._environ[file_variable_of(setting)])) for setting in self._in_files)


def _identify(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return type(error).__name__


def _is_file(environ: Mapping[str, str], setting: KeySetting) -> bool:
    path = environ.get(file_variable_of(setting), "")
    return bool(path) and Path(path).is_file()
