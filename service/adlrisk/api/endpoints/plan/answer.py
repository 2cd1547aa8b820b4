"""The answer to ``POST /plan``: options drafted by the domain, each with the request that gives what it promises."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import UNSET

from adlrisk.api.endpoints.plan.bodies import write_body
from adlrisk.api.endpoints.plan.place import build_find_fifth, require_key
from adlrisk.api.endpoints.plan.schema import Option, PlanAnswer, PlanRequest, read_target
from adlrisk.api.endpoints.plan.subjects import Records, Subject, open_subject
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.domain.planning.candidate import find_candidate
from adlrisk.domain.planning.costs.terms import Terms
from adlrisk.domain.planning.draft import Draft
from adlrisk.domain.planning.held import Held
from adlrisk.domain.planning.option import Figures
from adlrisk.domain.planning.options import list_options
from adlrisk.domain.planning.search.least import Turns, finish
from adlrisk.domain.planning.sentences import AccountStanding, list_not_yours, list_worse
from adlrisk.domain.planning.situation import Situation
from adlrisk.domain.planning.target import Judged
from adlrisk.domain.position.position import Contract
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import MarketKey, StoredRecord

_LOT_SIZE = 1e-8
_MARGIN_STEPS: Mapping[Contract, float] = {"linear": 0.01, "inverse": 1e-8}


def answer_plan(request: PlanRequest, *, venues: Catalogue, now: datetime) -> PlanAnswer:
    """Answer ``request`` at ``now`` without market records, all turns at once.

    Raises:
        UnknownVenueError, RefusedError: as for ``plan_in_turns``.
    """
    return finish(plan_in_turns(request, venues=venues, now=now, records={}))


def plan_in_turns(request: PlanRequest, *, venues: Catalogue, now: datetime, records: Records) -> Turns[PlanAnswer]:
    """Answer ``request`` at ``now``; a pure function, in turns.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be answered.
        ProblemError: its book is inconsistent, or the position's place in it is unknown.
    """
    as_of = request.as_of or _settle_moment(now, records)
    subject = open_subject(request, venues=venues, as_of=as_of, records=records)
    find_fifth = build_find_fifth(request, subject.held.position, subject.venue)

    def judge(held: Held) -> Judged:
        score = subject.score(held)
        return Judged(score=score, fifth=find_fifth(held, score))

    now_judged = judge(subject.held)
    require_key(request, now_judged.score)
    situation = Situation(
        held=subject.held,
        is_cross=subject.is_cross,
        now=now_judged,
        judge=judge,
        own_maintenance=subject.own_maintenance,
        target=read_target(request.target),
        terms=_settle_terms(request, subject, _find_lot_size(subject, as_of, records)),
        thresholds=subject.venue.rules.score.precomputed,
        orders=request.orders,
        has_other_legs=_count_cross(request) > 1,
    )
    candidate = (yield from find_candidate(situation)) if request.candidate else None
    drafts = [] if request.candidate else (yield from list_options(situation))
    before = AccountStanding(subject.account_after(subject.held), subject.net_exposure(subject.held))
    options: list[Option] = []
    for draft in drafts:
        yield
        options.append(_finish(draft, subject, before))
    reached = situation.reaches(situation.now)
    return PlanAnswer(
        now=_show(situation.now, subject),
        missing=_list_missing(situation),
        account=before.account,
        reached=reached,
        reachable=reached
        or (candidate is not None and candidate.is_possible)
        or any(draft.reaches_target and draft.action != "close" for draft in drafts),
        options=tuple(options),
        not_yours=list_not_yours(situation.now.score),
        candidate=candidate,
        confidence=None if request.book is UNSET else subject.venue.rules.confidence,
        venue=subject.venue.ref,
        as_of=as_of,
    )


def _settle_terms(request: PlanRequest, subject: Subject, lot_size: float | None) -> Terms:
    contract = subject.held.position.contract
    return Terms(
        taker_fee=request.taker_fee,
        lot_size=request.lot_size or lot_size or _LOT_SIZE,
        margin_step=request.margin_step or _MARGIN_STEPS[contract],
        has_lots=request.lot_size is not None,
        depth=request.depth,
    )


def _find_lot_size(subject: Subject, as_of: str, records: Records) -> float | None:
    """The lot of the symbol's market record."""
    if subject.symbol is None:
        return None
    record = records.get(MarketKey(subject.venue.rules.id, subject.symbol))
    if not isinstance(record, StoredRecord) or not record.is_valid_at(datetime.fromisoformat(as_of)):
        return None
    return record.market.lot_size


def _settle_moment(now: datetime, records: Records) -> str:
    """Now, or the latest observation by a clock that is ahead: the requests of the options name it."""
    moments = [record.moment_of_use(now) for record in records.values() if isinstance(record, StoredRecord)]
    return format_datetime(max([now.astimezone(UTC), *(moment for moment in moments if moment is not None)]))


def _count_cross(request: PlanRequest) -> int:
    return 0 if request.positions is UNSET else sum(leg.margin_mode == "cross" for leg in request.positions)


def _list_missing(situation: Situation) -> tuple[str, ...]:
    """The fields that would settle the score, and when the position is liquidated."""
    rate = () if situation.knows_maintenance else ("maintenance_margin_rate",)
    return tuple(dict.fromkeys((*situation.now.score.missing, *rate)))


def _finish(draft: Draft, subject: Subject, before: AccountStanding) -> Option:
    held = None if draft.after is None else draft.held
    request = subject.request_without() if held is None else subject.request(held)
    after = AccountStanding(subject.account_after(held), subject.net_exposure(held))
    return Option(
        action=draft.action,
        amount=draft.amount,
        unit=draft.unit,
        cost=draft.cost,
        after=_CLOSED if draft.after is None else _show(draft.after, subject),
        request=None if request is None else write_body(request),
        reaches_target=draft.reaches_target,
        turns_off=draft.turns_off,
        does_not_change=draft.does_not_change,
        account=after.account,
        makes_worse=list_worse(before, after),
        orders=draft.orders,
    )


_CLOSED = Figures(
    score=0,
    score_upper=0,
    band="low",
    danger="none",
    effective_leverage=None,
    gross_leverage=None,
    liquidation_price=None,
    priority=None,
    fifth=None,
)


def _show(judged: Judged, subject: Subject) -> Figures:
    score = judged.score
    is_leg = subject.held.account is not None
    return Figures(
        score=score.score,
        score_upper=score.score_upper,
        band=score.band,
        danger=score.nearer_danger.danger,
        effective_leverage=score.state.effective_leverage,
        gross_leverage=score.signals[0].value if is_leg else None,
        liquidation_price=score.state.liquidation_price,
        priority=None if score.queue is None else score.queue.priority,
        fifth=judged.fifth,
    )
