"""API keys and what each may do; the service knows only their digests."""

import hashlib
import hmac
import re
import secrets
from typing import Final, Literal

from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.settings import Settings

Access = Literal["open", "read", "write", "admin"]

KEY_PREFIX: Final = "adlrisk_"  # of generated keys, so that one is recognised where it should not be

_RANKS: Final[dict[Access, int]] = {"open": 0, "read": 1, "write": 2, "admin": 3}
_SETTINGS: Final[dict[Access, str]] = {
    "write": "ADLRISK_WRITE_KEYS or ADLRISK_ADMIN_KEYS",
    "admin": "ADLRISK_ADMIN_KEYS",
}
_KINDS: Final[dict[Access, str]] = {"read": "an API key", "write": "a write key", "admin": "an admin key"}
# Headers that may contain secrets: nothing that outlives a request may store them.
CREDENTIALS: Final = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-api-key"})
_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="adlrisk"'}


class ApiKeys:
    """The digests of the configured keys: admin keys may write, and all may read."""

    def __init__(self, settings: Settings) -> None:
        given: tuple[tuple[Access, str], ...] = (
            ("read", settings.api_keys),
            ("write", settings.write_keys),
            ("admin", settings.admin_keys),
        )
        self._known = [(digest, access) for access, listed in given for digest in parse_digests(listed)]
        self.reading_needs_key: Final = bool(settings.api_keys)

    def admit(self, needed: Access, headers: Headers) -> None:
        """Admit a request that has the ``needed`` access; checked before its body is read.

        Raises:
            ProblemError: it has no known key (401), its key lacks the access, or no configured key has it (403).
        """
        if needed == "open" or (needed == "read" and not self.reading_needs_key):
            return
        if not any(_RANKS[access] >= _RANKS[needed] for _, access in self._known):
            detail = (
                f"Write access is disabled; to enable it, set {_SETTINGS[needed]} to digests of keys (adlrisk make-key)"
            )
            raise ProblemError("writing-disabled", detail)
        presented = _read_keys(headers)
        if not presented:
            detail = "Send an API key as Authorization: Bearer KEY or X-API-Key: KEY"
            raise ProblemError("unauthorized", detail, headers=_CHALLENGE)
        held = max((access for _, access in self._match(presented)), key=_RANKS.__getitem__, default=None)
        if held is None:
            raise ProblemError(
                "unauthorized", "The API key is unknown; send the key itself, not its digest", headers=_CHALLENGE
            )
        if _RANKS[held] < _RANKS[needed]:
            raise ProblemError("forbidden", f"This requires {_KINDS[needed]}, but the key sent is {_KINDS[held]}")

    def find_digest(self, headers: Headers) -> str | None:
        """Return the digest of the request's key; ``None`` if it has no known key."""
        return next((digest for digest, _ in self._match(_read_keys(headers))), None)

    def _match(self, keys: list[str]) -> list[tuple[str, Access]]:
        """Return the known keys that are among ``keys``. Every digest is compared, each in constant time."""
        presented = [digest_key(key) for key in keys]
        return [
            (digest, access) for digest, access in self._known for one in presented if hmac.compare_digest(digest, one)
        ]


def generate_key() -> str:
    """Generate a key of 256 random bits, so that its digest needs no salt."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def is_sendable(key: str) -> bool:
    """Whether every client can send ``key`` in a header as it is: printable ASCII, and no space at an end.

    >>> is_sendable("secret"), is_sendable("schlüssel")
    (True, False)
    """
    return key.isascii() and key.isprintable() and key == key.strip()


def digest_key(key: str) -> str:
    """Return the digest of a key, all that the service knows of it.

    >>> digest_key("secret")[:12]
    '2bb80d537b1d'
    """
    return hashlib.sha256(key.encode()).hexdigest()


def parse_digests(listed: str) -> list[str]:
    """Return the digests in a setting, separated by commas or white space."""
    return [digest.lower() for digest in re.split(r"[\s,]+", listed) if digest]


def _read_keys(headers: Headers) -> list[str]:
    """Return the keys in the headers; a bearer token beside an X-API-Key may be a gateway's."""
    scheme, _, token = headers.text(b"authorization").partition(" ")
    given = (token if scheme.lower() == "bearer" else "", headers.text(b"x-api-key"))
    return [key.strip() for key in given if key.strip()]
