"""A position as it is observed: what was read of it, and what its answer says."""

from typing import TYPE_CHECKING, Final, cast

from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.positions.open_position import OpenPosition
from adlrisk.watch.reading.first_action import describe_action
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
        liquidation_distance=0.0 if _is_due(held, answer) else _find_distance(mark=mark, liquidation=liquidation),
        not_scored_reason=(reason or _NOT_SCORED) if answer is None else None,
    )
    return read if answer is None else _add_answer(read, answer)


def find_size(held: OpenPosition) -> float | None:
    """The size in contracts; unknown where it contradicts the venue's other figures."""
    return None if held.contradiction else held.size


def _find_liquidation_price(held: OpenPosition, answer: ScoreAnswer | None) -> float | None:
    """The venue's own, by which it liquidates, passed or not; where it publishes none, the answer's."""
    own = held.liquidation_price if held.passed_liquidation_price is None else held.passed_liquidation_price
    if own is not None:
        return own
    return None if answer is None else answer.state.liquidation_price


def _find_distance(*, mark: float | None, liquidation: float | None) -> float | None:
    """How far the mark is from liquidation, a fraction of it; ``None`` if not known."""
    return None if mark is None or liquidation is None else abs(mark - liquidation) / mark


def _is_due(held: OpenPosition, answer: ScoreAnswer | None) -> bool:
    """By the venue, whose price the mark has passed, or by the answer."""
    if held.passed_liquidation_price is not None:
        return True
    if answer is None:
        return False
    distance, equity = answer.state.liquidation_distance, answer.state.equity
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
        first_action=describe_action(answer.actions[0]) if answer.actions else None,
    )
