"""Scoring of a position with its market record: a pure function of both, of the rules and of the time."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from msgspec import Struct

from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.api.endpoints.shared.market_lookup import describe_lookup, find_moment
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.position.market import Market, complete_request
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.contracts import refuse_contract
from adlrisk.domain.scoring.score import score
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.venues.catalogue import Venue
from adlrisk.venues.market_records import Lookup, LookupStatus, StoredRecord

_NOTHING: Final[frozenset[str]] = frozenset()

Answer = TypeVar("Answer", bound=ScoreAnswer)


class Asked(Struct, frozen=True, gc=False):
    """What a request says of a position: its market, its symbol, and the time, which may be left open."""

    position: Position
    market: Market
    symbol: str | None
    as_of: str | None


class Completed(Struct, frozen=True, gc=False):
    """A position and its market after its record has filled in what the request left out."""

    position: Position
    market: Market
    filled: frozenset[str]  # names of the fields that come from the record
    as_of: datetime
    asked: Asked
    record: Lookup
    status: LookupStatus  # what became of the record


def complete(asked: Asked, *, rules: VenueRules, now: datetime, record: Lookup) -> Completed:
    """``asked`` with what ``record``, the market record of its symbol or why there is none, fills in.

    It does so until it expires. One from a clock that is ahead is used at the time of its observation, if the request
    leaves the time open.

    Raises:
        RefusedError: the record contradicts the position, or the venue has no contracts of its kind.
    """
    if asked.position.contract not in rules.contracts:
        raise refuse_contract(asked.position.contract, rules, path=("position", "contract"))
    as_of = now if asked.as_of is None else datetime.fromisoformat(asked.as_of)
    if not isinstance(record, StoredRecord):
        return Completed(asked.position, asked.market, _NOTHING, as_of, asked, record, record)
    moment = find_moment(asked.as_of, record, as_of)
    if moment is None:
        return Completed(asked.position, asked.market, _NOTHING, as_of, asked, record, "out_of_time")
    found = complete_request(asked.position, asked.market, record.market)
    status: LookupStatus = "used" if found.filled else "unused"
    return Completed(found.position, found.market, found.filled, moment, asked, record, status)


def score_completed(
    given: Completed,
    *,
    venue: Venue,
    account: SharedAccount | None = None,
    build: Callable[..., Answer] = ScoreAnswer,  # type: ignore[assignment]  # the default of Answer
) -> Answer:
    """The score of a position whose market is complete; ``account`` is what it shares with other legs.

    The answer is made by ``build`` from the fields of ``ScoreAnswer``.

    Raises:
        RefusedError: the position cannot be scored, e.g. a meter reading off the venue's scale.
    """
    scored = score(
        given.position,
        market=given.market,
        rules=venue.rules,
        as_of=given.as_of,
        cached=given.filled,
        account=account,
    )
    return build(
        score=scored.score,
        max_score=scored.max_score,
        score_upper=scored.score_upper,
        band=scored.band,
        band_upper=scored.band_upper,
        standing=scored.standing,
        nearer_danger=scored.nearer_danger,
        guidance=scored.guidance,
        signals=scored.signals,
        missing=scored.missing,
        state=scored.state,
        queue=scored.queue,
        trigger=scored.trigger,
        alerts=scored.alerts,
        actions=scored.actions,
        market=None
        if given.asked.symbol is None
        else describe_lookup(given.record, symbol=given.asked.symbol, status=given.status, as_of=given.as_of),
        venue=venue.ref,
        as_of=given.asked.as_of or format_datetime(given.as_of),
    )
