"""AsyncClient: the service's endpoints as coroutines."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, Unpack

import httpx2

from adlrisk.api.endpoints.account.schema import AccountAnswer
from adlrisk.api.endpoints.adl.schema import AllocateAnswer, PartialAnswer
from adlrisk.api.endpoints.fills.schema import FillsAnswer
from adlrisk.api.endpoints.plan.schema import PlanAnswer
from adlrisk.api.endpoints.queue.schema import RankAnswer
from adlrisk.api.endpoints.score.schema import ScoresAnswer
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.endpoints.stress.schema import ExposureAnswer, SimulateAnswer
from adlrisk.api.endpoints.system.schema import Liveness, ProblemPage, Readiness, Root
from adlrisk.api.endpoints.venues.schema import MarketAnswer, VenueCard, VenueList
from adlrisk.client import routes
from adlrisk.client.arguments import (
    AccountArguments,
    AllocateArguments,
    ExposureArguments,
    Item,
    MarketArguments,
    PartialArguments,
    PatchArguments,
    PlanArguments,
    RankArguments,
    ScoreArguments,
    SimulateArguments,
)
from adlrisk.client.exchange import build_request, explain_failure, read_options, read_response
from adlrisk.client.legs import from_ccxt
from adlrisk.client.retrying import retries
from adlrisk.client.routes import Route

T = TypeVar("T")


class AsyncClient:
    """``Client`` for asyncio and trio: the same methods, each of them to be awaited.

    Use it in an ``async with``, or ``aclose`` it; in one event loop only. It raises what ``Client`` does.
    """

    from_ccxt = staticmethod(from_ccxt)

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        json: bool = False,
        connect_timeout: float = 2.0,
        read_timeout: float = 10.0,
        attempts: int = 4,
        longest_wait: float = 30.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """The client of the service at ``url``; the arguments are those of ``Client``."""
        self._options = read_options(
            url,
            api_key=api_key,
            json=json,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            attempts=attempts,
            longest_wait=longest_wait,
        )
        self._http = httpx2.AsyncClient(
            base_url=self._options.url,
            headers=self._options.headers,
            timeout=self._options.timeout,
            limits=self._options.limits,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        """Return the client, to be closed at the end."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def score(self, **fields: Unpack[ScoreArguments]) -> ScoreAnswer:
        """The score of one position."""
        return await self._call(routes.SCORE, fields)

    async def scores(self, *, items: Sequence[Item], detail: Literal["full", "brief"] = "full") -> ScoresAnswer:
        """Many scores: each of ``results`` is a ``ScoreAnswer``, in brief a ``BriefScore``, or a ``Problem``."""
        route = routes.SCORES_IN_BRIEF if detail == "brief" else routes.SCORES
        return await self._call(route, {"detail": detail, "items": items})

    async def account(self, **fields: Unpack[AccountArguments]) -> AccountAnswer:
        """The legs of an account together: each of its ``positions`` is a ``ScoredLeg`` or a ``Problem``."""
        return await self._call(routes.ACCOUNT, fields)

    async def plan(self, **fields: Unpack[PlanArguments]) -> PlanAnswer:
        """The cheapest way to a lower score."""
        return await self._call(routes.PLAN, fields)

    async def rank(self, **fields: Unpack[RankArguments]) -> RankAnswer:
        """The queue of a book."""
        return await self._call(routes.RANK, fields)

    async def partial(self, **fields: Unpack[PartialArguments]) -> PartialAnswer:
        """One position before and after a partial ADL."""
        return await self._call(routes.PARTIAL, fields)

    async def allocate(self, **fields: Unpack[AllocateArguments]) -> AllocateAnswer:
        """Who of a book is closed against a bankrupt position."""
        return await self._call(routes.ALLOCATE, fields)

    async def simulate(self, **fields: Unpack[SimulateArguments]) -> SimulateAnswer:
        """What happens to a book along mark prices."""
        return await self._call(routes.SIMULATE, fields)

    async def exposure(self, **fields: Unpack[ExposureArguments]) -> ExposureAnswer:
        """How probable it is that an ADL reaches a position."""
        return await self._call(routes.EXPOSURE, fields)

    async def classify_fills(self, *, venue: str, fills: Sequence[Any]) -> FillsAnswer:
        """Whose fills those were, as the venue or ccxt gives them."""
        return await self._call(routes.CLASSIFY_FILLS, {"venue": venue, "fills": fills})

    async def venues(self) -> VenueList:
        """A summary of every venue."""
        return await self._call(routes.VENUES)

    async def venue(self, venue: str, /) -> VenueCard:
        """The rule card in force."""
        return await self._call(routes.VENUE, parts=(venue,))

    async def patch(
        self, venue: str, /, *, if_match: str | None = None, **changes: Unpack[PatchArguments]
    ) -> VenueCard:
        """Change a card; with ``if_match`` only if it still has this revision."""
        return await self._call(routes.PATCH_VENUE, changes, parts=(venue,), if_match=if_match)

    async def reset(self, venue: str, /, *, if_match: str | None = None) -> VenueCard:
        """Undo all changes to a card; with ``if_match`` only if it still has this revision."""
        return await self._call(routes.RESET_VENUE, parts=(venue,), if_match=if_match)

    async def market(self, venue: str, symbol: str, /) -> MarketAnswer:
        """The market record of a contract."""
        return await self._call(routes.MARKET, parts=(venue, symbol))

    async def put_market(self, venue: str, symbol: str, /, **record: Unpack[MarketArguments]) -> MarketAnswer:
        """Store what was observed about a contract, in place of its record."""
        return await self._call(routes.PUT_MARKET, record, parts=(venue, symbol))

    async def live(self) -> Liveness:
        """Whether the process answers; never tried again."""
        return await self._call(routes.LIVE)

    async def ready(self) -> Readiness:
        """Whether the service accepts requests now; never tried again. While it does not: ``not-ready``."""
        return await self._call(routes.READY)

    async def metrics(self) -> str:
        """The metrics, in Prometheus' text format."""
        return await self._call(routes.METRICS)

    async def problem(self, slug: str, /) -> ProblemPage:
        """What a problem means, and what to do about it."""
        return await self._call(routes.PROBLEM, parts=(slug,))

    async def root(self) -> Root:
        """Name and version of the service."""
        return await self._call(routes.ROOT)

    async def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return await self._call(routes.OPENAPI)

    async def _call(
        self,
        route: Route[T],
        fields: Mapping[str, Any] | None = None,
        *,
        parts: tuple[str, ...] = (),
        if_match: str | None = None,
    ) -> T:
        options = self._options
        request = build_request(route, fields, options=options, parts=parts, if_match=if_match)
        async for attempt in retries(route, attempts=options.attempts, longest_wait=options.longest_wait):
            with attempt:
                try:
                    response = await self._http.request(
                        request.method, request.url, content=request.content, headers=request.headers
                    )
                except httpx2.RequestError as error:
                    raise explain_failure(route, request, error) from error
                return read_response(route, request, response)
        raise AssertionError("the last attempt returns or raises")
