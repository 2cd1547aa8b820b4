"""The keyword arguments of the client's methods: the fields of the requests, by the requests' own names.

Where a Struct is taken, a dict with its fields does as well. Types stand for what a request may have; what its bounds
are, says the service.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

from adlrisk.api.endpoints.account.schema import Leg
from adlrisk.api.endpoints.adl.schema import Close
from adlrisk.api.endpoints.plan.schema import OtherPositions, TargetFigure
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresItem
from adlrisk.api.endpoints.shared.fields import Layout
from adlrisk.api.endpoints.shared.schema import BookColumns, BookPosition
from adlrisk.api.endpoints.stress.schema import OwnPosition
from adlrisk.domain.deleverage.policies import Bankrupt, FillPriceName, Policy
from adlrisk.domain.planning.option import Order
from adlrisk.domain.planning.target import TargetBand
from adlrisk.domain.position.entries import Entry
from adlrisk.domain.position.market import MaintenanceTier, Market
from adlrisk.domain.position.position import Contract, MarginMode, Position, Side
from adlrisk.domain.rules.formulas import FormulaName
from adlrisk.domain.rules.leverage_mix import LeverageShare
from adlrisk.domain.stress.cohorts import Cohorts
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.moves import Moves
from adlrisk.venues.overrides import ExecutionPatch, FundingPatch, ThresholdsPatch

Fields = Mapping[str, Any]
Moment = datetime | str
LegGiven = Leg | Fields
Item = ScoresItem | ScoreRequest | Fields
Shares = Sequence[LeverageShare | Fields]


class ScoreArguments(TypedDict, total=False):
    """Fields of ``POST /score``."""

    venue: str
    symbol: str | None
    position: Required[Position | Fields]
    market: Market | Fields
    as_of: Moment | None


class AccountArguments(TypedDict, total=False):
    """Fields of ``POST /account``."""

    venue: Required[str]
    wallet_balance: float | None
    equity: float | None
    maintenance_margin: float | None
    markets: Mapping[str, Market | Fields]
    as_of: Moment | None
    positions: Required[Sequence[LegGiven]]


class _SubjectArguments(TypedDict, total=False):
    """A position, alone or a leg of an account."""

    venue: str
    position: Position | Fields
    positions: Sequence[LegGiven]
    leg: str | None
    wallet_balance: float | None
    equity: float | None
    maintenance_margin: float | None
    margin_mode: MarginMode | None
    lot_size: float | None
    orders: Sequence[Order | Fields]


class PlanArguments(_SubjectArguments, total=False):
    """Fields of ``POST /plan``."""

    symbol: str | None
    market: Market | Fields | None
    markets: Mapping[str, Market | Fields] | None
    as_of: Moment | None
    target: Required[TargetBand | TargetFigure | Fields]
    book: OtherPositions | Fields
    taker_fee: float
    margin_step: float | None
    depth: Depth | Fields | None
    candidate: bool


class PartialArguments(_SubjectArguments, total=False):
    """Fields of ``POST /adl/partial``."""

    close: Required[Close | Fields]
    fill_price: float | None
    scenario_prices: Sequence[float]


class _BookArguments(TypedDict, total=False):
    """A book of one contract, in rows or in columns."""

    venue: Required[str]
    mark_price: Required[float]
    contract: Contract
    contract_size: float
    positions: Sequence[BookPosition | Fields]
    columns: BookColumns | Fields
    formula: FormulaName | None


class RankArguments(_BookArguments, total=False):
    """Fields of ``POST /queue/rank``."""

    side: Side | None
    top: int | None
    ids: Sequence[str] | None
    layout: Layout


class AllocateArguments(_BookArguments, total=False):
    """Fields of ``POST /adl/allocate``."""

    bankrupt: Required[Bankrupt | Fields]
    lot_size: float
    policies: Sequence[Policy]
    fill_price: FillPriceName | float | None
    layout: Layout


class _StressArguments(_BookArguments, total=False):
    """A book, and what stands between it and an ADL."""

    symbol: str | None
    as_of: Moment | None
    lot_size: float | None
    cohorts: Cohorts | Fields
    maintenance_margin_rate: float | None
    fund: Fund | Fields | None
    depth: Depth | Fields | None
    permanent_impact: float
    policy: Policy
    fill_price: FillPriceName | float | None


class SimulateArguments(_StressArguments, total=False):
    """Fields of ``POST /adl/simulate``."""

    marks: Required[Sequence[float]]
    ids: Sequence[str] | None
    layout: Layout


class ExposureArguments(_StressArguments, total=False):
    """Fields of ``POST /adl/exposure``."""

    moves: Moves | Fields
    liquidity: Mapping[str, float]
    ids: Sequence[str] | None
    position: OwnPosition | Fields | None
    leverage_mixes: Mapping[str, Shares] | None


class PatchArguments(TypedDict, total=False):
    """Fields of ``PATCH /venues/{venue}``; what is left out stays as it is, and ``None`` restores a default."""

    score: ThresholdsPatch | Fields
    funding: FundingPatch | Fields
    execution: ExecutionPatch | Fields
    contracts: Sequence[Contract] | None
    maintenance_margin_rate: float | None
    leverage_mix: Shares | None


class MarketArguments(TypedDict, total=False):
    """Fields of ``PUT /venues/{venue}/markets/{symbol}``."""

    contract: Contract | None
    contract_size: float | None
    lot_size: float | None
    maintenance_tiers: Sequence[MaintenanceTier | Fields]
    funding_rate: float | None
    funding_interval_hours: float | None
    funding_cap: float | None
    mark_price: float | None
    liquidation_spike: bool | None
    thin_liquidity: bool | None
    insurance_fund: float | None
    fund_peak: float | None
    adl_trigger: bool | None
    adl_rating: Literal["low", "medium", "high"] | None
    settles_at: Moment | None
    open_interest_high: bool | None
    open_interest: float | None
    entries: Sequence[Entry | Fields]
    entries_seen: float | None
    size_for_one_percent: float | None
    volatility: float | None
    observed_at: Moment | None
    source: str
    ttl_seconds: float
