"""Media types and codings of the request body and the answer, from what its headers say of each."""

import re
from functools import lru_cache
from typing import NamedTuple

from adlrisk.api.http.accept import best_match
from adlrisk.api.http.codecs import MEDIA_TYPES
from adlrisk.api.http.codings.accept_encoding import (
    ALIASES,
    CODINGS,
    IDENTITY_ONLY,
    AcceptedCodings,
    Coding,
    parse_accept_encoding,
)
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError


class Negotiated(NamedTuple):
    """The media types and codings that a request is read in and answered in."""

    body: str  # empty if the endpoint has no body
    answer: str  # empty if the endpoint has a media type of its own
    body_coding: Coding | None = None
    answer_codings: AcceptedCodings = IDENTITY_ONLY


class Offer(NamedTuple):
    """What an endpoint can be asked in and answers in."""

    body_types: tuple[str, ...]  # empty if it has no body
    negotiates_type: bool  # of the answer
    takes_coded_bodies: bool
    compresses: bool  # its answers


def negotiate(headers: Headers, offer: Offer) -> Negotiated:
    """The media types and codings of a request's body and of its answer.

    Raises:
        ProblemError: one of them is not supported (406, 415).
    """
    body, coding = "", None
    if offer.body_types:
        body = request_media_type(headers, offer.body_types)
        coding = _parse_content_encoding(
            headers.joined(b"content-encoding"), CODINGS if offer.takes_coded_bodies else ()
        )
    return Negotiated(
        body,
        answer_media_type(headers) if offer.negotiates_type else "",
        coding,
        parse_accept_encoding(headers.joined(b"accept-encoding")) if offer.compresses else IDENTITY_ONLY,
    )


def request_media_type(headers: Headers, accepted: tuple[str, ...] = MEDIA_TYPES) -> str:
    """Return the media type of the request's Content-Type, one of ``accepted``.

    Raises:
        ProblemError: it is missing or not among them (415).
    """
    return _parse_content_type(headers.all(b"content-type"), accepted)


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
def _parse_content_type(given: tuple[bytes, ...], accepted: tuple[str, ...]) -> str:
    if len(set(given)) > 1:
        raise _unsupported(f"Content-Type is given {len(given)} times, with different values", accepted)
    media_type, _, parameters = (given[0].decode("latin-1") if given else "").partition(";")
    named = media_type.strip().lower()
    if named not in accepted:
        raise _unsupported(f"Content-Type {named[:64]!r} is not one of {', '.join(accepted)}", accepted)
    charset = re.search(r"(?:^|;)\s*charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise _unsupported(f"charset {charset[1][:32]!r} is not UTF-8", accepted)
    return named


@lru_cache(maxsize=256)
def _parse_content_encoding(given: str, accepted: tuple[Coding, ...]) -> Coding | None:
    """The coding of a body, one of ``accepted``; ``None`` if it has none.

    Raises:
        ProblemError: it is another one, or there are several (415); the answer says which may be sent (RFC 7694).
    """
    names = [name.strip() for name in given.lower().split(",") if name.strip(" \t")]
    named = ", ".join(ALIASES.get(name, name) for name in names)
    if named in ("", "identity"):
        return None
    for coding in accepted:
        if named == coding:
            return coding
    if not accepted:
        advice = "send the body uncompressed"
    elif len(names) > 1:
        advice = f"name one coding, {' or '.join(accepted)}"
    else:
        advice = f"send the body in {' or '.join(accepted)}, or uncompressed"
    raise ProblemError(
        "unsupported-media-type",
        f"Content-Encoding {named[:32]!r}: {advice}",
        headers={"accept-encoding": ", ".join(accepted) or "identity"},
    )


def _unsupported(detail: str, accepted: tuple[str, ...]) -> ProblemError:
    return ProblemError("unsupported-media-type", detail, headers={"accept": ", ".join(accepted)})
