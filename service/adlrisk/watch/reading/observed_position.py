"""A position as it is observed: what was read of it, and what its answer says."""

from typing import TYPE_CHECKING, Final, cast

from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.positions.open_position import OpenPosition
from adlrisk.watch.reading.observed import ObservedPosition

if TYPE_CHECKING:
    from adlrisk.domain.position.position import Side

_NOT_SCORED: Final = "it could not be scored"


def observe(held: OpenPosition, *, answer: ScoreAnswer | None, reason: str | None = None) -> ObservedPosition:
    """``held`` with its ``answer``, or with the ``reason`` why it has none."""
    liquidation = _find_liquidation_price(held, answer)
    mark = None if held.position is None else held.position.mark_price
    read = ObservedPosition(
        symbol=held.symbol,
        side=cast("Side | None", held.side),
        size=find_size(held),
        mark_price=mark,
        liquidation_price=liquidation,
        liquidation_distance=_find_distance(answer, mark=mark, liquidation=liquidation),
        not_scored_reason=(reason or _NOT_SCORED) if answer is None else None,
    )
    return read if answer is None else _add_answer(read, answer)


def find_size(held: OpenPosition) -> float | None:
    """The size in contracts; unknown where it contradicts the venue's other figures."""
    return None if held.contradiction else held.size


def _find_liquidation_price(held: OpenPosition, answer: ScoreAnswer | None) -> float | None:
    """The venue's own, by which it liquidates; where it publishes none, the answer's."""
    if held.liquidation_price is not None:
        return held.liquidation_price
    return None if answer is None else answer.state.liquidation_price


def _find_distance(answer: ScoreAnswer | None, *, mark: float | None, liquidation: float | None) -> float | None:
    """How far the mark is from liquidation, a fraction of it; 0.0 where that is due, ``None`` if not known."""
    if answer is not None and _is_due(answer):
        return 0.0
    if mark is None or liquidation is None:
        return None
    return abs(mark - liquidation) / mark


def _is_due(answer: ScoreAnswer) -> bool:
    state = answer.state
    distance, equity = state.liquidation_distance, state.equity
    return (distance is not None and distance <= 0.0) or (equity is not None and equity <= 0.0)


def _add_answer(read: ObservedPosition, answer: ScoreAnswer) -> ObservedPosition:
    return ObservedPosition(
        symbol=read.symbol,
        side=read.side,
        size=read.size,
        mark_price=read.mark_price,
        liquidation_price=read.liquidation_price,
        liquidation_distance=read.liquidation_distance,
        score=answer.score,
        score_upper=answer.score_upper,
        band=answer.band,
        band_upper=answer.band_upper,
        missing=tuple(answer.missing),
        alerts=tuple(str(alert.alert) for alert in answer.alerts),
        guidance=answer.guidance,
    )
