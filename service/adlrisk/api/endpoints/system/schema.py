"""Structs of the health checks, problem types and the index."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.venues.store import Reason, StoreKind


class Liveness(Struct, frozen=True, kw_only=True):
    """The process is alive."""

    status: Literal["alive"] = "alive"


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the service accepts requests, and where its parameters come from."""

    status: Annotated[
        Literal["ready", "degraded"],
        Meta(description="`degraded`: answers continue with the last known parameters."),
    ]
    store: Annotated[StoreKind, Meta(description="Where parameters are stored.")]
    reasons: Annotated[
        tuple[Reason, ...],
        Meta(
            description="Why it is degraded: the store cannot be reached, is slow, denies access, is full, is "
            "read-only, or returns errors."
        ),
    ]


class Links(Struct, frozen=True, kw_only=True):
    """Links to other endpoints."""

    docs: str = "/docs"
    openapi: str = "/openapi.json"
    venues: str = "/venues"
    ready: str = "/health/ready"
    metrics: str = "/metrics"


class Root(Struct, frozen=True, kw_only=True):
    """The service's name, version and links."""

    name: str
    version: str
    notice: str
    links: Links


class ProblemPage(Struct, frozen=True, kw_only=True):
    """The explanation of a problem type."""

    type: str
    title: str
    statuses: tuple[int, ...]
    explanation: str
