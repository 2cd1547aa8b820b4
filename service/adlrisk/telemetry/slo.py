"""Service-level objectives: one table, which metrics, rules, dashboard and documentation follow."""

from typing import Final, Literal

from msgspec import Struct

PERIOD_DAYS: Final = 30


class ServiceLevel(Struct, frozen=True, kw_only=True):
    """The targets of a group of routes over ``PERIOD_DAYS``; ``name`` is the value of the label ``routes``.

    ``availability`` is the share of requests not answered 5xx, ``latency`` the share answered within ``seconds``, from
    the request's first byte to the answer's last. ``seconds`` is a bucket bound of the histogram.
    """

    name: Literal["scores", "batches", "books", "venues"]
    routes: tuple[str, ...]
    availability: float
    latency: float
    seconds: float


SERVICE_LEVELS: Final = (
    # What bots poll.
    ServiceLevel(name="scores", routes=("/score",), availability=0.999, latency=0.99, seconds=0.01),
    # Many scores in a request; 500 of them take some 10 ms, thousands a multiple.
    ServiceLevel(
        name="batches",
        routes=("/scores", "/account", "/plan", "/fills/classify"),
        availability=0.999,
        latency=0.99,
        seconds=1.0,
    ),
    # Up to 300,000 positions in 0.3 to 1.4 s, and the first one starts a worker. They have few slots, and whoever comes
    # when all are taken is answered 503, so that their target is lower.
    ServiceLevel(
        name="books",
        routes=("/queue/rank", "/adl/partial", "/adl/allocate", "/adl/simulate", "/adl/exposure"),
        availability=0.995,
        latency=0.99,
        seconds=5.0,
    ),
    # Cards, overrides and market records; a change waits for the store.
    ServiceLevel(
        name="venues",
        routes=("/venues", "/venues/{venue}", "/venues/{venue}/override", "/venues/{venue}/markets/{symbol}"),
        availability=0.999,
        latency=0.99,
        seconds=0.1,
    ),
)

# Routes for people and for operators, which no bot waits for. (/metrics and health checks would dilute every share.)
WITHOUT_OBJECTIVE: Final = (
    "/health/live",
    "/health/ready",
    "/metrics",
    "/problems/{slug}",
    "/",
    "/openapi.json",
    "/docs",
)
