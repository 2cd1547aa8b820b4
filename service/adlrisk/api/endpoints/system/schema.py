"""Structs of health checks, problem types and the index."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.venues.store import Reason, StoreKind


class Liveness(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether requests are welcome, and where parameters come from."""

    status: Annotated[
        Literal["ready", "degraded"],
        Meta(description="`degraded`: answers go on with the last known parameters."),
    ]
    store: Annotated[StoreKind, Meta(description="Where parameters are kept.")]
    reasons: Annotated[
        tuple[Reason, ...],
        Meta(description="Why: the store cannot be reached, is slow, denies access, is full, read-only, or refuses."),
    ]


class Links(Struct, frozen=True, kw_only=True):
    """Where to go from here."""

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
    """What one problem type means."""

    type: str
    title: str
    statuses: tuple[int, ...]
    explanation: str
