"""Margin accounts from a reading to the next: nearer to liquidation at once, farther after two readings."""

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.levels import find_level
from adlrisk.watch.messages.sentences.margins import name_margin, tell_account_farther, tell_account_nearer
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import ObservedAccount, Reading
from adlrisk.watch.state.account_state import AccountState, MarginState


def begin_margins(state: AccountState, reading: Reading) -> tuple[MarginState, ...]:
    """The margin accounts as a start shows them; those that a reading which is not complete lacks stay."""
    seen = {each.name: _begin(each) for each in reading.accounts}
    unseen = [] if reading.is_complete else [each for each in state.margins if each.observed.name not in seen]
    return (*seen.values(), *unseen)


def follow_margins(state: AccountState, reading: Reading, subject: Subject) -> tuple[AccountState, tuple[Message, ...]]:
    """The margin accounts after a reading; one that is no longer there has no distance."""
    kept = {each.observed.name: each for each in state.margins}
    observed = {each.name: each for each in reading.accounts}
    margins: list[MarginState] = []
    messages: list[Message] = []
    for name in dict.fromkeys((*kept, *observed)):
        before = kept.get(name, MarginState(observed=_unknown(name)))
        if name not in observed and not reading.is_complete:
            margins.append(before)
            continue
        after = _settle(before, observed.get(name, _unknown(name)))
        messages += _tell(before, after, subject)
        if name in observed or after.distance_level:
            margins.append(after)
    return replace(state, margins=tuple(margins)), tuple(messages)


def _unknown(name: str) -> ObservedAccount:
    return ObservedAccount(name=name, distance=None, direction=None)


def _begin(observed: ObservedAccount) -> MarginState:
    return MarginState(observed=observed, distance_level=find_level(observed.distance))


def _settle(before: MarginState, observed: ObservedAccount) -> MarginState:
    level = max(find_level(before.observed.distance), find_level(observed.distance))
    return MarginState(observed=observed, distance_level=level)


def _tell(before: MarginState, after: MarginState, account: Subject) -> tuple[Message, ...]:
    subject, level, was = (
        account.narrow_to(name_margin(after.observed.name), None),
        after.distance_level,
        before.distance_level,
    )
    if level > was:
        return (tell_account_nearer(subject, after.observed, level=level),)
    if level < was:
        return (tell_account_farther(subject, after.observed, level=level, was=was),)
    return ()
