"""The FastAPI peer, written as in its documentation: pydantic models in and out, and middleware.

The domain is the service's own; the models carry its bounds.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import generate_latest
from pydantic import BaseModel, ConfigDict, Field

from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.venues.catalogue import UnknownVenueError, load_catalogue
from peers.observed import SCORES, Observed

_VENUES: Final = load_catalogue()

Positive = Annotated[float, Field(ge=1e-12, le=1e15)]
NonNegative = Annotated[float, Field(ge=0.0, le=1e15)]
Signed = Annotated[float, Field(ge=-1e15, le=1e15)]
Rate = Annotated[float, Field(ge=1e-12, lt=1.0)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PositionGiven(_Given):
    """A position as its holder sees it."""

    side: Literal["long", "short"]
    size: Positive
    entry_price: Positive
    mark_price: Positive
    equity: Signed | None = None
    margin: Positive | None = None
    leverage: Positive | None = None
    wallet_balance: Signed | None = None
    contract: Literal["linear", "inverse"] = "linear"
    contract_size: Positive = 1.0
    maintenance_margin_rate: Rate | None = None
    maintenance_amount: NonNegative = 0.0
    maintenance_margin: Positive | None = None
    maintenance_basis: Literal["mark", "entry"] | None = None
    adl_meter: Signed | None = None
    adl_meter_before: Signed | None = None
    notional: Signed | None = None
    unrealized_pnl: Signed | None = None
    margin_mode: Literal["isolated", "cross"] | None = None
    settlement: str | None = None
    hedged: bool | None = None


class MarketGiven(_Given):
    """Conditions around it."""

    funding_rate: Signed | None = None
    funding_interval_hours: Positive | None = None
    liquidation_spike: bool | None = None
    thin_liquidity: bool | None = None
    adl_trigger: bool | None = None
    insurance_fund: Signed | None = None
    fund_peak: Positive | None = None
    adl_rating: Literal["low", "medium", "high"] | None = None
    settles_at: str | None = None
    open_interest_high: bool | None = None


class ScoreGiven(_Given):
    """One position to score."""

    venue: str = "generic"
    symbol: Annotated[str, Field(pattern="^[A-Za-z0-9:._@-]{1,64}$")] | None = None
    position: PositionGiven
    market: MarketGiven = MarketGiven()
    as_of: str | None = None


class _Answered(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Signal(_Answered):
    """One signal."""

    signal: str
    points: int
    fired: bool | None
    near: bool | None
    applicable: bool
    value: float | None
    threshold: float | None
    source: str | None
    reason: str


class ProfitSignal(Signal):
    """The signal of profit, which two things can fire."""

    profit_share: float | None
    criterion: str | None


class State(_Answered):
    """What follows from the position."""

    notional: float
    entry_notional: float
    unrealized_pnl: float
    pnl_to_notional: float
    return_on_entry: float
    return_on_margin: float | None
    margin: float | None
    equity: float | None
    profit_share: float | None
    effective_leverage: float | None
    bankruptcy_price: float | None
    liquidation_price: float | None
    liquidation_distance: float | None


class Reason(_Answered):
    """A part of the answer in words."""

    reason: str


class Standing(Reason):
    """Its place in the queue."""

    place: str


class Danger(Reason):
    """What comes first."""

    danger: str


class Alert(Reason):
    """What announces an ADL."""

    alert: str


class Trigger(Reason):
    """What is known of the venue's half."""

    adl_on: bool | None
    insurance_fund: float | None
    fund_drawdown: float | None
    rating: str | None
    settles_at: str | None
    source: str | None


class Alternative(_Answered):
    """Its key by another source's rule."""

    formula: str
    priority: float | None
    eligible: bool | None
    confidence: str


class Queue(_Answered):
    """Its key."""

    formula: str
    priority: float | None
    eligible: bool
    confidence: str | None
    alternatives: tuple[Alternative, ...]


class Action(_Answered):
    """One thing to do."""

    action: str
    applies_to: tuple[str, ...]
    for_: str = Field(serialization_alias="for")
    reason: str
    amount: float | None
    unit: str | None


class MarketLookup(_Answered):
    """What became of the market record."""

    symbol: str
    status: str
    observed_at: str | None
    age_seconds: float | None
    source: str | None


class Venue(_Answered):
    """The rules it rests on."""

    id: str
    revision: str
    source: str
    facts_age_days: int


class ScoreAnswered(_Answered):
    """The score."""

    score: int
    max_score: int
    score_upper: int
    band: str
    band_upper: str
    standing: Standing
    nearer_danger: Danger
    guidance: str
    signals: tuple[Signal, ProfitSignal, Signal, Signal, Signal]
    missing: tuple[str, ...]
    state: State
    queue: Queue | None
    trigger: Trigger | None
    alerts: tuple[Alert, ...]
    actions: tuple[Action, ...]
    market: MarketLookup | None
    venue: Venue
    as_of: str


api: Final = FastAPI()


@api.post("/score", response_model=ScoreAnswered)
async def score(given: ScoreGiven) -> Any:
    """Score one position."""
    request = ScoreRequest(
        venue=given.venue,
        symbol=given.symbol,
        position=Position(**vars(given.position)),
        market=Market(**vars(given.market)),
        as_of=given.as_of,
    )
    answer = answer_score(request, venues=_VENUES, now=datetime.now(UTC))
    SCORES.labels(answer.venue.id, answer.band).inc()
    return answer


@api.get("/metrics")
async def metrics() -> Response:
    """What was counted."""
    return Response(generate_latest(), media_type="text/plain")


@api.exception_handler(RequestValidationError)
async def refuse_form(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer what breaks the models."""
    errors = [{"pointer": "/".join(map(str, found["loc"])), "detail": found["msg"]} for found in error.errors()]
    return _problem("invalid-request", 400, errors)


@api.exception_handler(RefusedError)
@api.exception_handler(UnknownVenueError)
async def refuse(_request: Request, error: Exception) -> JSONResponse:
    """Answer what cannot be scored."""
    return _problem("refused", 422, [{"pointer": "", "detail": str(error)}])


def _problem(slug: str, status: int, errors: list[dict[str, str]]) -> JSONResponse:
    content = {"type": f"/problems/{slug}", "title": slug, "status": status, "errors": errors}
    return JSONResponse(content, status_code=status, media_type="application/problem+json")


app: Any = Observed(api)
