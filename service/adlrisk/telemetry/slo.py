"""Service-level objectives: one row each, exported as metrics, which dashboards and alerts read."""

from typing import Final, Literal

from msgspec import Struct


class Objective(Struct, frozen=True, kw_only=True):
    """The share of good requests to reach; ``name`` is the value of the label ``promise``."""

    name: Literal["availability", "latency"]
    ratio: float


class LatencyObjective(Objective, frozen=True, kw_only=True):
    """Share of the requests of one route to answer within ``seconds``, which is a bucket bound of the histogram."""

    route: str
    seconds: float


AVAILABILITY: Final = Objective(name="availability", ratio=0.999)  # requests not answered 5xx
SCORE_LATENCY: Final = LatencyObjective(name="latency", ratio=0.99, route="/score", seconds=0.01)  # what bots poll

OBJECTIVES: Final[tuple[Objective, ...]] = (AVAILABILITY, SCORE_LATENCY)
