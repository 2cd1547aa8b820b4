"""The endpoints as the client calls them: what they answer, and when a call may be tried again."""

from typing import Any, Final, Generic, Literal, TypeVar

from msgspec import Struct

from adlrisk.api.endpoints.account.schema import AccountAnswer, ScoredLeg
from adlrisk.api.endpoints.adl.schema import AllocateAnswer, PartialAnswer
from adlrisk.api.endpoints.fills.schema import FillsAnswer
from adlrisk.api.endpoints.plan.schema import PlanAnswer
from adlrisk.api.endpoints.queue.schema import RankAnswer
from adlrisk.api.endpoints.score.schema import BriefScore, ScoresAnswer
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.endpoints.stress.schema import ExposureAnswer, SimulateAnswer
from adlrisk.api.endpoints.system.schema import Liveness, ProblemPage, Readiness, Root
from adlrisk.api.endpoints.venues.schema import MarketAnswer, VenueCard, VenueList

T = TypeVar("T")

# `any`: the same request twice is as good as once, so whenever it may help. `undone`: it changes something, and another
# change may have come in between, so only where it has surely not been carried out. `never`: it asks for the state now.
Again = Literal["any", "undone", "never"]


class Route(Struct, Generic[T], frozen=True, kw_only=True):
    """An endpoint: how it is called, and what it answers."""

    method: str
    path: str  # with a `{}` for each part that a call gives
    answer: type[T]
    items: tuple[str, type] | None = None  # the field whose items are Structs or problems, and which Structs
    media_type: str | None = None  # None: the client's
    again: Again = "any"

    @property
    def changes(self) -> bool:
        """Whether it changes something in the service."""
        return self.again == "undone"


SCORE: Final = Route(method="POST", path="/score", answer=ScoreAnswer)
SCORES: Final = Route(method="POST", path="/scores", answer=ScoresAnswer, items=("results", ScoreAnswer))
SCORES_IN_BRIEF: Final = Route(method="POST", path="/scores", answer=ScoresAnswer, items=("results", BriefScore))
ACCOUNT: Final = Route(method="POST", path="/account", answer=AccountAnswer, items=("positions", ScoredLeg))
PLAN: Final = Route(method="POST", path="/plan", answer=PlanAnswer)
RANK: Final = Route(method="POST", path="/queue/rank", answer=RankAnswer)
PARTIAL: Final = Route(method="POST", path="/adl/partial", answer=PartialAnswer)
ALLOCATE: Final = Route(method="POST", path="/adl/allocate", answer=AllocateAnswer)
SIMULATE: Final = Route(method="POST", path="/adl/simulate", answer=SimulateAnswer)
EXPOSURE: Final = Route(method="POST", path="/adl/exposure", answer=ExposureAnswer)
CLASSIFY_FILLS: Final = Route(method="POST", path="/fills/classify", answer=FillsAnswer)

VENUES: Final = Route(method="GET", path="/venues", answer=VenueList)
VENUE: Final = Route(method="GET", path="/venues/{}", answer=VenueCard)
PATCH_VENUE: Final = Route(method="PATCH", path="/venues/{}", answer=VenueCard, again="undone")
RESET_VENUE: Final = Route(method="DELETE", path="/venues/{}/override", answer=VenueCard, again="undone")
MARKET: Final = Route(method="GET", path="/venues/{}/markets/{}", answer=MarketAnswer)
PUT_MARKET: Final = Route(method="PUT", path="/venues/{}/markets/{}", answer=MarketAnswer, again="undone")

LIVE: Final = Route(method="GET", path="/health/live", answer=Liveness, again="never")
READY: Final = Route(method="GET", path="/health/ready", answer=Readiness, again="never")
METRICS: Final = Route(method="GET", path="/metrics", answer=str, media_type="text/plain")
PROBLEM: Final = Route(method="GET", path="/problems/{}", answer=ProblemPage)
ROOT: Final = Route(method="GET", path="/", answer=Root)
OPENAPI: Final = Route(method="GET", path="/openapi.json", answer=dict[str, Any], media_type="application/json")
