"""One position from a reading to the next: what of it is told."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.alerts import tell_alerts
from adlrisk.watch.messages.sentences.distance import tell_farther, tell_nearer
from adlrisk.watch.messages.sentences.levels import find_level
from adlrisk.watch.messages.sentences.score import tell_closed, tell_standing
from adlrisk.watch.messages.standing import OK, Standing, standing_of
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import ObservedPosition
from adlrisk.watch.rules.readings import settle_alerts, settle_level, settle_standing
from adlrisk.watch.state.account_state import PositionState

Followed = tuple[PositionState | None, tuple[Message, ...]]


def begin_position(observed: ObservedPosition) -> PositionState:
    """The state of a position that was not there before, or that a start begins with."""
    return PositionState(
        observed=observed,
        standing=standing_of(observed),
        alerts=observed.alerts,
        distance_level=find_level(observed.liquidation_distance),
    )


def meet_position(observed: ObservedPosition, account: Subject) -> Followed:
    """A position that was not there at the reading before; nothing is told if it is ok."""
    state = begin_position(observed)
    return state, _tell(state, account, was=None, alerts=(), level=0)


def follow_position(kept: PositionState, observed: ObservedPosition, account: Subject) -> Followed:
    """A position that is still there."""
    state = PositionState(
        observed=observed,
        standing=settle_standing(kept, observed),
        alerts=settle_alerts(kept, observed),
        distance_level=settle_level(kept, observed),
    )
    return state, _tell(state, account, was=kept.standing, alerts=kept.alerts, level=kept.distance_level)


def miss_position(kept: PositionState, account: Subject, *, is_unread: bool) -> Followed:
    """A position that a complete reading does not have: gone once two say so, and told if anything was told of it.

    ``is_unread``: its fills could not be read, so an ADL may have taken it.
    """
    if not kept.is_absent:
        return replace(kept, is_absent=True), ()
    if kept.standing == OK and not kept.alerts and not kept.distance_level:
        return None, ()
    return None, (tell_closed(account.narrow_to(*kept.key), was=kept.standing, is_unread=is_unread),)


def _tell(
    state: PositionState, account: Subject, *, was: Standing | None, alerts: tuple[str, ...], level: int
) -> tuple[Message, ...]:
    """What is told of the change from the standing, the alerts and the level before."""
    subject, told = account.narrow_to(*state.key), []
    if state.standing != (was or OK):
        told.append(tell_standing(subject, state.observed, now=state.standing, was=was))
    raised = tuple([code for code in state.alerts if code not in alerts])
    ended = tuple([code for code in alerts if code not in state.alerts])
    if raised or ended:
        told.append(tell_alerts(subject, state.observed, raised=raised, ended=ended, now=state.alerts))
    if state.distance_level > level:
        told.append(tell_nearer(subject, state.observed, level=state.distance_level))
    if state.distance_level < level:
        told.append(tell_farther(subject, state.observed, level=state.distance_level, was=level))
    return tuple(told)
