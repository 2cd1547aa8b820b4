"""The brief answer to an item, made of the full one."""

from msgspec import UNSET

from adlrisk.api.endpoints.score.schema import BriefScore
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer


def shorten(full: ScoreAnswer, id_: str | None) -> BriefScore:
    """What the brief answer has of ``full``, with the id of the item."""
    return BriefScore(
        id=UNSET if id_ is None else id_,
        score=full.score,
        score_upper=full.score_upper,
        band=full.band,
        band_upper=full.band_upper,
        standing=full.standing.place,
        danger=full.nearer_danger.danger,
        alerts=tuple(alert.alert for alert in full.alerts),
        liquidation_price=full.state.liquidation_price,
    )
