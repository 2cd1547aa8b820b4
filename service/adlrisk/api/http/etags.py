"""Content that stays the same while the service runs: rendered and encoded once, under its ETag."""

import hashlib

from msgspec import Struct


class Page(Struct, frozen=True, kw_only=True):
    """The bytes to send, and their strong ETag."""

    content: bytes
    etag: str


def page_of(content: bytes) -> Page:
    """The page with this content."""
    return Page(content=content, etag=etag_of(content))


def etag_of(content: bytes) -> str:
    """A strong ETag, which other content has not.

    >>> etag_of(b"content")
    '"ed7002b439e9"'
    """
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'
