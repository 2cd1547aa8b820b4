"""``GET /``: name, version and links."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Call, Endpoint
from adlrisk.api.endpoints.system.schema import Links, Root


def _handle_root(call: Call) -> Root:
    return Root(
        name="adlrisk",
        version=call.context.version,
        notice="Risk information, not investment advice.",
        links=Links(),
    )


ROOT: Final = Endpoint(
    method="GET",
    path="/",
    operation_id="getRoot",
    access="open",
    tag="Operations",
    summary="Name, version, links",
    description="A starting point for exploring the service.",
    handle=_handle_root,
    answers={200: Answer(description="Name, version, links.", type=Root)},
)
