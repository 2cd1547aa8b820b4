"""A user's own keys at a venue: read from the environment or from files, and kept out of everything that is said."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from msgspec import Struct

from adlrisk.masking import HIDDEN
from adlrisk.settings import SettingsError, read_secret, variable_of

# ccxt's names of what a venue may ask for, and the settings that hold it.
_SETTINGS: Final = {
    "apiKey": "venue_key",
    "secret": "venue_secret",  # nosec B105
    "password": "venue_password",  # nosec B105
    "walletAddress": "venue_wallet",
}
_LONGEST: Final = 300
_SHORTEST_TO_LOOK_FOR: Final = 6
_QUERY: Final = re.compile(r"\?[^\s\"']+")
# What may be a signature, a token or a part of either; what venues write to be read has no such words.
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_%-]{32,}|[A-Za-z0-9+=_%-]{20,}")


class Credentials(Struct, frozen=True):
    """What a venue is asked with, by ccxt's names."""

    given: dict[str, str]

    def __repr__(self) -> str:
        """Their names."""
        return f"Credentials({', '.join(self.given)})"

    def scrubbed(self, text: str) -> str:
        """``text`` without them, without queries of URLs and without anything that may be a signature.

        Where one of them is too short to be told from other text, nothing is left of it.

        >>> Credentials({"secret": "s3cr3t!"}).scrubbed("GET https://venue/x?sign=1 s3cr3t! refused")
        'GET https://venue/x?[hidden] [hidden] refused'
        """
        if any(len(secret) < _SHORTEST_TO_LOOK_FOR for secret in self.given.values()):
            return HIDDEN
        for secret in sorted(self.given.values(), key=len, reverse=True):
            for form in sorted(_forms(secret), key=len, reverse=True):  # one may begin another
                text = text.replace(form, HIDDEN)
        text = _TOKEN.sub(HIDDEN, _QUERY.sub(f"?{HIDDEN}", text))
        return " ".join(text.split())[:_LONGEST]


def read_credentials(needed: tuple[str, ...], *, venue: str, environ: Mapping[str, str]) -> Credentials:
    """What ``needed`` names, in ccxt's words; nothing else is read.

    Raises:
        SettingsError: something is missing or cannot be read; names variables only.
    """
    given = {name: read_secret(environ, _SETTINGS[name]).strip() for name in needed}
    missing = [variable_of(_SETTINGS[name]) for name, secret in given.items() if not secret]
    if missing:
        raise SettingsError(f"{venue} asks for {' and '.join(missing)}, or the same with _FILE that names a file")
    return Credentials(given)


def _forms(secret: str) -> set[str]:
    return {
        secret,
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    }
