"""The summary of a scored position: what an answer of ``POST /score`` says, in the order in which a trader needs it."""

from collections.abc import Iterable, Sequence
from typing import Final

from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.market_lookup import MarketLookup
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Position
from adlrisk.summaries.layout import lay_out
from adlrisk.venues.catalogue import VenueRef

Part = tuple[str, Sequence[str]]  # a label and its paragraphs

NOT_A_PROBABILITY: Final = "conditions met, not a probability: 8 of 10 is not 80 %"
_FIRST_ACTIONS: Final = 3


def summarise_score(request: ScoreRequest, answer: ScoreAnswer) -> str:
    """The summary of ``answer`` to ``request``."""
    market = f"{request.symbol} at {answer.venue.id}" if request.symbol else answer.venue.id
    return lay_out(
        f"{market}: {describe_position(request.position)}, as of {answer.as_of}",
        [
            *list_judgement(answer),
            *list_signals(answer),
            ("actions", list_actions(answer, at_most=_FIRST_ACTIONS)),
            ("missing", [describe_missing(answer)]),
            ("market", describe_market(answer.market)),
            ("venue", [describe_venue(answer.venue)]),
        ],
    )


def describe_position(position: Position) -> str:
    """Side, size and prices."""
    contracts = "" if position.contract_size == 1.0 else f" contracts of {format_number(position.contract_size)}"
    return (
        f"{position.side} {format_number(position.size)}{contracts} from {format_number(position.entry_price)}, "
        f"mark {format_number(position.mark_price)}"
    )


def list_judgement(answer: ScoreAnswer) -> Iterable[Part]:
    """The score with its range and band, and what it means for the position."""
    danger, standing = answer.nearer_danger, answer.standing
    yield "score", [f"{describe_score(answer)} ({NOT_A_PROBABILITY})"]
    yield "guidance", [answer.guidance]
    yield "danger", [f"{danger.danger}: {danger.reason}"]
    yield "standing", [f"{standing.place}: {standing.reason}"]
    yield "alerts", [f"{alert.alert}: {alert.reason}" for alert in answer.alerts]


def describe_score(answer: ScoreAnswer) -> str:
    """The score and the band, from what is known to what is possible."""
    score = format_range(str(answer.score), str(answer.score_upper))
    return f"{score} of {answer.max_score}, {format_range(answer.band, answer.band_upper)}"


def format_range(lower: str, upper: str) -> str:
    """Both ends of a range, or the value that it is.

    >>> format_range("2", "6"), format_range("low", "low")
    ('2 to 6', 'low')
    """
    return lower if lower == upper else f"{lower} to {upper}"


def list_signals(answer: ScoreAnswer) -> Iterable[Part]:
    """The signals that fired, are near their threshold, or are unknown, with their reasons."""
    fired = [f"{one.signal}: {one.reason}" for one in answer.signals if one.fired]
    near = [f"{one.signal}: {one.reason}" for one in answer.signals if one.near and not one.fired]
    unknown = [f"{one.signal}: {one.reason}" for one in answer.signals if one.fired is None]
    yield "fired", fired or ["no signal"]
    yield "near", near
    yield "unknown", unknown


def list_actions(answer: ScoreAnswer, *, at_most: int) -> list[str]:
    """The first actions, numbered, and how many more there are."""
    if not answer.actions:
        return ["none"]
    shown = [f"{number}. {one.action}: {one.reason}" for number, one in enumerate(answer.actions[:at_most], start=1)]
    more = len(answer.actions) - at_most
    return [*shown, f"{more} more with --json"] if more > 0 else shown


def describe_missing(answer: ScoreAnswer) -> str:
    """The fields that would settle what is unknown."""
    return ", ".join(answer.missing) or "nothing"


def describe_market(lookup: MarketLookup | None) -> list[str]:
    """What became of the market record, if the request names a symbol."""
    if lookup is None:
        return []
    age = "" if lookup.age_seconds is None else f", {format_number(lookup.age_seconds)} s old"
    return [f"record of {lookup.symbol} {lookup.status.replace('_', ' ')}{age}"]


def describe_venue(venue: VenueRef) -> str:
    """The rules that the answer is based on, and how old what they say is."""
    days = venue.facts_age_days
    age = "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"
    return f"{venue.id}, its facts read {age}; {venue.source}, revision {venue.revision}"
