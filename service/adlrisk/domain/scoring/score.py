"""The ADL score: five signals of two points each, the band of their sum, and advice."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.position.maintenance import Maintenance
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import Alternative, VenueRules
from adlrisk.domain.rules.formulas import AlternativeKey, QueueKey, lacks_maintenance, needs_wallet, queue_key
from adlrisk.domain.scoring.advice.action import Action
from adlrisk.domain.scoring.advice.advise import advise
from adlrisk.domain.scoring.advice.case import Case
from adlrisk.domain.scoring.alerts import Alert, begin_guidance
from adlrisk.domain.scoring.assessment import assess
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import NearerDanger, explain_danger
from adlrisk.domain.scoring.guidance import guidance_for
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signal_reasons import Signal, explain_signals
from adlrisk.domain.scoring.signals import POINTS_PER_SIGNAL, Judgement
from adlrisk.domain.scoring.standing import Standing, explain_standing
from adlrisk.domain.scoring.trigger import Trigger, explain_trigger

MAX_SCORE: Final = 5 * POINTS_PER_SIGNAL


class Score(Struct, frozen=True, kw_only=True, gc=False):
    """Which conditions of an auto-deleveraging one position meets, what threatens it first, and what to do.

    The score counts conditions that are met; it is not a probability: 8 of 10 is not 80 %.
    """

    score: Annotated[
        int,
        Meta(
            description="Points of the signals that fired: 0, 2, 4, 6, 8 or 10. It counts conditions that are met and "
            "is not a probability: 8 of 10 is not 80 %."
        ),
    ]
    max_score: Annotated[int, Meta(description="Always 10.")]
    score_upper: Annotated[int, Meta(description="The score if every unknown signal that applies had fired.")]
    band: Annotated[Band, Meta(description="low: 0 or 2, watch: 4 or 6, high: 8 or 10.")]
    band_upper: Annotated[Band, Meta(description="The band of `score_upper`.")]
    standing: Annotated[Standing, Meta(description="Where the position stands in the venue's ADL queue.")]
    nearer_danger: Annotated[NearerDanger, Meta(description="What threatens the position first.")]
    guidance: Annotated[
        str,
        Meta(
            description="One sentence for band, standing and nearer danger together; before it another while an ADL "
            "is on at the venue."
        ),
    ]
    signals: Annotated[
        tuple[Signal, ...],
        Meta(description="Always five: leverage, profit, funding, market_stress, adl_meter."),
    ]
    missing: Annotated[
        tuple[str, ...],
        Meta(description="Request fields that would settle what is unknown."),
    ]
    state: PositionState
    queue: Annotated[
        QueueKey | None,
        Meta(
            description="The venue's own ranking key; null if the venue has no queue, its formula is "
            "unknown, or the equity or maintenance margin it needs is missing."
        ),
    ]
    trigger: Annotated[
        Trigger | None,
        Meta(description="What is known of whether the venue is about to deleverage the contract; null: nothing is."),
    ]
    alerts: Annotated[
        tuple[Alert, ...],
        Meta(description="What announces an auto-deleveraging beside the signals, in a fixed order; no points."),
    ]
    actions: Annotated[
        tuple[Action, ...],
        Meta(
            description="Most useful first: what moves a near liquidation away, then what lowers the band. Covers "
            "every signal that fired or is within 20 % of its threshold."
        ),
    ]


def score(
    position: Position,
    *,
    market: Market,
    rules: VenueRules,
    as_of: datetime,
    cached: frozenset[str] = frozenset(),
    account: SharedAccount | None = None,
) -> Score:
    """The score of ``position`` under the rules of its venue and the given market data.

    ``as_of`` is an aware datetime; it decides whether a thin session or an event is on, and whether a settlement is
    near. ``cached`` names the fields that a market record has filled in, so that signals can state their source.
    ``account`` is given for a leg whose account is not described by the position alone.

    Raises:
        RefusedError: the venue has no ADL meter, or the reading is not on its scale.
    """
    found = assess(position, market=market, rules=rules, as_of=as_of, cached=cached, account=account)
    state, place, danger, due = found.state, found.place.place, found.danger.danger, found.liquidation.is_due
    signals = explain_signals(
        found.judgements, position=position, state=state, market=market, rules=rules, as_of=as_of, account=account
    )
    queue, lacking = _rank(position, state, found.maintenance, rules, account)
    case = Case(
        position=position,
        state=state,
        market=market,
        rules=rules,
        queue=queue,
        maintenance=found.maintenance,
        place=place,
        danger=danger,
        is_due=due,
        points=found.points,
        upper=found.upper,
        fired=tuple([judgement.signal for judgement in found.judgements if judgement.fired]),
        concerns=tuple([judgement.signal for judgement in found.judgements if judgement.near]),
        account=account,
    )
    told = explain_trigger(found.trigger, cached=cached)
    guidance = guidance_for(
        found.band,
        place,
        danger,
        is_due=due,
        knows_band=found.band_upper == found.band,
        mechanism=rules.mechanism,
    )
    return Score(
        score=found.points,
        max_score=MAX_SCORE,
        score_upper=found.upper,
        band=found.band,
        band_upper=found.band_upper,
        standing=explain_standing(
            found.place, state, rules=rules, reading=position.adl_meter, rank=found.judgements[-1].value
        ),
        nearer_danger=explain_danger(
            found.danger,
            state,
            mark=position.mark_price,
            knows_liquidation=found.liquidation.is_known,
            near=rules.score.precomputed.near_liquidation,
            band=found.band,
            place=place,
            in_account=account is not None,
        ),
        guidance=begin_guidance(guidance, told.alerts) if told.alerts else guidance,
        signals=signals,
        missing=_list_missing(found.judgements, lacking),
        state=state,
        queue=queue,
        trigger=told.trigger,
        alerts=told.alerts,
        actions=(*told.actions, *advise(case)),
    )


def _list_missing(judgements: tuple[Judgement, ...], of_ranking: tuple[str, ...]) -> tuple[str, ...]:
    """The request fields that would settle what is unknown, each once."""
    fields = [field for judgement in judgements for field in judgement.missing]
    return tuple(dict.fromkeys([*fields, *of_ranking]))


def _rank(
    position: Position,
    state: PositionState,
    maintenance: Maintenance,
    rules: VenueRules,
    account: SharedAccount | None,
) -> tuple[QueueKey | None, tuple[str, ...]]:
    """The venue's ranking key, and the request fields that would settle it if it is unknown."""
    formula = rules.ranking.formula
    if formula is None:
        return None, ()
    lacking: tuple[str, ...] = ()
    if lacks_maintenance(formula, state, maintenance.total):
        lacking = ((account and account.missing_maintenance) or "maintenance_margin_rate",)
    if account is not None and not account.knows_wallet and needs_wallet(formula, state):
        return None, ("wallet_balance", *lacking)
    key = queue_key(position, state, formula=formula, confidence=rules.confidence, maintenance_margin=maintenance.total)
    if key is None:
        return None, lacking
    if rules.alternatives:
        others = tuple(_rank_otherwise(position, state, maintenance, other, account) for other in rules.alternatives)
        key = msgspec.structs.replace(key, alternatives=others)
    return key, ()


def _rank_otherwise(
    position: Position,
    state: PositionState,
    maintenance: Maintenance,
    other: Alternative,
    account: SharedAccount | None,
) -> AlternativeKey:
    key = None
    if account is None or account.knows_wallet or not needs_wallet(other.formula, state):
        key = queue_key(
            position, state, formula=other.formula, confidence=other.confidence, maintenance_margin=maintenance.total
        )
    return AlternativeKey(
        formula=other.formula,
        priority=None if key is None else key.priority,
        eligible=None if key is None else key.eligible,
        confidence=other.confidence,
    )
