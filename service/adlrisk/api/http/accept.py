"""Content negotiation: the media type for an Accept header, by RFC 9110, section 12.5.1.

Litestar's own matching treats a quality of 0 ("not acceptable") as a low preference.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

MAX_HEADER_LENGTH: Final = 1024  # a longer header matches nothing

_QUALITY: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")


@lru_cache(maxsize=256)
def best_match(accept: str, offered: Sequence[str]) -> str | None:
    """Return the offered media type that ``accept`` rates highest, the first of equals; ``None`` if it accepts none.

    The most specific range of the header decides for each offer. An empty header accepts everything.

    >>> offers = ("application/json", "application/msgpack")
    >>> best_match("application/msgpack, */*;q=0.1", offers)
    'application/msgpack'
    >>> best_match("application/json;q=0, */*", offers)
    'application/msgpack'
    >>> best_match("text/html", offers) is None
    True
    """
    if not accept.strip(" ,\t"):
        return offered[0]
    if len(accept) > MAX_HEADER_LENGTH:
        return None
    ranges = [parse_range(part) for part in accept.split(",") if part.strip()]
    rated = [(_quality(offer, ranges), -index, offer) for index, offer in enumerate(offered)]
    quality, _, offer = max(rated)
    return offer if quality > 0.0 else None


def parse_range(part: str) -> tuple[str, float]:
    """Parse a media range or another name, in lower case, and its quality: 0 if that is invalid."""
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return media_range, float(value) if _QUALITY.match(value.strip()) else 0.0
    return media_range, 1.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    main, _, _ = offer.partition("/")
    for candidate in (offer, f"{main}/*", "*/*"):
        ratings = [quality for media_range, quality in ranges if media_range == candidate]
        if ratings:
            return max(ratings)
    return 0.0
