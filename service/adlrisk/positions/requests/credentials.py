"""A user's own keys at a venue: read from the environment or files, and hidden in every message."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, quote_plus

from msgspec import Struct

from adlrisk.masking import HIDDEN
from adlrisk.settings import SettingsError, file_variable_of, read_secret, variable_of

# How the settings end that hold each of ccxt's credentials.
_SETTINGS: Final = {
    "apiKey": "key",
    "secret": "secret",  # nosec B105
    "password": "password",  # nosec B105
    "walletAddress": "wallet",
}
_LONGEST_TEXT: Final = 300
_SHORTEST_TO_HIDE: Final = 6
_MADE_BY_VENUE: Final = frozenset({"apiKey", "secret"})  # long ones; a password is the user's own
_QUERY: Final = re.compile(r"\?[^\s\"']+")
# What may be a signature, a token or a part of one; messages of venues have no such words.
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_%-]{32,}|[A-Za-z0-9+=_%-]{20,}")


class MissingCredentialsError(SettingsError):
    """Credentials that the venue asks for are not set: the variables ``missing``, and those ``given``."""

    def __init__(self, venue: str, missing: Sequence[str], *, given: Sequence[str]) -> None:
        super().__init__(f"{venue} asks for {' and '.join(missing)}, or the same with _FILE that names a file")
        self.missing = missing
        self.given = given


class Credentials(Struct, frozen=True):
    """Credentials by ccxt's names."""

    values: dict[str, str]

    def __repr__(self) -> str:
        """The names only."""
        return f"Credentials({', '.join(self.values)})"

    def scrub(self, text: str) -> str:
        """``text`` with credentials, queries of URLs and possible signatures hidden, cut to 300 characters.

        If a credential is too short to be distinguished from other text, all of ``text`` is hidden.

        >>> Credentials({"secret": "s3cr3t!"}).scrub("GET https://venue/x?sign=1 s3cr3t! refused")
        'GET https://venue/x?[hidden] [hidden] refused'
        """
        if any(len(secret) < _SHORTEST_TO_HIDE for secret in self.values.values()):
            return HIDDEN
        for secret in sorted(self.values.values(), key=len, reverse=True):
            for encoding in sorted(_encodings(secret), key=len, reverse=True):  # one may be a prefix of another
                text = text.replace(encoding, HIDDEN)
        text = _TOKEN.sub(HIDDEN, _QUERY.sub(f"?{HIDDEN}", text))
        return " ".join(text.split())[:_LONGEST_TEXT]


def read_credentials(
    needed: tuple[str, ...], *, venue: str, environ: Mapping[str, str], keys: str = "venue"
) -> Credentials:
    """The credentials that ``needed`` names, by ccxt's names, from the settings that begin with ``keys``; no others.

    Raises:
        MissingCredentialsError: some are not set.
        SettingsError: one cannot be read, or is too short to be one; the message names variables only.
    """
    settings = {name: f"{keys}_{_SETTINGS[name]}" for name in needed}
    values = {name: read_secret(environ, setting).strip() for name, setting in settings.items()}
    missing = [variable_of(settings[name]) for name, secret in values.items() if not secret]
    if missing:
        names = [name for setting in settings.values() for name in (variable_of(setting), file_variable_of(setting))]
        raise MissingCredentialsError(venue, missing, given=[name for name in names if environ.get(name, "").strip()])
    short = [
        variable_of(settings[name]) for name in _MADE_BY_VENUE & values.keys() if len(values[name]) < _SHORTEST_TO_HIDE
    ]
    if short:
        raise SettingsError(
            f"{' and '.join(sorted(short))}: shorter than {_SHORTEST_TO_HIDE} characters, which no key of {venue} is"
        )
    return Credentials(values)


def _encodings(secret: str) -> set[str]:
    return {
        secret,
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    }
