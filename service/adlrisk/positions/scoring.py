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
from adlrisk.domain.position.position import Position
from adlrisk.positions.cross_accounts import CrossAccount, Hidden
from adlrisk.positions.positions import OpenPosition
from adlrisk.venues.catalogue import Catalogue

Basis = Literal["isolated", "account", "unknown"]


class ScoredPosition(Struct, frozen=True, kw_only=True):
    """An open position with its answer, or the reason why it has none."""

    held: OpenPosition
    position: Position | None = None  # with what backs it
    answer: ScoreAnswer | None = None
    account: CrossAccount | None = None  # of a cross position
    not_scored_reason: str | None = None

    @property
    def margin_basis(self) -> Basis:
        """What backs the position: its own margin or the account's equity, if that is known."""
        if self.position is None or (self.position.margin is None and self.position.equity is None):
            return "unknown"
        return "isolated" if self.account is None else "account"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed for the position and for its account."""
        return (*self.held.assumptions, *(() if self.account is None else self.account.assumptions))


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
        unreadable = [_as_unreadable(one) for one in account.hidden]
        try:
            answer = answer_account(_build_request(account, venue), venues=venues, now=now, unreadable=unreadable)
        except RefusedError as error:
            scored |= {id(one): _refuse(one, error) for one in account.positions}
            continue
        scored |= {id(one.held): one for one in _pair(account, answer)}
        if any(one.is_requested for one in account.positions):
            described.append(ScoredAccount(account=account, figures=answer.account))
    return ScoredPositions(
        positions=tuple(
            scored.get(id(one)) or _score_alone(one, venue=venue, venues=venues, now=now)
            for one in held
            if one.is_requested
        ),
        accounts=tuple(described),
        has_formula=venues[venue].rules.ranking.formula is not None,
    )


def _build_request(account: CrossAccount, venue: str) -> Account:
    backing = account.backing
    return Account(
        venue=venue,
        equity=None if backing is None else backing.amount,
        wallet_balance=None if backing is None else backing.wallet_balance,
        maintenance_margin=None if backing is None else backing.maintenance_margin,
        positions=[_as_leg(one, index) for index, one in enumerate(account.positions)],
    )


def _as_leg(one: OpenPosition, index: int) -> Leg:
    """The position as a leg that its account backs."""
    base = None if one.currencies is None else one.currencies.base
    fields = _list_fields(one) | {"margin_mode": "cross"}
    return Leg(**fields, id=str(index), symbol=one.symbol, underlying=base)


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
        yield ScoredPosition(held=one, position=position, answer=found, account=account)


def _score_alone(one: OpenPosition, *, venue: str, venues: Catalogue, now: datetime) -> ScoredPosition:
    """Score an isolated position, or one of unknown margin mode, which has no margin then."""
    if one.position is None:
        return ScoredPosition(held=one, not_scored_reason=one.not_scored_reason)
    position = Position(**_list_fields(one))
    request = ScoreRequest(venue=venue, position=position)
    try:
        found = answer_score(request, venues=venues, now=now)
    except RefusedError as error:
        return _refuse(one, error)
    return ScoredPosition(held=one, position=position, answer=found)


def _refuse(one: OpenPosition, error: RefusedError) -> ScoredPosition:
    return ScoredPosition(held=one, not_scored_reason=error.detail)


def _list_fields(one: OpenPosition) -> dict[str, Any]:
    """The position's own figures, with its margin mode and the currency that it settles in."""
    if one.position is None:
        return {}
    settlement = None if one.currencies is None else one.currencies.settle
    return msgspec.structs.asdict(one.position) | {"margin_mode": one.margin_mode, "settlement": settlement}
