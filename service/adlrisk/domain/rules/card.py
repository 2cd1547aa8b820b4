"""Schema of a venue's rule card, and the consistency checks on every card.

The cards are TOML files in ``adlrisk.venues``; these Structs are what the catalogue decodes them into.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive, Rate
from adlrisk.domain.position.position import Contract, MaintenanceBasis
from adlrisk.domain.position.shares import reject_partial_shares
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.domain.rules.fills import FillMarkers
from adlrisk.domain.rules.formulas import FORMULAS, Confidence
from adlrisk.domain.rules.leverage_mix import DEFAULT_LEVERAGE_MIX, LeverageMix
from adlrisk.domain.rules.meter import Meter
from adlrisk.domain.rules.signal_thresholds import Thresholds

ContractsGiven = Annotated[
    Annotated[tuple[Contract, ...], Meta(min_length=1, extra_json_schema={"uniqueItems": True})],
    Meta(
        description="The kinds of contract that the venue has; the other kind is refused. Both, too, where it is not "
        "known whether the venue has the other."
    ),
]
ExecutionPrice = Literal["bankruptcy", "mark", "unknown"]
Mechanism = Literal["queue", "random", "keeper", "socialised", "none", "unknown"]


class Ranking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the venue orders its queue."""

    formula: Annotated[str | None, Meta(description="Name of the queue formula; null if the venue's is unknown.")] = (
        None
    )
    note: str | None = None
    history: Annotated[tuple[str, ...], Meta(description="Older rules, dated, in words.")] = ()

    def __post_init__(self) -> None:
        """Reject an unknown formula."""
        if self.formula is not None:
            _reject_unknown_formula(self.formula)


class Alternative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another ranking that a source gives for the venue."""

    formula: Annotated[str, Meta(description="Name of the queue formula.")]
    confidence: Annotated[Confidence, Meta(description="How well it is known that the venue ranks by it.")]
    note: Annotated[str, Meta(description="In what it differs, and why it may be right.")]
    source: Annotated[str, Meta(description="Who gives it, and when.")]

    def __post_init__(self) -> None:
        """Reject an unknown formula."""
        _reject_unknown_formula(self.formula)


class Execution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms of the forced fill of a reduced position."""

    price: Annotated[
        ExecutionPrice,
        Meta(description="Fill price: the liquidated position's bankruptcy price, or the mark price."),
    ] = "unknown"
    fee: Annotated[Literal["none", "maker", "taker", "unknown"], Meta(description="Fee on the forced fill.")] = (
        "unknown"
    )
    cancels_orders: Annotated[
        bool | None, Meta(description="Whether the reduced holder's open orders are cancelled; null unknown.")
    ] = None
    partial: Annotated[bool | None, Meta(description="Whether a position can be reduced in part; null unknown.")] = None
    note: str | None = None


class TriggerRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What triggers an auto-deleveraging."""

    rule: str | None = None
    pool: Annotated[str | None, Meta(description="What one insurance pool covers.")] = None
    drawdown: Annotated[
        Annotated[float, Meta(gt=0.0, le=1.0)] | None,
        Meta(
            description="Fall of the insurance fund from its peak that triggers an auto-deleveraging, a fraction; null "
            "where this is not the venue's rule, or not known."
        ),
    ] = None
    settlement_hours: Annotated[
        Positive | None,
        Meta(
            description="Last hours before the settlement of a contract in which the insurance fund does not support "
            "liquidations; null where no such rule is known."
        ),
    ] = None


class Funding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Funding terms that hold for all contracts of the venue."""

    interval_hours: Annotated[
        Positive | None,
        Meta(description="Default funding interval, hours; null if contracts differ or it is not known."),
    ] = None
    note: str | None = None


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of the card, and the day it was read."""

    title: str
    where: str
    read: date


class VenueRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue's rule card: its ADL rule, the evidence for it, and what is not known."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: Literal["exchange", "protocol"]
    ccxt: Annotated[tuple[str, ...], Meta(description="Ids of the venue in ccxt; empty if it has none.")] = ()
    contracts: ContractsGiven = ("linear", "inverse")
    mechanism: Annotated[Mechanism, Meta(description="How the venue distributes bankrupt positions.")]
    mechanism_note: Annotated[
        str | None,
        Meta(description="What a venue without a queue does instead, or what is known of a queue without a formula."),
    ] = None
    maintenance_basis: Annotated[
        MaintenanceBasis,
        Meta(description="The value that maintenance margin is based on; `mark` also if the venue does not say."),
    ] = "mark"
    maintenance_margin_rate: Annotated[
        Rate | None, Meta(description="The venue's rate, if it has one for all contracts; a fraction.")
    ] = None
    confidence: Annotated[
        Confidence | None,
        Meta(
            description="How well the ranking is known, or the mechanism where there is no formula; `disputed`: "
            "sources contradict each other, see `alternatives`; null if not even the mechanism is known."
        ),
    ] = None
    ranking: Ranking = Ranking()
    alternatives: Annotated[
        tuple[Alternative, ...], Meta(description="Rankings that other sources give for the venue.")
    ] = ()
    meter: Meter | None = None
    execution: Execution = Execution()
    trigger: TriggerRule = TriggerRule()
    score: Thresholds = Thresholds()
    funding: Funding = Funding()
    conditions: Conditions = Conditions()
    leverage_mix: Annotated[
        LeverageMix,
        Meta(
            description="Leverage that open interest is taken to be opened with where a book is made up of aggregates; "
            "shares sum to 1. The default is our own estimate: no venue publishes one."
        ),
    ] = DEFAULT_LEVERAGE_MIX
    fills: FillMarkers = FillMarkers()
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    unknown: Annotated[tuple[str, ...], Meta(description="What the sources do not say.")] = ()

    def __post_init__(self) -> None:
        """Reject a card that contradicts itself."""
        if len(set(self.contracts)) != len(self.contracts):
            raise ValueError("Contradicting field `contracts`: a kind is listed twice")
        if len(set(self.ccxt)) != len(self.ccxt):
            raise ValueError("Contradicting field `ccxt`: an id is listed twice")
        if self.mechanism != "queue" and self.ranking.formula is not None:
            raise ValueError("Contradicting field `mechanism`: only a queue has a formula")
        if self.ranking.formula is None and self.mechanism_note is None:
            raise ValueError("Object missing required field `mechanism_note`: no queue or no formula, so what instead?")
        if self.confidence is None and self.mechanism != "unknown":
            raise ValueError("Object missing required field `confidence`: how well is the mechanism known?")
        reject_partial_shares("leverage_mix", self.leverage_mix)
        self._check_alternatives()

    @property
    def checked(self) -> date:
        """The day by which the card was last checked: when the oldest of its sources was read."""
        return min(source.read for source in self.sources)

    def _check_alternatives(self) -> None:
        formulas = [self.ranking.formula, *(other.formula for other in self.alternatives)]
        if len(set(formulas)) != len(formulas):
            raise ValueError("Contradicting field `alternatives`: a formula is listed twice")
        if self.confidence == "disputed" and not self.alternatives:
            raise ValueError("Object missing required field `alternatives`: a disputed ranking has another")


def _reject_unknown_formula(name: str) -> None:
    if name not in FORMULAS:
        choices = " or ".join(f"`{formula}`" for formula in FORMULAS)
        raise ValueError(f"Unknown value of field `formula`: must be {choices}, not {name[:32]!r}")
