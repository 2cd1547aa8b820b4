"""API keys and what each may do; the service knows only their digests."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.settings import Settings
from adlrisk.settings.keys import KEY_SETTINGS, UNKNOWN_KEY, ConfiguredKey, KeySetting, list_keys

Access = Literal["open", "read", "write", "admin"]

CHANGING: Final[tuple[Access, ...]] = ("write", "admin")
KEY_PREFIX: Final = "adlrisk_"  # of generated keys, so that one is recognised where it should not be

_RANKS: Final[dict[Access, int]] = {"open": 0, "read": 1, "write": 2, "admin": 3}
_ACCESS: Final[dict[KeySetting, Access]] = {"api_keys": "read", "write_keys": "write", "admin_keys": "admin"}
_SETTINGS: Final[dict[Access, str]] = {
    "write": "ADLRISK_WRITE_KEYS or ADLRISK_ADMIN_KEYS",
    "admin": "ADLRISK_ADMIN_KEYS",
}
_KINDS: Final[dict[Access, str]] = {"read": "an API key", "write": "a write key", "admin": "an admin key"}
# Headers that may contain secrets: nothing that outlives a request may store them.
CREDENTIALS: Final = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-api-key"})
_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="adlrisk"'}


class _KnownKey(NamedTuple):
    digest: str
    access: Access
    name: str


class ApiKeys:
    """The digests of the configured keys: admin keys may write, and all may read.

    The keys may be replaced while requests are answered, but whether reading needs a key stays as it was at the start.
    """

    def __init__(self, settings: Settings) -> None:
        self.reading_needs_key: Final = bool(settings.api_keys)
        self.configured = list_keys({name: getattr(settings, name) for name in KEY_SETTINGS})
        self._known = [_know(key) for key in self.configured]
        self._listeners: list[Callable[[], None]] = []

    def replace(self, keys: Sequence[ConfiguredKey]) -> None:
        """Put ``keys`` in force instead of the current ones, all at once."""
        self.configured = tuple(keys)
        self._known = [_know(key) for key in keys]
        for listener in self._listeners:
            listener()

    def on_replace(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever keys have been replaced: whoever remembers that a key was known must forget it."""
        self._listeners.append(listener)

    def admit(self, needed: Access, headers: Headers) -> str | None:
        """Admit a request that has the ``needed`` access; checked before its body is read. Returns as ``identify``.

        Raises:
            ProblemError: it has no known key (401), its key lacks the access, or no configured key has it (403).
        """
        presented = _read_keys(headers)
        held = self._find_best(presented)
        if needed == "open" or (needed == "read" and not self.reading_needs_key):
            return self._name(presented, held)
        if not any(_RANKS[key.access] >= _RANKS[needed] for key in self._known):
            detail = (
                f"Write access is disabled; to enable it, set {_SETTINGS[needed]} to digests of keys (adlrisk make-key)"
            )
            raise ProblemError("writing-disabled", detail)
        if not presented:
            detail = "Send an API key as Authorization: Bearer KEY or X-API-Key: KEY"
            raise ProblemError("unauthorized", detail, headers=_CHALLENGE)
        if held is None:
            raise ProblemError(
                "unauthorized", "The API key is unknown; send the key itself, not its digest", headers=_CHALLENGE
            )
        if _RANKS[held.access] < _RANKS[needed]:
            raise ProblemError(
                "forbidden", f"This requires {_KINDS[needed]}, but the key sent is {_KINDS[held.access]}"
            )
        return held.name

    def identify(self, headers: Headers) -> str | None:
        """The name of the request's key, ``unknown`` if it is not configured; ``None`` without a key.

        A service without keys knows none, and does not look for any.
        """
        presented = _read_keys(headers)
        return self._name(presented, self._find_best(presented))

    def find_digest(self, headers: Headers) -> str | None:
        """Return the digest of the request's key; ``None`` if it has no known key."""
        return next((key.digest for key in self._match(_read_keys(headers))), None)

    def _name(self, presented: list[str], held: _KnownKey | None) -> str | None:
        if held is not None:
            return held.name
        return UNKNOWN_KEY if presented and self._known else None

    def _find_best(self, presented: list[str]) -> _KnownKey | None:
        """The known key with the most access among ``presented``."""
        if not presented or not self._known:
            return None
        return max(self._match(presented), key=lambda key: _RANKS[key.access], default=None)

    def _match(self, keys: list[str]) -> list[_KnownKey]:
        """Return the known keys that are among ``keys``. Every digest is compared, each in constant time."""
        presented = [digest_key(key) for key in keys]
        return [known for known in self._known for one in presented if hmac.compare_digest(known.digest, one)]


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


def _know(key: ConfiguredKey) -> _KnownKey:
    return _KnownKey(key.digest, _ACCESS[key.setting], key.name)


def _read_keys(headers: Headers) -> list[str]:
    """Return the keys in the headers; a bearer token beside an X-API-Key may be a gateway's."""
    scheme, _, token = headers.text(b"authorization").partition(" ")
    given = (token if scheme.lower() == "bearer" else "", headers.text(b"x-api-key"))
    return [key.strip() for key in given if key.strip()]
