"""Media types of the request body and the answer, from Content-Type and Accept."""

import re
from functools import lru_cache
from typing import NamedTuple

from adlrisk.api.http.accept import best_match
from adlrisk.api.http.codecs import MEDIA_TYPES
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError


class Negotiated(NamedTuple):
    """The media types that a request is read in and answered in."""

    body: str  # empty if the endpoint has no body
    answer: str  # empty if the endpoint has a media type of its own


def negotiate(headers: Headers, *, accepted: tuple[str, ...], negotiates: bool) -> Negotiated:
    """The media types of a request's body, one of ``accepted``, and of its answer, where the endpoint negotiates it.

    Raises:
        ProblemError: one of them is not supported (406, 415).
    """
    body = request_media_type(headers, accepted) if accepted else ""
    return Negotiated(body, answer_media_type(headers) if negotiates else "")


def request_media_type(headers: Headers, accepted: tuple[str, ...] = MEDIA_TYPES) -> str:
    """Return the media type of the request's Content-Type, one of ``accepted``.

    Raises:
        ProblemError: it is missing or not among them (415).
    """
    return _parse_content_type(headers.all(b"content-type"), headers.joined(b"content-encoding"), accepted)


def answer_media_type(headers: Headers) -> str:
    """Return the media type to answer in, from the request's Accept header; JSON if there is none.

    Raises:
        ProblemError: it accepts no supported media type (406).
    """
    accept = headers.joined(b"accept")
    chosen = best_match(accept, MEDIA_TYPES)
    if chosen is None:
        raise ProblemError("not-acceptable", f"Accept {accept[:64]!r} accepts none of {', '.join(MEDIA_TYPES)}")
    return chosen


@lru_cache(maxsize=256)
def _parse_content_type(given: tuple[bytes, ...], content_encoding: str, accepted: tuple[str, ...]) -> str:
    if len(set(given)) > 1:
        raise _unsupported(f"Content-Type is given {len(given)} times, with different values", accepted)
    media_type, _, parameters = (given[0].decode("latin-1") if given else "").partition(";")
    named = media_type.strip().lower()
    if named not in accepted:
        raise _unsupported(f"Content-Type {named[:64]!r} is not one of {', '.join(accepted)}", accepted)
    charset = re.search(r"(?:^|;)\s*charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise _unsupported(f"charset {charset[1][:32]!r} is not UTF-8", accepted)
    encoding = content_encoding.strip().lower()
    if encoding not in ("", "identity"):
        raise _unsupported(f"Content-Encoding {encoding[:32]!r}: send the body uncompressed", accepted)
    return named


def _unsupported(detail: str, accepted: tuple[str, ...]) -> ProblemError:
    return ProblemError("unsupported-media-type", detail, headers={"accept": ", ".join(accepted)})
