"""The ADL score: five signals of two points each, the band of their sum, and advice."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.position.arithmetic import sign_of
from adlrisk.domain.position.maintenance import UNKNOWN, Maintenance
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState, derive_with_maintenance
from adlrisk.domain.rules.card import Alternative, VenueRules
from adlrisk.domain.rules.formulas import AlternativeKey, QueueKey, lacks_maintenance, needs_wallet, queue_key
from adlrisk.domain.scoring.advice.action import Action
from adlrisk.domain.scoring.advice.advise import advise
from adlrisk.domain.scoring.advice.case import Case
from adlrisk.domain.scoring.alerts import Alert, begin_guidance
from adlrisk.domain.scoring.band import Band, band_of
from adlrisk.domain.scoring.danger import NearerDanger, find_liquidation, find_nearer_danger
from adlrisk.domain.scoring.guidance import guidance_for
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signals import POINTS_PER_SIGNAL, Judgement, Signal, SignalName, judge_signals
from adlrisk.domain.scoring.standing import Standing, find_standing
from adlrisk.domain.scoring.trigger import Trigger, judge_trigger

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
    rate = position.maintenance_margin_rate
    if rate is None:
        rate = rules.maintenance_margin_rate
    state, maintenance = derive_with_maintenance(
        position,
        maintenance_margin_rate=rate,
        maintenance_basis=rules.maintenance_basis,
        prices=None if account is None else account.prices,
    )
    if account is not None and account.missing_maintenance is not None:
        maintenance = UNKNOWN
    judgements = judge_signals(position, state, market=market, rules=rules, as_of=as_of, cached=cached, account=account)
    queue, lacking = _rank(position, state, maintenance, rules, account)
    summary = _summarise(judgements)
    band, meter = band_of(summary.points), summary.signals[-1]
    standing = find_standing(state, rules=rules, reading=position.adl_meter, place=meter.value)
    liquidation = find_liquidation(
        state,
        maintenance_margin=maintenance.total,
        knows_price=account is None or account.knows_liquidation,
    )
    danger = find_nearer_danger(
        state,
        side=sign_of(position.side),
        mark=position.mark_price,
        liquidation=liquidation,
        near=rules.score.precomputed.near_liquidation,
        band=band,
        place=standing.place,
        account=account,
    )
    case = Case(
        position=position,
        state=state,
        market=market,
        rules=rules,
        queue=queue,
        maintenance=maintenance,
        place=standing.place,
        danger=danger.danger,
        is_due=liquidation.is_due,
        points=summary.points,
        fired=summary.fired,
        concerns=summary.concerns,
        account=account,
    )
    judged = judge_trigger(position, market, rules=rules, as_of=as_of, cached=cached)
    band_upper = band_of(summary.upper)
    guidance = guidance_for(
        band,
        standing.place,
        danger.danger,
        is_due=liquidation.is_due,
        knows_band=band_upper == band,
        mechanism=rules.mechanism,
    )
    return Score(
        score=summary.points,
        max_score=MAX_SCORE,
        score_upper=summary.upper,
        band=band,
        band_upper=band_upper,
        standing=standing,
        nearer_danger=danger,
        guidance=begin_guidance(guidance, judged.alerts) if judged.alerts else guidance,
        signals=summary.signals,
        missing=(*summary.missing, *[field for field in lacking if field not in summary.missing]),
        state=state,
        queue=queue,
        trigger=judged.trigger,
        alerts=judged.alerts,
        actions=(*judged.actions, *advise(case)),
    )


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


class _Summary(Struct, frozen=True, kw_only=True):
    """The sum of the five judgements."""

    points: int
    upper: int
    signals: tuple[Signal, ...]
    fired: tuple[SignalName, ...]
    concerns: tuple[SignalName, ...]
    missing: tuple[str, ...]


def _summarise(judgements: tuple[Judgement, ...]) -> _Summary:
    """Sum up the judgements in one pass: separate passes took a tenth of the time of a score."""
    points, upper = 0, 0
    signals: list[Signal] = []
    fired: list[SignalName] = []
    concerns: list[SignalName] = []
    missing: list[str] = []
    for judgement in judgements:
        signal = judgement.signal
        signals.append(signal)
        points += signal.points
        upper += signal.points
        if signal.fired is None:
            upper += POINTS_PER_SIGNAL if signal.applicable else 0
            missing += [name for name in judgement.missing if name not in missing]
        elif signal.near:
            concerns.append(signal.signal)
            if signal.fired:
                fired.append(signal.signal)
    return _Summary(
        points=points,
        upper=upper,
        signals=tuple(signals),
        fired=tuple(fired),
        concerns=tuple(concerns),
        missing=tuple(missing),
    )
