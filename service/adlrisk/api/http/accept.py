"""Which media type an Accept header asks for, by the rules of RFC 9110, section 12.5.1.

Litestar's own matching takes a quality of 0 ("not this one") for a low preference.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_QUALITY: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
_LONGEST_HEADER: Final = 1024  # what is longer asks for nothing that could be served


@lru_cache(maxsize=256)
def best_match(accept: str, offered: Sequence[str]) -> str | None:
    """The offered media type that ``accept`` rates highest, the first of equals; ``None`` if it admits none.

    For each offer the most specific range of the header decides. An empty header admits everything.

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
    if len(accept) > _LONGEST_HEADER:
        return None
    ranges = [_range_of(part) for part in accept.split(",") if part.strip()]
    rated = [(_quality(offer, ranges), -place, offer) for place, offer in enumerate(offered)]
    quality, _, offer = max(rated)
    return offer if quality > 0.0 else None


def _range_of(part: str) -> tuple[str, float]:
    """A media range in lower case, and its quality; one that cannot be read is not admitted."""
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
