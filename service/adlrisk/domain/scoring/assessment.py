"""The assessment of a position: everything that a score says, as figures and words of fixed sets, without sentences."""

from datetime import datetime

from msgspec import Struct

from adlrisk.domain.position.arithmetic import sign_of
from adlrisk.domain.position.maintenance import UNKNOWN, Maintenance
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState, derive_with_maintenance
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.scoring.band import Band, band_of
from adlrisk.domain.scoring.danger import FoundDanger, Liquidation, find_danger, find_liquidation
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signals import POINTS_PER_SIGNAL, Judgement, judge_signals
from adlrisk.domain.scoring.standing import FoundPlace, find_place
from adlrisk.domain.scoring.trigger import FoundTrigger, judge_trigger


class Assessment(Struct, frozen=True, kw_only=True, gc=False):
    """A position as it was judged; ``score`` explains it."""

    state: PositionState
    maintenance: Maintenance
    judgements: tuple[Judgement, ...]  # of the five signals
    points: int
    upper: int  # the points if every unknown signal that applies had fired
    band: Band
    band_upper: Band
    place: FoundPlace
    liquidation: Liquidation
    danger: FoundDanger
    trigger: FoundTrigger


def assess(
    position: Position,
    *,
    market: Market,
    rules: VenueRules,
    as_of: datetime,
    cached: frozenset[str] = frozenset(),
    account: SharedAccount | None = None,
) -> Assessment:
    """The assessment of ``position`` under the rules of its venue and the given market data.

    The arguments are those of ``score.score``.

    Raises:
        RefusedError: the venue has no ADL meter, or a reading is not on its scale.
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
    points, unknown = 0, 0
    for judgement in judgements:
        if judgement.fired:
            points += POINTS_PER_SIGNAL
        elif judgement.fired is None and judgement.applicable:
            unknown += POINTS_PER_SIGNAL
    band = band_of(points)
    place = find_place(state, rules=rules, rank=judgements[-1].value)
    liquidation = find_liquidation(
        state,
        maintenance_margin=maintenance.total,
        knows_price=account is None or account.knows_liquidation,
    )
    danger = find_danger(
        state,
        side=sign_of(position.side),
        mark=position.mark_price,
        liquidation=liquidation,
        near=rules.score.precomputed.near_liquidation,
        band=band,
        place=place.place,
        account=account,
    )
    return Assessment(
        state=state,
        maintenance=maintenance,
        judgements=judgements,
        points=points,
        upper=points + unknown,
        band=band,
        band_upper=band_of(points + unknown),
        place=place,
        liquidation=liquidation,
        danger=danger,
        trigger=judge_trigger(position, market, rules=rules, as_of=as_of),
    )
