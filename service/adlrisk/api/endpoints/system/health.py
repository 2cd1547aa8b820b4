"""``GET /health/live`` and ``GET /health/ready``: health checks."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint
from adlrisk.api.endpoints.system.schema import Liveness, Readiness
from adlrisk.api.http.problems import ProblemError

_RETRY_AFTER_SECONDS: Final = 1


def _handle_live(_call: Call) -> Liveness:
    return Liveness()


def _handle_ready(call: Call) -> Readiness:
    if call.context.phase != "serving":
        raise ProblemError(
            "not-ready",
            f"The service is {call.context.phase}",
            headers={"retry-after": str(_RETRY_AFTER_SECONDS)},
        )
    live_rules = call.context.live_rules
    reasons = live_rules.reasons
    return Readiness(status="degraded" if reasons else "ready", store=live_rules.store, reasons=reasons)


LIVE: Final = Endpoint(
    method="GET",
    path="/health/live",
    operation_id="getLiveness",
    access="open",
    is_vital=True,
    tag="Operations",
    summary="Liveness check",
    description="200 whenever the process answers; checks nothing else. For liveness probes.",
    handle=_handle_live,
    answers={200: Answer(description="The process is alive.", type=Liveness)},
)

READY: Final = Endpoint(
    method="GET",
    path="/health/ready",
    operation_id="getReadiness",
    access="open",
    is_vital=True,
    tag="Operations",
    summary="Readiness check",
    description="200 while serving, degraded or not; 503 only while starting or draining. "
    "For readiness probes and load balancers.",
    handle=_handle_ready,
    answers={200: Answer(description="The service accepts requests.", type=Readiness)},
)
