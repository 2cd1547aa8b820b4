"""Scores of open positions: cross ones as legs of their margin account, the others each by itself."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from adlrisk.api.endpoints.account.answer import answer_account
from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, Leg
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.account.figures import AccountFigures
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.positions.consistency import compare_liquidation, find_impossible_backing, find_impossible_end
from adlrisk.positions.cross_accounts import CrossAccount, Hidden, without_backing
from adlrisk.positions.open_position import OpenPosition
from adlrisk.venues.catalogue import Catalogue

Basis = Literal["isolated", "account", "unknown"]


class ScoredPosition(Struct, frozen=True, kw_only=True):
    """An open position with its answer, or the reason why it has none."""

    held: OpenPosition
    position: Position | None = None  # with what backs it
    answer: ScoreAnswer | None = None
    account: CrossAccount | None = None  # of a cross position
    not_scored_reason: str | None = None
    notes: tuple[str, ...] = ()  # what its answer shows that its venue sees otherwise

    @property
    def margin_basis(self) -> Basis:
        """What backs the position: its own margin or the account's equity, if that is known."""
        if self.position is None or (self.position.margin is None and self.position.equity is None):
            return "unknown"
        return "isolated" if self.account is None else "account"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed for the position and for its account."""
        of_account = () if self.account is None else self.account.assumptions
        return (*self.held.assumptions, *of_account, *self.notes)


class ScoredAccount(Struct, frozen=True, kw_only=True):
    """A margin account with the figures of its cross positions together."""

    account: CrossAccount
    figures: AccountFigures


class ScoredPositions(Struct, frozen=True, kw_only=True):
    """The positions that were requested, in the order of the venue, and the margin accounts of the cross ones."""

    positions: tuple[ScoredPosition, ...]
    accounts: tuple[ScoredAccount, ...]
    has_formula: bool  # whether the venue's ranking key can be computed


def score_all(
    held: Sequence[OpenPosition],
    accounts: Iterable[CrossAccount],
    *,
    venue: str,
    venues: Catalogue,
    now: datetime,
) -> ScoredPositions:
    """The requested positions among ``held`` with the answers of ``POST /account`` at ``now``."""
    scored: dict[int, ScoredPosition] = {}
    described = []
    for account in accounts:
        try:
            known, answer = _score_account(account, venue=venue, venues=venues, now=now)
        except RefusedError as error:
            scored |= {id(one): _refuse(one, error) for one in account.positions}
            continue
        scored |= {id(one.held): one for one in _pair(known, answer)}
        if any(one.is_requested for one in account.positions):
            described.append(ScoredAccount(account=known, figures=answer.account))
    return ScoredPositions(
        positions=tuple(
            scored.get(id(one)) or _score_alone(one, venue=venue, venues=venues, now=now)
            for one in held
            if one.is_requested
        ),
        accounts=tuple(described),
        has_formula=venues[venue].rules.ranking.formula is not None,
    )


def _score_account(
    account: CrossAccount, *, venue: str, venues: Catalogue, now: datetime
) -> tuple[CrossAccount, AccountAnswer]:
    """The account and its answer; without what backs it, where that contradicts a venue's liquidation price.

    Raises:
        RefusedError: its legs contradict each other.
    """
    unreadable = [_as_unreadable(one) for one in account.hidden]
    answer = answer_account(build_request(account, venue), venues=venues, now=now, unreadable=unreadable)
    for one, found in zip(account.positions, answer.positions, strict=False):
        doubt = None if isinstance(found, Exception) else _find_impossible_backing(one, found)
        if doubt is not None:
            doubted = without_backing(account, f"{one.name}: {doubt}")
            request = build_request(doubted, venue)
            return doubted, answer_account(request, venues=venues, now=now, unreadable=unreadable)
    return account, answer


def _find_impossible_backing(one: OpenPosition, answer: ScoreAnswer) -> str | None:
    if one.position is None or one.liquidation_price is None:
        return None
    if answer.state.equity is not None and answer.state.equity <= 0.0:
        return find_impossible_end(mark=one.position.mark_price, liquidation=one.liquidation_price)
    return find_impossible_backing(
        one.position.side,
        bankruptcy=answer.state.bankruptcy_price,
        mark=one.position.mark_price,
        liquidation=one.liquidation_price,
    )


def build_request(account: CrossAccount, venue: str) -> Account:
    """The request of ``POST /account`` with the positions of ``account``, whose legs have their indices as ids."""
    backing = account.backing
    return Account(
        venue=venue,
        equity=None if backing is None else backing.amount,
        wallet_balance=None if backing is None else backing.wallet_balance,
        maintenance_margin=None if backing is None else backing.maintenance_margin,
        positions=list_legs(account),
    )


def list_legs(account: CrossAccount) -> list[Leg]:
    """The positions of ``account`` as its legs, with their indices as ids.

    Where they settle in several dollar tokens, the account counts each as a dollar, and so do its legs.
    """
    legs = [as_leg(one, id_=str(index)) for index, one in enumerate(account.positions)]
    if len({leg.settlement for leg in legs}) > 1:
        legs = [msgspec.structs.replace(leg, settlement=account.name) for leg in legs]
    return legs


def as_leg(one: OpenPosition, *, id_: str, margin_mode: MarginMode = "cross") -> Leg:
    """The position, which can be scored, as a leg that its account backs, or its own margin."""
    base = None if one.currencies is None else one.currencies.base
    fields = _list_fields(one) | {"margin_mode": margin_mode}
    return Leg(**fields, id=id_, symbol=one.symbol, underlying=base)


def _as_unreadable(hidden: Hidden) -> UnreadableLeg:
    error = RefusedError(problem="invalid-request", path=(), detail=hidden.reason)
    return UnreadableLeg(error, symbol=hidden.symbol)


def _pair(account: CrossAccount, answer: AccountAnswer) -> Iterator[ScoredPosition]:
    """The positions of ``account`` with their answers; those of what is hidden come after them."""
    figures = answer.account
    for one, found in zip(account.positions, answer.positions, strict=False):
        if isinstance(found, RefusedError):
            yield _refuse(one, found)
            continue
        position = msgspec.structs.replace(
            Position(**_list_fields(one)),
            equity=figures.equity,
            wallet_balance=figures.wallet_balance,
            maintenance_margin=figures.maintenance_margin or None,
        )
        yield ScoredPosition(held=one, position=position, answer=found, account=account, notes=_compare(one, found))


def _score_alone(one: OpenPosition, *, venue: str, venues: Catalogue, now: datetime) -> ScoredPosition:
    """Score an isolated position, or one of unknown margin mode, which has no margin then."""
    if one.position is None:
        return ScoredPosition(held=one, not_scored_reason=one.not_scored_reason)
    try:
        return _answer_alone(one, Position(**_list_fields(one)), venue=venue, venues=venues, now=now)
    except RefusedError as error:
        return _refuse(one, error)


def _answer_alone(
    one: OpenPosition, position: Position, *, venue: str, venues: Catalogue, now: datetime
) -> ScoredPosition:
    """Score ``position``; without its margin, where that contradicts the venue's liquidation price."""
    answer = answer_score(ScoreRequest(venue=venue, position=position), venues=venues, now=now)
    doubt = _find_impossible_backing(one, answer)
    if doubt is None:
        return ScoredPosition(held=one, position=position, answer=answer, notes=_compare(one, answer))
    position = msgspec.structs.replace(position, margin=None)
    answer = answer_score(ScoreRequest(venue=venue, position=position), venues=venues, now=now)
    return ScoredPosition(held=one, position=position, answer=answer, notes=(doubt,))


def _compare(one: OpenPosition, answer: ScoreAnswer) -> tuple[str, ...]:
    """A note on the liquidation prices here and at the venue, if they differ."""
    state = answer.state
    if one.position is None:
        return ()
    note = compare_liquidation(ours=state.liquidation_price, venues=one.liquidation_price, mark=one.position.mark_price)
    return () if note is None else (note,)


def _refuse(one: OpenPosition, error: RefusedError) -> ScoredPosition:
    return ScoredPosition(held=one, not_scored_reason=error.detail)


def _list_fields(one: OpenPosition) -> dict[str, Any]:
    """The position's own figures, with its margin mode and the currency that it settles in."""
    if one.position is None:
        return {}
    settlement = None if one.currencies is None else one.currencies.settle
    return msgspec.structs.asdict(one.position) | {"margin_mode": one.margin_mode, "settlement": settlement}
