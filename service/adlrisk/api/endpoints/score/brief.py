"""Scoring in brief: what was found, without the sentences of an answer."""

from datetime import datetime

from msgspec import UNSET

from adlrisk.api.endpoints.score.answer import complete_request
from adlrisk.api.endpoints.score.schema import BriefScore, ScoresItem
from adlrisk.domain.scoring.assessment import assess
from adlrisk.domain.scoring.score import MAX_SCORE
from adlrisk.telemetry.metrics import ScoreFigures
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import Lookup


def score_briefly(
    item: ScoresItem, *, venues: Catalogue, now: datetime, record: Lookup = "absent"
) -> tuple[BriefScore, ScoreFigures]:
    """The answer to ``item`` in brief, and the figures that the metrics count.

    Raises:
        UnknownVenueError, RefusedError: as for ``answer_score``.
    """
    given, venue = complete_request(item, venues=venues, now=now, record=record)
    found = assess(given.position, market=given.market, rules=venue.rules, as_of=given.as_of, cached=given.filled)
    raised = found.trigger.alerts
    alerts = tuple([alert.alert for alert in raised]) if raised else ()
    leverage, profit, funding, market_stress, adl_meter = found.judgements
    answer = BriefScore(
        id=UNSET if item.id is None else item.id,
        score=found.points,
        score_upper=found.upper,
        band=found.band,
        band_upper=found.band_upper,
        standing=found.place.place,
        danger=found.danger.danger,
        alerts=alerts,
        liquidation_price=found.state.liquidation_price,
    )
    figures = ScoreFigures(
        venue.rules.id,
        found.band,
        found.points / MAX_SCORE,
        (leverage.fired, profit.fired, funding.fired, market_stress.fired, adl_meter.fired),
        None if item.symbol is None else given.status,
        alerts,
    )
    return answer, figures
