"""``GET /metrics``: metrics for Prometheus."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint, Reply
from adlrisk.telemetry.exposition import render_metrics


async def _handle_metrics(call: Call) -> Reply:
    content, media_type = await render_metrics(call.context.metrics.registry, accept=call.headers.text(b"accept"))
    return Reply(body=content, media_type=media_type, headers={"vary": "accept"})


METRICS: Final = Endpoint(
    method="GET",
    path="/metrics",
    operation_id="getMetrics",
    access="open",
    is_vital=True,
    tag="Operations",
    summary="Metrics for Prometheus",
    description="Prometheus text format, or OpenMetrics if `Accept` asks for it.",
    handle=_handle_metrics,
    compresses=True,
    answers={
        200: Answer(
            description="All metrics.",
            type=str,
            media_types=("text/plain", "application/openmetrics-text"),
        )
    },
)
