"""Errors in the shape of RFC 9457 (problem details), each of a documented type."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.decoding.plain_words import quote
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import UnknownVenueError

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"

_MAX_DETAIL: Final = 200
_MAX_ERRORS: Final = 100


class FieldError(Struct, frozen=True, kw_only=True):
    """What is wrong with one field of the request."""

    pointer: Annotated[str, Meta(description="JSON Pointer into the body; empty for the whole body.")]
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """An error as defined by RFC 9457. Every error of the service has this shape."""

    type: Annotated[
        str, Meta(description="`/problems/<slug>`, the path that explains it.", pattern=r"^/problems/[a-z-]+$")
    ]
    title: Annotated[str, Meta(description="The same for every problem of this type.")]
    status: Annotated[int, Meta(description="The HTTP status.", ge=400, le=599)]
    detail: Annotated[str, Meta(description="What happened in this request.", max_length=_MAX_DETAIL)]
    instance: Annotated[str, Meta(description="The request id, as in `X-Request-ID` and the log.")]
    errors: Annotated[tuple[FieldError, ...], Meta(description="The fields at fault.", max_length=_MAX_ERRORS)] = ()
    id: Annotated[
        str | UnsetType,
        Meta(description="Id of the item or leg in whose place the problem is, if it has one that can be read."),
    ] = UNSET


class ProblemError(Exception):
    """An error to answer with a problem of the table."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.errors = errors
        self.status = PROBLEMS[slug].statuses[0] if status is None else status
        self.headers = headers or {}

    def problem(self, *, instance: str, item_id: str | None = None) -> Problem:
        """Return the problem to answer, with the request id as its ``instance``.

        ``item_id`` is the id of the item in whose place it is.
        """
        return Problem(
            type=f"/problems/{self.slug}",
            title=PROBLEMS[self.slug].title,
            status=self.status,
            detail=_shorten(self.detail),
            instance=instance,
            errors=self.errors[:_MAX_ERRORS],
            id=UNSET if item_id is None else item_id,
        )


def encode_problem(error: ProblemError, *, request_id: str) -> bytes:
    """Encode the content of the response to a request that ends in a problem."""
    return msgspec.json.encode(error.problem(instance=request_id))


def problem_for(error: RefusedError | UnknownVenueError, *, within: str = "") -> ProblemError:
    """Return the problem for a valid request that cannot be answered.

    ``within`` is the JSON Pointer of the request in the body, for the items of a batch.
    """
    if isinstance(error, UnknownVenueError):
        detail = explain_unknown_venue(error)
        return ProblemError("unknown-venue", detail, status=422, errors=(field_error(f"{within}/venue", detail),))
    pointer = within + "".join(f"/{part}" for part in error.path)
    return ProblemError(error.problem, f"{pointer}: {error.detail}", errors=(field_error(pointer, error.detail),))


def explain_unknown_venue(error: UnknownVenueError, *, listed_by: str = "GET /venues") -> str:
    """Return the sentence on a venue that is not in the catalogue, with the id that was probably meant."""
    meant = f"use `{error.nearest}`?" if error.nearest else "use `generic` for one that is not listed."
    return f"There is no venue {quote(error.venue)}; {meant} {listed_by} lists the venues"


def store_unavailable(reason: str) -> ProblemError:
    """Return the problem for a request that needs the parameter store while it is unavailable."""
    detail = f"The parameter store is unavailable ({reason}). Retry; GET shows whether a change was made"
    return ProblemError("store-unavailable", detail, headers={"retry-after": "1"})


def internal_error() -> ProblemError:
    """Return the problem for a defect; it reveals nothing about it."""
    return ProblemError("internal-error", "A defect in the service; it was logged under this instance")


def field_error(pointer: str, detail: str) -> FieldError:
    """Return the error of one field, with its detail shortened to the maximum length."""
    return FieldError(pointer=pointer, detail=_shorten(detail))


def _shorten(detail: str) -> str:
    """Cut ``detail`` to the maximum length, between words if that keeps most of it."""
    if len(detail) <= _MAX_DETAIL:
        return detail
    cut = detail[: _MAX_DETAIL - 1]
    words = cut.rpartition(" ")[0]
    return f"{words if len(words) > _MAX_DETAIL // 2 else cut}…"
