"""An account in the course of being answered: its legs are completed and measured together, then scored one by one."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from adlrisk.api.endpoints.account.checks import check_legs
from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, AccountRequest, Leg, ScoredLeg
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg, own_group, shown_group
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.api.endpoints.shared.score_position import Asked, Completed, complete, score_completed
from adlrisk.api.http.problems import ProblemError
from adlrisk.domain.account.account import MarginAccount
from adlrisk.domain.account.figures import AccountFigures, GivenFigures
from adlrisk.domain.account.legs import AccountLeg, measure_leg
from adlrisk.domain.account.underlyings import Hedge, Underlying, describe_underlying
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.figures import check_figures
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.venues.catalogue import Catalogue, Venue
from adlrisk.venues.market_records import Lookup, MarketKey


class ReadLeg(Struct, frozen=True, gc=False):
    """A leg with what its market record fills in, and what it contributes to the account."""

    id: str
    is_cross: bool
    given: Completed
    measured: AccountLeg


class OpenAccount:
    """An account whose legs are scored one by one, so that other requests can have their turn between them."""

    def __init__(
        self, request: Account | AccountRequest, legs: Sequence[ReadLeg | UnreadableLeg], *, venue: Venue, now: datetime
    ) -> None:
        """Put ``legs``, the positions of ``request`` as they have been read, into one account."""
        self.as_of = request.as_of or format_datetime(now)
        self._venue = venue
        self._legs = legs
        unreadable = [leg for leg in legs if isinstance(leg, UnreadableLeg)]
        hidden = [leg for leg in unreadable if leg.is_cross]
        self._account = MarginAccount(
            [leg.measured for leg in legs if leg.is_cross and isinstance(leg, ReadLeg)],
            GivenFigures(
                wallet_balance=request.wallet_balance,
                equity=request.equity,
                maintenance_margin=request.maintenance_margin,
            ),
            unreadable=len(hidden),
            hidden_symbols=frozenset(leg.symbol for leg in hidden),
        )
        self._nets = _net_by_underlying(self._account.legs)
        self._hidden_underlyings = frozenset(leg.underlying for leg in unreadable)
        self._scored: dict[int, ScoredLeg] = {}

    @property
    def figures(self) -> AccountFigures:
        """The figures of the cross legs together."""
        return self._account.figures

    def back(self, leg: Position) -> Position:
        """The cross leg with what the account has behind it, as `POST /score` would have it."""
        return _in_account(leg, self._account)

    def score_leg(self, index: int) -> ScoredLeg | RefusedError | ProblemError:
        """Score the leg at ``index`` as a part of the account, or return why it cannot be scored, or not even read."""
        leg = self._legs[index]
        if isinstance(leg, UnreadableLeg):
            return leg.error
        try:
            scored = self._scored[index] = self._score(leg)
        except RefusedError as error:
            return _locate(error, index)
        return scored

    def group_by_underlying(self) -> list[tuple[str, list[int]]]:
        """Group the indices of the legs by what they are a bet on, in the order in which it first occurs."""
        groups: dict[str, list[int]] = defaultdict(list)
        for index, leg in enumerate(self._legs):
            if isinstance(leg, ReadLeg):
                groups[leg.measured.underlying].append(index)
        return list(groups.items())

    def describe_underlying(self, _: int, group: tuple[str, Sequence[int]]) -> Underlying:
        """Describe a group of legs once all are scored."""
        name, indices = group
        hedges = [
            _as_hedge(leg, self._scored.get(index))
            for index in indices
            if isinstance(leg := self._legs[index], ReadLeg)
        ]
        return describe_underlying(
            hedges,
            name=shown_group(name),
            equity=self._account.equity if self._venue.rules.execution.price == "mark" else None,
            is_complete=self._hidden_underlyings.isdisjoint((name, None)),
        )

    def _score(self, leg: ReadLeg) -> ScoredLeg:
        given, account, shared = leg.given, self._account, None
        if leg.is_cross:
            given = msgspec.structs.replace(given, position=_in_account(given.position, account))
            shared = (
                None
                if account.is_one_position
                else _share(account, leg.measured, net=self._nets[leg.measured.underlying])
            )
        return score_completed(given, venue=self._venue, account=shared, build=partial(ScoredLeg, id=leg.id))


def answer_account(
    request: Account, *, venues: Catalogue, now: datetime, unreadable: Sequence[UnreadableLeg] = ()
) -> AccountAnswer:
    """Answer ``request`` at ``now`` without market records; a pure function.

    ``unreadable`` are legs that the account has besides; their errors follow the scores.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: legs contradict each other.
    """
    venue = venues[request.venue]
    check_legs(request.positions)
    read = build_reader(request, venue=venue, now=now, records={})
    legs = [*(read(index, leg) for index, leg in enumerate(request.positions)), *unreadable]
    account = OpenAccount(request, legs, venue=venue, now=now)
    return AccountAnswer(
        account=account.figures,
        positions=[account.score_leg(index) for index in range(len(legs))],
        underlyings=tuple(account.describe_underlying(*group) for group in enumerate(account.group_by_underlying())),
        venue=venue.ref,
        as_of=account.as_of,
    )


def market_keys(legs: Sequence[Leg | UnreadableLeg], venue: Venue) -> list[MarketKey]:
    """Return the keys of the legs' market records."""
    symbols = {leg.symbol: None for leg in legs if isinstance(leg, Leg)}
    return [MarketKey(venue.rules.id, symbol) for symbol in symbols if symbol is not None]


