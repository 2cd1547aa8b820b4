"""ETags of content, and pages rendered once."""

import hashlib

from msgspec import Struct


class Page(Struct, frozen=True, kw_only=True):
    """The bytes to send, which stay the same while the service runs, and their strong ETag."""

    content: bytes
    etag: str


def build_page(content: bytes) -> Page:
    """Return the page with this content and its ETag."""
    return Page(content=content, etag=compute_etag(content))


def tag_coding(etag: str, coding: str | None) -> str:
    """Return the ETag of the same content in a coding, whose bytes are others.

    >>> tag_coding('"ed7002b439e9"', "gzip")
    '"ed7002b439e9-gzip"'
    """
    return f'{etag[:-1]}-{coding}"' if coding else etag


def compute_etag(content: bytes) -> str:
    """Return a strong ETag: a digest of ``content``.

    >>> compute_etag(b"content")
    '"ed7002b439e9"'
    """
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'
