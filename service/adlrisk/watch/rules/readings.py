"""What two readings in a row say of a position: better counts once both say so, worse counts at once."""

from collections.abc import Iterable

from adlrisk.domain.position.position import Side
from adlrisk.watch.messages.sentences.levels import find_level
from adlrisk.watch.messages.standing import Standing, standing_of, worse_of
from adlrisk.watch.reading.observed import ObservedPosition
from adlrisk.watch.state.account_state import PositionState


def one_of_each(positions: Iterable[ObservedPosition]) -> dict[tuple[str, Side | None], ObservedPosition]:
    """The positions by contract and side; of several with the same, the one that stands worst."""
    worst: dict[tuple[str, Side | None], ObservedPosition] = {}
    for position in positions:
        key = position.symbol, position.side
        if key not in worst or _badness(position) > _badness(worst[key]):
            worst[key] = position
    return worst


def settle_standing(kept: PositionState, observed: ObservedPosition) -> Standing:
    """The standing after this reading: the worst of it and the one before."""
    return worse_of(standing_of(kept.observed), standing_of(observed))


def settle_alerts(kept: PositionState, observed: ObservedPosition) -> tuple[str, ...]:
    """The alerts after this reading, those of the one before included."""
    return tuple(dict.fromkeys((*_alerts_of(observed, kept), *_alerts_of(kept.observed, kept))))


def settle_level(kept: PositionState, observed: ObservedPosition) -> int:
    """The level of the distance after this reading: the nearest of it and the one before."""
    return max(_level_of(observed, kept), _level_of(kept.observed, kept))


def _alerts_of(observed: ObservedPosition, kept: PositionState) -> tuple[str, ...]:
    """A position that cannot be scored has no alerts because nothing is known of them, so none has ended."""
    return observed.alerts if observed.band is not None else (*kept.alerts, *observed.alerts)


def _level_of(observed: ObservedPosition, kept: PositionState) -> int:
    """The same of a distance. That of a scored position may also be unknown because no price would liquidate it."""
    if observed.liquidation_distance is None and observed.band is None:
        return kept.distance_level
    return find_level(observed.liquidation_distance)


def _badness(position: ObservedPosition) -> tuple[tuple[int, int], int, int]:
    return standing_of(position).order(), find_level(position.liquidation_distance), len(position.alerts)
