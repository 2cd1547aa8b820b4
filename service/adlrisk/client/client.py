"""Client: the service's endpoints as methods."""

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


class Client:
    """A client of the service: a method for each endpoint, with the fields of its request as keyword arguments.

    Connections are kept, and may be used from several threads. Use it in a ``with``, or ``close`` it.

    Each method raises ``ProblemError`` for a problem, ``NoAnswerError`` where no whole answer came,
    ``UnreadableAnswerError`` for an answer that is none of the service, and ``UnsendableError`` for a request that
    cannot be sent. Each has its cause.
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
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """The client of the service at ``url``.

        Args:
            url: where the service is, such as ``http://localhost:8000``; a path before its own may follow.
            api_key: sent with each request.
            json: JSON in place of MessagePack, for looking at what is sent.
            connect_timeout: seconds for a connection.
            read_timeout: seconds without a byte of the answer; large books and simulations take longer than 10.
            attempts: how often a request is sent at most: again only after a lost connection, a 429 or a 503, and
                what changes something only where it has surely not been carried out.
            longest_wait: the longest ``Retry-After`` to wait for, seconds.
            transport: one of httpx2's, for proxies, certificates of one's own, or tests.
        """
        self._options = read_options(
            url,
            api_key=api_key,
            json=json,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            attempts=attempts,
            longest_wait=longest_wait,
        )
        self._http = httpx2.Client(
            base_url=self._options.url,
            headers=self._options.headers,
            timeout=self._options.timeout,
            limits=self._options.limits,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Return the client, to be closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def score(self, **fields: Unpack[ScoreArguments]) -> ScoreAnswer:
        """The score of one position."""
        return self._call(routes.SCORE, fields)

    def scores(self, *, items: Sequence[Item], detail: Literal["full", "brief"] = "full") -> ScoresAnswer:
        """Many scores: each of ``results`` is a ``ScoreAnswer``, in brief a ``BriefScore``, or a ``Problem``."""
        route = routes.SCORES_IN_BRIEF if detail == "brief" else routes.SCORES
        return self._call(route, {"detail": detail, "items": items})

    def account(self, **fields: Unpack[AccountArguments]) -> AccountAnswer:
        """The legs of an account together: each of its ``positions`` is a ``ScoredLeg`` or a ``Problem``."""
        return self._call(routes.ACCOUNT, fields)

    def plan(self, **fields: Unpack[PlanArguments]) -> PlanAnswer:
        """The cheapest way to a lower score."""
        return self._call(routes.PLAN, fields)

    def rank(self, **fields: Unpack[RankArguments]) -> RankAnswer:
        """The queue of a book."""
        return self._call(routes.RANK, fields)

    def partial(self, **fields: Unpack[PartialArguments]) -> PartialAnswer:
        """One position before and after a partial ADL."""
        return self._call(routes.PARTIAL, fields)

    def allocate(self, **fields: Unpack[AllocateArguments]) -> AllocateAnswer:
        """Who of a book is closed against a bankrupt position."""
        return self._call(routes.ALLOCATE, fields)

    def simulate(self, **fields: Unpack[SimulateArguments]) -> SimulateAnswer:
        """What happens to a book along mark prices."""
        return self._call(routes.SIMULATE, fields)

    def exposure(self, **fields: Unpack[ExposureArguments]) -> ExposureAnswer:
        """How probable it is that an ADL reaches a position."""
        return self._call(routes.EXPOSURE, fields)

    def classify_fills(self, *, venue: str, fills: Sequence[Any]) -> FillsAnswer:
        """Whose fills those were, as the venue or ccxt gives them."""
        return self._call(routes.CLASSIFY_FILLS, {"venue": venue, "fills": fills})

    def venues(self) -> VenueList:
        """A summary of every venue."""
        return self._call(routes.VENUES)

    def venue(self, venue: str, /) -> VenueCard:
        """The rule card in force."""
        return self._call(routes.VENUE, parts=(venue,))

    def patch(self, venue: str, /, *, if_match: str | None = None, **changes: Unpack[PatchArguments]) -> VenueCard:
        """Change a card; with ``if_match`` only if it still has this revision."""
        return self._call(routes.PATCH_VENUE, changes, parts=(venue,), if_match=if_match)

    def reset(self, venue: str, /, *, if_match: str | None = None) -> VenueCard:
        """Undo all changes to a card; with ``if_match`` only if it still has this revision."""
        return self._call(routes.RESET_VENUE, parts=(venue,), if_match=if_match)

    def market(self, venue: str, symbol: str, /) -> MarketAnswer:
        """The market record of a contract."""
        return self._call(routes.MARKET, parts=(venue, symbol))

    def put_market(self, venue: str, symbol: str, /, **record: Unpack[MarketArguments]) -> MarketAnswer:
        """Store what was observed about a contract, in place of its record."""
        return self._call(routes.PUT_MARKET, record, parts=(venue, symbol))

    def live(self) -> Liveness:
        """Whether the process answers; never tried again."""
        return self._call(routes.LIVE)

    def ready(self) -> Readiness:
        """Whether the service accepts requests now; never tried again. While it does not: ``not-ready``."""
        return self._call(routes.READY)

    def metrics(self) -> str:
        """The metrics, in Prometheus' text format."""
        return self._call(routes.METRICS)

    def problem(self, slug: str, /) -> ProblemPage:
        """What a problem means, and what to do about it."""
        return self._call(routes.PROBLEM, parts=(slug,))

    def root(self) -> Root:
        """Name and version of the service."""
        return self._call(routes.ROOT)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return self._call(routes.OPENAPI)

    def _call(
        self,
        route: Route[T],
        fields: Mapping[str, Any] | None = None,
        *,
        parts: tuple[str, ...] = (),
        if_match: str | None = None,
    ) -> T:
        options = self._options
        request = build_request(route, fields, options=options, parts=parts, if_match=if_match)
        for attempt in retries(route, attempts=options.attempts, longest_wait=options.longest_wait):
            with attempt:
                try:
                    response = self._http.request(
                        request.method, request.url, content=request.content, headers=request.headers
                    )
                except httpx2.RequestError as error:
                    raise explain_failure(route, request, error) from error
                return read_response(route, request, response)
        raise AssertionError("the last attempt returns or raises")
