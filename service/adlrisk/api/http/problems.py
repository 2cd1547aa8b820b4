"""How an error is answered: in the one shape of RFC 9457, as one of the documented types."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import UnknownVenueError

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"

_DETAIL_LENGTH: Final = 200
_MOST_ERRORS: Final = 100


class FieldError(Struct, frozen=True, kw_only=True):
    """What is wrong at one place of the request."""

    pointer: Annotated[str, Meta(description="JSON Pointer into the body; empty for the whole of it.")]
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """An error as RFC 9457 has it. Every error of the service has this shape."""

    type: Annotated[str, Meta(description="`/problems/<slug>`: that path explains it.", pattern=r"^/problems/[a-z-]+$")]
    title: Annotated[str, Meta(description="The same for every occurrence of the type.")]
    status: Annotated[int, Meta(description="The HTTP status.", ge=400, le=599)]
    detail: Annotated[str, Meta(description="What happened this time.", max_length=_DETAIL_LENGTH)]
    instance: Annotated[str, Meta(description="The request id, as in `X-Request-ID` and the logs.")]
    errors: Annotated[tuple[FieldError, ...], Meta(description="The places at fault.", max_length=_MOST_ERRORS)] = ()


class ProblemError(Exception):
    """Raised at the edge to answer a problem of the table."""

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

    def problem(self, *, instance: str) -> Problem:
        """The problem to answer under the request id ``instance``."""
        return Problem(
            type=f"/problems/{self.slug}",
            title=PROBLEMS[self.slug].title,
            status=self.status,
            detail=_shortened(self.detail),
            instance=instance,
            errors=self.errors[:_MOST_ERRORS],
        )


def encode_problem(error: ProblemError, *, request_id: str) -> bytes:
    """The content of the response to a request that ends in a problem."""
    return msgspec.json.encode(error.problem(instance=request_id))


def refusal_of(error: RefusedError | UnknownVenueError, *, within: str = "") -> ProblemError:
    """The problem for a request that is well-formed but impossible.

    ``within`` is the JSON Pointer of the request in the body, for items of a batch.
    """
    if isinstance(error, UnknownVenueError):
        detail = f"There is no venue {error.venue[:64]!r}; GET /venues lists them"
        return ProblemError(
            "unknown-venue",
            detail,
            status=422,
            errors=(field_error(f"{within}/venue", "not in the catalogue"),),
        )
    pointer = within + "".join(f"/{part}" for part in error.path)
    return ProblemError(error.problem, f"{pointer}: {error.detail}", errors=(field_error(pointer, error.detail),))


def store_unavailable(reason: str) -> ProblemError:
    """The problem for what needs the store of parameters while it fails."""
    detail = f"The store of parameters failed ({reason}). Try again; GET shows whether a change was made"
    return ProblemError("store-unavailable", detail, headers={"retry-after": "1"})


def internal_error() -> ProblemError:
    """The problem that says nothing of the inside."""
    return ProblemError("internal-error", "A defect of the service; it has been logged under this instance")


def field_error(pointer: str, detail: str) -> FieldError:
    """The error of one field, its detail cut to the length a problem may have."""
    return FieldError(pointer=pointer, detail=_shortened(detail))


def _shortened(detail: str) -> str:
    return detail if len(detail) <= _DETAIL_LENGTH else detail[: _DETAIL_LENGTH - 1] + "…"
