"""What machines and newcomers ask: health, metrics, problems, the way to the documentation."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Parameter, Reply
from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.api.http.problems import ProblemError
from adlrisk.telemetry.exposition import render_metrics
from adlrisk.venues.store import Reason, StoreKind

_RETRY_AFTER_SECONDS: Final = 1


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


async def _handle_root(call: Call) -> Root:
    return Root(
        name="adlrisk",
        version=call.service.version,
        notice="Risk information, not investment advice.",
        links=Links(),
    )


async def _handle_live(_call: Call) -> Liveness:
    return Liveness()


async def _handle_ready(call: Call) -> Readiness:
    if call.service.phase != "serving":
        raise ProblemError(
            "not-ready",
            f"The service is {call.service.phase}",
            headers={"retry-after": str(_RETRY_AFTER_SECONDS)},
        )
    parameters = call.service.parameters
    reasons = parameters.reasons
    return Readiness(status="degraded" if reasons else "ready", store=parameters.store, reasons=reasons)


async def _handle_metrics(call: Call) -> Reply:
    content, media_type = await render_metrics(call.service.metrics.registry, accept=call.head.text(b"accept"))
    # Litestar adds the charset of text by itself.
    return Reply(body=content, media_type=media_type.removesuffix("; charset=utf-8"))


async def _handle_problem(call: Call) -> ProblemPage:
    kind = PROBLEMS.get(call.path["slug"])
    if kind is None:
        raise ProblemError("not-found", "There is no such problem type")
    return ProblemPage(
        type=f"/problems/{kind.slug}",
        title=kind.title,
        statuses=kind.statuses,
        explanation=kind.explanation,
    )


ROOT: Final = Endpoint(
    method="GET",
    path="/",
    operation_id="getRoot",
    access="open",
    tag="Operations",
    summary="Name, version, links",
    description="Where a newcomer starts.",
    handle=_handle_root,
    answers={200: Answer(description="Name, version, links.", type=Root)},
)

LIVE: Final = Endpoint(
    method="GET",
    path="/health/live",
    operation_id="getLiveness",
    access="open",
    is_vital=True,
    tag="Operations",
    summary="Does the process answer?",
    description="Touches nothing else. For liveness probes.",
    handle=_handle_live,
    answers={200: Answer(description="It does.", type=Liveness)},
)

READY: Final = Endpoint(
    method="GET",
    path="/health/ready",
    operation_id="getReadiness",
    access="open",
    is_vital=True,
    tag="Operations",
    summary="Are requests welcome?",
    description="200 while serving, degraded or not; 503 only while starting or draining. "
    "For readiness probes and load balancers.",
    handle=_handle_ready,
    answers={200: Answer(description="They are.", type=Readiness)},
)

METRICS: Final = Endpoint(
    method="GET",
    path="/metrics",
    operation_id="getMetrics",
    access="open",
    is_vital=True,
    tag="Operations",
    summary="Metrics for Prometheus",
    description="Prometheus text format, or OpenMetrics where `Accept` asks for it.",
    handle=_handle_metrics,
    answers={
        200: Answer(
            description="All metrics.",
            type=str,
            media_types=("text/plain", "application/openmetrics-text"),
        )
    },
)

PROBLEM: Final = Endpoint(
    method="GET",
    path="/problems/{slug}",
    operation_id="getProblemType",
    access="open",
    tag="Operations",
    summary="What a problem type means",
    description="The `type` of every error is the path of its explanation.",
    handle=_handle_problem,
    parameters=(
        Parameter(
            name="slug",
            place="path",
            description="The last part of a problem's `type`.",
            schema={"type": "string", "enum": sorted(PROBLEMS)},
            example="invalid-request",
        ),
    ),
    answers={200: Answer(description="The explanation.", type=ProblemPage)},
    problems=("not-found",),
)