def build_reader(
    request: Account | AccountRequest, *, venue: Venue, now: datetime, records: Mapping[MarketKey, Lookup]
) -> Callable[[int, Leg | UnreadableLeg], ReadLeg | UnreadableLeg]:
    """Return the function that completes and measures the leg at an index of ``request``.

    It raises ``RefusedError`` if the venue's card or the market record of the leg's symbol contradicts it.
    """
    record_of, rules = {key.symbol: record for key, record in records.items()}, venue.rules

    def read_leg(index: int, leg: Leg | UnreadableLeg) -> ReadLeg | UnreadableLeg:
        if isinstance(leg, UnreadableLeg):
            return leg
        symbol, record, market = leg.symbol, _ABSENT, _NOTHING_KNOWN
        if symbol is not None:
            record = record_of.get(symbol, _ABSENT)
            market = request.markets.get(symbol, _NOTHING_KNOWN)
        group, is_cross = symbol or own_group(leg.id), leg.margin_mode == "cross"
        underlying = leg.underlying or group
        try:
            given = complete(Asked(leg, market, symbol, request.as_of), rules=rules, now=now, record=record)
        except RefusedError as error:
            raise _locate(error, index) from error
        try:
            check_figures(leg)
        except RefusedError as error:  # its scale is wrong, so what it contributes to the account is not known
            return UnreadableLeg(_locate(error, index), is_cross, id=leg.id, symbol=group, underlying=underlying)
        return ReadLeg(leg.id, is_cross, given, measure_leg(given.position, rules, symbol=group, underlying=underlying))

    return read_leg


_ABSENT: Final[Lookup] = "absent"
_MORE: Final = 1.0 + 1e-9  # beyond rounding
_NOTHING_KNOWN: Final = Market()


def _in_account(leg: Position, account: MarginAccount) -> Position:
    """The cross leg as `POST /score` would have it; its slider says nothing of what backs it."""
    return Position(
        side=leg.side,
        size=leg.size,
        entry_price=leg.entry_price,
        mark_price=leg.mark_price,
        equity=account.equity,
        wallet_balance=account.wallet_balance,
        contract=leg.contract,
        contract_size=leg.contract_size,
        maintenance_margin_rate=leg.maintenance_margin_rate,
        maintenance_amount=leg.maintenance_amount,
        maintenance_margin=account.maintenance or None,
        maintenance_basis=leg.maintenance_basis,
        adl_meter=leg.adl_meter,
        adl_meter_before=leg.adl_meter_before,
        margin_mode=leg.margin_mode,
        settlement=leg.settlement,
        hedged=leg.hedged,
    )


def _net_by_underlying(legs: Sequence[AccountLeg]) -> dict[str, float]:
    """The signed notional of the cross legs by underlying."""
    nets: dict[str, float] = defaultdict(float)
    for leg in legs:
        nets[leg.underlying] += leg.signed_notional
    return nets


def _share(account: MarginAccount, leg: AccountLeg, *, net: float) -> SharedAccount:
    figures = account.figures
    return SharedAccount(
        legs=account.count,
        gross_notional=figures.gross_notional,
        gross_leverage=figures.gross_leverage,
        net_leverage=figures.net_leverage,
        prices=account.prices(leg),
        leg_hedges=abs(net - leg.signed_notional) > abs(net) * _MORE,
        nearest_move=figures.nearest_move,
        knows_liquidation=account.knows_liquidation(leg),
        knows_wallet=account.wallet_balance is not None,
        missing_backing=account.missing_backing,
        missing_maintenance=account.missing_maintenance(leg),
    )


def _as_hedge(leg: ReadLeg, scored: ScoredLeg | None) -> Hedge:
    measured = leg.measured
    if scored is None:
        return Hedge(id=leg.id, signed_notional=measured.signed_notional, band=None)
    return Hedge(
        id=leg.id,
        signed_notional=measured.signed_notional,
        band=scored.band,
        meter=scored.signals[-1].value,
        priority=None if scored.queue is None else scored.queue.priority,
        released=0.0 if leg.is_cross else _released(scored.state.equity),
    )


def _released(equity: float | None) -> float | None:
    """What an isolated leg gives back when it is closed: a loss ends at its margin."""
    return None if equity is None else max(0.0, equity)


def _locate(error: RefusedError, index: int) -> RefusedError:
    """``error``, whose path begins with "position", at its place in the request."""
    return RefusedError(problem=error.problem, path=("positions", index, *error.path[1:]), detail=error.detail)
