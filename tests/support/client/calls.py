"""The calls that the examples of the endpoints are, beside the plain requests that they stand for."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.dispatch.endpoint import Endpoint
from support.running import example, path_of

# The client's method for each operation of the API.
METHODS: Final = {
    "scorePosition": "score",
    "scorePositions": "scores",
    "scoreAccount": "account",
    "planPosition": "plan",
    "rankQueue": "rank",
    "closePartially": "partial",
    "allocateDeleveraging": "allocate",
    "simulateDeleveraging": "simulate",
    "estimateExposure": "exposure",
    "classifyFills": "classify_fills",
    "listVenues": "venues",
    "getVenue": "venue",
    "patchVenue": "patch",
    "resetVenue": "reset",
    "putMarket": "put_market",
    "getMarket": "market",
    "getLiveness": "live",
    "getReadiness": "ready",
    "getMetrics": "metrics",
    "getProblemType": "problem",
    "getRoot": "root",
    "getOpenApi": "openapi",
}


class ClientCall(Struct, frozen=True, kw_only=True):
    """A call of a method, and the same request without a client."""

    name: str
    endpoint: Endpoint
    arguments: tuple[str, ...]
    fields: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The path with the examples of its parameters in it."""
        return path_of(self.endpoint)

    @property
    def body(self) -> Mapping[str, Any] | None:
        """The body of the plain request."""
        return self.fields if self.endpoint.body else None

    def make(self, client: Any) -> Any:
        """What ``client`` answers to it."""
        return getattr(client, METHODS[self.endpoint.operation_id])(*self.arguments, **self.fields)


def is_for_browsers(endpoint: Endpoint) -> bool:
    """Whether it answers nothing but a page."""
    return endpoint.answers[200].media_types == ("text/html",)


def _list_calls() -> Iterator[ClientCall]:
    for endpoint in ENDPOINTS:
        if is_for_browsers(endpoint):
            continue
        arguments = tuple(parameter.example for parameter in endpoint.parameters if parameter.place == "path")
        for name in endpoint.body.examples if endpoint.body else ("",):
            fields = example(f"{name}.request") if name else {}
            yield ClientCall(name=name or endpoint.operation_id, endpoint=endpoint, arguments=arguments, fields=fields)


CALLS: Final = tuple(_list_calls())
