"""API keys in the settings: digests, each with the name of its caller if it has one."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

KeySetting = Literal["api_keys", "write_keys", "admin_keys"]

KEY_SETTINGS: Final[tuple[KeySetting, ...]] = ("api_keys", "write_keys", "admin_keys")
# What metrics and log lines say of a caller without a key, of one whose key is not configured, and of a configured key
# without a name: part of its digest would let whoever reads the metrics try out weak keys.
NO_KEY: Final = "none"
UNKNOWN_KEY: Final = "unknown"
UNNAMED_KEY: Final = "unnamed"
KEY_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}"
# SHA-256 in hexadecimal, with or without a name.
KEY_ENTRY: Final = rf"(?:{KEY_NAME}:)?[0-9A-Fa-f]{{64}}"
KEY_NAME_IN_WORDS: Final = "1 to 32 of A-Z a-z 0-9 . _ -, the first a letter or digit"

_SHOWN: Final = 8  # digits of a digest, enough to tell the keys of a setting apart


class ConfiguredKey(NamedTuple):
    """An API key as the service knows it."""

    setting: KeySetting
    digest: str
    name: str  # of its caller: several keys may have the same one, such as an old and a new key

    @property
    def label(self) -> str:
        """The name with the beginning of the digest, which tells two keys of one caller apart."""
        return f"{self.name}:{_shorten(self.digest)}"


def list_keys(listed: Mapping[KeySetting, str]) -> tuple[ConfiguredKey, ...]:
    """The keys in ``listed``, the texts of the settings, in an order that does not depend on theirs.

    Raises:
        ValueError: a name is reserved, or a key has two names; the message says which entry it is.
    """
    found = [
        (setting, number, *_split(entry))
        for setting in KEY_SETTINGS
        for number, entry in enumerate(_entries(listed.get(setting, "")), start=1)
    ]
    names: dict[str, str] = {}
    for setting, number, digest, name in found:
        if name:
            try:
                _note_name(names, digest, name)
            except ValueError as error:
                raise ValueError(f"entry {number} of {setting}: {error}") from error
    keys = {ConfiguredKey(setting, digest, names.get(digest, UNNAMED_KEY)) for setting, _, digest, _ in found}
    return tuple(sorted(keys, key=lambda key: (KEY_SETTINGS.index(key.setting), key.digest)))


def check_key_name(name: str) -> None:
    """Check that ``name`` can be the name of a caller.

    Raises:
        ValueError: it has another form, or is reserved.
    """
    if not re.fullmatch(KEY_NAME, name):
        raise ValueError(f"the name of a key must be {KEY_NAME_IN_WORDS}")
    if name.casefold() in (NO_KEY, UNKNOWN_KEY, UNNAMED_KEY):
        raise ValueError(f"no key can have the name {name}: callers without a named key are counted under it")


def find_invalid_entry(listed: str) -> int | None:
    """The number of the first entry that has not the form of a key's digest, counted from 1.

    >>> find_invalid_entry("desk-7:" + 64 * "a" + ", secret"), find_invalid_entry("")
    (2, None)
    """
    entries = enumerate(_entries(listed), start=1)
    return next((number for number, entry in entries if not re.fullmatch(KEY_ENTRY, entry)), None)


def _note_name(names: dict[str, str], digest: str, name: str) -> None:
    """Note the name of a key in ``names``."""
    check_key_name(name)
    if names.setdefault(digest, name) != name:
        raise ValueError(f"the key {_shorten(digest)} has two names, {names[digest]} and {name}")


def _entries(listed: str) -> list[str]:
    """The entries of a setting, separated by commas or white space."""
    return [entry for entry in re.split(r"[\s,]+", listed) if entry]


def _shorten(digest: str) -> str:
    return digest[:_SHOWN]


def _split(entry: str) -> tuple[str, str]:
    name, _, digest = entry.rpartition(":")
    return digest.lower(), name
